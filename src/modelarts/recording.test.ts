import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Headers } from 'undici';

import { RecordedExchange, RecordingHeader } from '../api/recording.ts';
import { Redactor } from '../observability/redactor.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { operations } from './endpoints.ts';
import { decodePool, decodePoolList } from './decode/pool.ts';
import { Cursor } from './decode/read.ts';
import { decodeResourceSpecs } from './decode/resource-spec.ts';
import { decodeRuntimeMetrics } from './decode/runtime-metrics.ts';
import { decodeStatistics } from './decode/statistics.ts';
import { decodeTrainingJobVersions } from './decode/training-job-version.ts';
import { decodeWorkloadPage } from './decode/workload.ts';
import { fixture } from './fixtures/fixture.ts';
import type { Exchange } from './observer.ts';
import { Recorder } from './recording.ts';
import { Scrambler } from './recording-scrambler.ts';

const ajv = new Ajv({ strict: true });
const isHeader = ajv.compile(RecordingHeader);
const isExchange = ajv.compile<RecordedExchange>(RecordedExchange);

const project = '0123456789abcdef0123456789abcdef';

function exchange(over: Partial<Exchange> = {}): Exchange {
  return {
    operation: operations.getPool,
    ids: { project, pool: 'pool-npu-b-0123456789abcdef0123456789abcdef' },
    query: [],
    sequence: 1,
    sentAt: 1500.4,
    durationMs: 20.6,
    answer: {
      status: 200,
      headers: new Headers({
        date: 'Wed, 11 Jun 2025 07:00:00 GMT',
        'content-type': 'application/json',
        'set-cookie': 'session=canary-in-a-cookie',
      }),
      body: fixture('pool-npu'),
    },
    secrets: [],
    ...over,
  };
}

function record(
  exchanges: readonly Exchange[],
  options: { readonly scrambler?: Scrambler; readonly redactor?: Redactor; readonly most?: number } = {},
): { readonly lines: string[]; readonly recorded: RecordedExchange[]; readonly faults: unknown[] } {
  const lines: string[] = [];
  const faults: unknown[] = [];
  const clock = virtualClock();
  const redactor = options.redactor ?? new Redactor();
  const recorder = new Recorder({
    clock,
    version: '1.2.3',
    mask: (text) => redactor.whole(text),
    scrambler: options.scrambler,
    write: (line) => lines.push(line) < (options.most ?? Infinity),
    onFault: (error) => faults.push(error),
  });
  for (const one of exchanges) recorder.record(one);
  const [header, ...recorded] = lines.map((line) => JSON.parse(line) as unknown);
  expect(isHeader(header)).toBe(true);
  for (const one of recorded) expect([isExchange(one), isExchange.errors]).toEqual([true, null]);
  return { lines, recorded: recorded as RecordedExchange[], faults };
}

const bodyOf = (body: unknown, over: Partial<Exchange> = {}, scrambler?: Scrambler): unknown =>
  record(
    [exchange({ ...over, answer: { status: 200, headers: new Headers(), body: body as never } })],
    scrambler && { scrambler },
  ).recorded[0]?.body;

describe('a recorded exchange', () => {
  it('holds the request, when it was made and what came back', () => {
    const [recorded] = record([exchange({ query: [['labelSelector', 'a=b']] })]).recorded;
    expect(recorded).toMatchObject({
      sequence: 1,
      at: 1500,
      duration: 21,
      method: 'GET',
      path: `/v2/${project}/pools/pool-npu-b-${project}`,
      query: 'labelSelector=a%3Db',
      status: 200,
      headers: { date: 'Wed, 11 Jun 2025 07:00:00 GMT', 'content-type': 'application/json' },
    });
  });

  it('holds no header but those that matter', () => {
    const { lines, recorded } = record([exchange()]);
    expect(Object.keys(recorded[0]?.headers ?? {})).toEqual(['date', 'content-type']);
    expect(lines.join()).not.toContain('canary');
  });

  it('says so where no answer came', () => {
    const { answer: _answer, ...lost } = exchange();
    expect(record([lost]).recorded[0]).not.toHaveProperty('status');
  });

  it('holds of a body that is no JSON of ModelArts only what it is not', () => {
    const headers = new Headers({ 'content-type': 'text/html' });
    const bodyFault = 'a body of the content type text/html';
    const answer = { status: 502, headers, bodyFault };
    expect(record([exchange({ answer })]).recorded[0]).toMatchObject({
      status: 502,
      headers: { 'content-type': 'text/html' },
      bodyFault,
    });
  });

  it.each([
    ['pool-gpu', operations.getPool, decodePool],
    ['pool-npu', operations.getPool, decodePool],
    ['pools-list', operations.listPools, decodePoolList],
    ['workloads-page', operations.listWorkloads, (body: Cursor) => decodeWorkloadPage(body, 'p')],
    ['workloads-npu', operations.listWorkloads, (body: Cursor) => decodeWorkloadPage(body, 'p')],
    ['statistics-statics', operations.getStatistics, decodeStatistics],
    ['statistics-statistics', operations.getStatistics, decodeStatistics],
    ['training-versions', operations.listTrainingJobVersions, decodeTrainingJobVersions],
    ['resource-specs', operations.listResourceSpecs, decodeResourceSpecs],
    ['runtime-metrics', operations.getRuntimeMetrics, decodeRuntimeMetrics],
  ] as const)('says to a decoder what the answer said: %s', (name, operation, decode) => {
    const body = fixture(name);
    const decoded = decode(new Cursor(body));
    expect(decoded).toBeDefined();
    expect(decode(new Cursor(bodyOf(body, { operation }) as typeof body))).toEqual(decoded);
  });

  it.each(['error-gateway-429', 'error-404-pool', 'error-iam-401', 'training-versions-failure'])(
    'says how a call failed: %s',
    (name) => {
      expect(bodyOf(fixture(name))).toEqual(fixture(name));
    },
  );

  it('says of a field that is foreign to us only its kind and its size', () => {
    const body = {
      metadata: {
        name: 'p',
        owner: 'a person',
        extra: { password: 'canary' },
        more: [1, 2],
        n: 7,
        none: null,
      },
      userLogin: { keyPairName: 'canary' },
    };
    expect(bodyOf(body)).toEqual({
      metadata: {
        name: 'p',
        owner: '[text of 8 characters]',
        extra: '[object]',
        more: '[list of 2]',
        n: '[number]',
        none: '[null]',
      },
      userLogin: '[object]',
    });
  });

  it('leaves out what labels and annotations say about accounts and key pairs', () => {
    const annotations = {
      'os.modelarts/order.id': 'CS2503',
      'os.modelarts/tenant.domain.name': 'a company',
      'example.com/keyPairName': 'my-key',
      'os.modelarts/description': 'a team AKIAEXAMPLEEXAMPLE01',
      team: 'vision',
    };
    expect(bodyOf({ metadata: { annotations } })).toEqual({
      metadata: {
        annotations: {
          'os.modelarts/order.id': '[text of 6 characters]',
          'os.modelarts/tenant.domain.name': '[text of 9 characters]',
          'example.com/keyPairName': '[text of 6 characters]',
          'os.modelarts/description': 'a team [redacted]',
          team: 'vision',
        },
      },
    });
  });

  it('invariant 11 (No secret leaves): wherever one stands', () => {
    const redactor = new Redactor();
    redactor.hold('canary-"of"-the-redactor');
    const body = {
      metadata: { name: 'canary-token', labels: { 'canary-token': 'x', note: 'canary-"of"-the-redactor' } },
      status: { phase: 'canary-token', message: 'signed with canary-token by AKIAEXAMPLEEXAMPLE01' },
      error_msg: 'X-Auth-Token: canary-in-a-message',
    };
    const answer = { status: 200, headers: new Headers({ 'content-type': 'text/canary-token' }), body };
    const { lines } = record([exchange({ answer, secrets: ['canary-token'] })], { redactor });
    expect(lines.join()).not.toMatch(/canary|AKIA/);
    expect(lines.join()).toContain('"note":"[redacted]"');
  });

  it('is the last one when no more is wanted', () => {
    expect(record([exchange(), exchange(), exchange()], { most: 3 }).recorded).toHaveLength(2);
  });

  it('ends with one fault, and never throws', () => {
    const hostile = exchange({ ids: { project: '..', pool: 'p' } });
    expect(record([hostile, exchange(), hostile])).toMatchObject({
      recorded: [],
      faults: [expect.anything()],
    });
  });
});

describe('a scrambled recording', () => {
  const scrambler = (): Scrambler => new Scrambler(Buffer.alloc(32, 7));

  it('names nothing that somebody named', () => {
    const page = fixture('workloads-page') as { items: Record<string, string>[] };
    const { lines } = record(
      [
        exchange(),
        exchange({
          operation: operations.listWorkloads,
          answer: { status: 200, headers: new Headers(), body: page },
        }),
      ],
      { scrambler: scrambler() },
    );
    const text = lines.join();
    expect(text).not.toContain(project);
    for (const name of ['npu-b', 'large model training', '9f8e7d6c', 'aa11bb22', 'network-llm'])
      expect(text).not.toContain(name);
    for (const { uid = '', name = '', jobName = '', jobUUID = '', hostIps = '' } of page.items)
      for (const value of [uid, name, jobName, jobUUID, ...hostIps.split(',')])
        if (value !== '') expect(text).not.toContain(value);
  });

  it('has one name for one thing, in paths, queries and bodies', () => {
    const pool = 'pool-npu-b-0123456789abcdef0123456789abcdef';
    const workspace = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';
    const [one, two] = record(
      [
        exchange(),
        exchange({
          operation: operations.listPools,
          ids: { project },
          query: [['workspaceId', workspace]],
          answer: {
            status: 200,
            headers: new Headers(),
            body: { kind: 'PoolList', items: [{ metadata: { name: pool } }] },
          },
        }),
      ],
      { scrambler: scrambler() },
    ).recorded as [RecordedExchange, RecordedExchange];
    const body = one.body as { metadata: { name: string; labels: Record<string, string> } };
    expect(one.path.endsWith(`/${body.metadata.name}`)).toBe(true);
    expect(two.body).toMatchObject({ items: [{ metadata: { name: body.metadata.name } }] });
    expect(two.query).toBe(`workspaceId=${body.metadata.labels['os.modelarts/workspace.id']}`);
    expect(two.path.split('/')[2]).toBe(one.path.split('/')[2]);
  });

  it('keeps 0, which is the default workspace', () => {
    const over = {
      operation: operations.listPools,
      ids: { project },
      query: [['workspaceId', '0']] as const,
    };
    expect(record([exchange(over)], { scrambler: scrambler() }).recorded[0]?.query).toBe('workspaceId=0');
  });
});
