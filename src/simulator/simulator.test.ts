import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch, type RequestInit, type Response } from 'undici';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import type { Scenario } from './schema.ts';
import { demoProjectID as p, demoToken } from './scenarios/demo.ts';
import { quietScenario } from './scenarios/quiet.ts';
import { startSimulator, type Simulator } from './simulator.ts';

const gpu = 'pool-gpu-a-0123456789abcdef0123456789abcdef';
const npu = 'pool-npu-b-0123456789abcdef0123456789abcdef';
const scenario: Scenario = {
  ...quietScenario,
  start: '2025-06-11T07:00:00Z',
  projects: [
    {
      ...quietScenario.projects[0]!,
      name: 'eu-de_demo',
      users: [{ name: 'reader', password: 'pass' }],
      tokenLifetime: '1h',
      pools: [
        ...quietScenario.projects[0]!.pools!,
        {
          name: 'legacy',
          id: 'pool9928813f',
          legacy: true,
          resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 2 }],
          jobs: [
            { name: 'v-done', status: 'Completed', age: '3h', duration: '1h' },
            { name: 'v-run', status: 'Running', age: '2h' },
            { name: 'v-wait', cards: 1, nodes: 2 },
          ],
        },
      ],
    },
  ],
};
/** The documented answers; those that only the simulator needs lie beside it. */
const own: ReadonlySet<string> = new Set(['nodes', 'events', 'projects-list']);
const sample = (name: string): unknown => {
  const folder = own.has(name) ? './fixtures' : '../modelarts/fixtures';
  return JSON.parse(readFileSync(new URL(`${folder}/${name}.json`, import.meta.url), 'utf8')) as unknown;
};

interface Row {
  uid: string;
  status: string;
  jobName: string;
  createTime: number;
  pendingPosition: number;
  pendingDuration: number;
  runningDuration: number;
  version_name: string;
  metadata?: { labels: Record<string, string> };
}

/** What the tests read of any answer. */
interface Body {
  items: Row[];
  versions: Row[];
  statistics: { total: number };
  token: { expires_at: string };
  error_code: string;
  error: string;
  total: number;
  results: unknown[];
  ids: string[];
  now: string;
  projects: { pools: { phase: string; jobs: unknown[] }[] }[];
}
const read = async (response: Response): Promise<Body> => (await response.json()) as Body;

let sim: Simulator;
beforeEach(async () => {
  sim = await startSimulator({ runtime: virtualClock(), scenario, manualClock: true });
});
afterEach(() => sim.stop());

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${sim.url}${path}`, { headers: { 'X-Auth-Token': demoToken }, ...init });
const json = async (path: string): Promise<Body> => read(await ask(path));
const control = async (method: string, path: string, body?: unknown): Promise<Body> => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  return read(await fetch(`${sim.url}/_sim/${path}`, init));
};

/** Key paths with the type of their value, the union over all rows of a list. */
function shape(value: unknown, path = '$', into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) shape(item, `${path}[]`, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) shape(inner, `${path}.${key}`, into);
  } else into.add(`${path}: ${value === null ? 'null' : typeof value}`);
  return into;
}

describe('answers', () => {
  it.each([
    ['pool-gpu', `/v2/${p}/pools/${gpu}`, /jobFlavors|abnormal|creating|deleting/],
    ['pools-list', `/v2/${p}/pools`, /jobFlavors|abnormal|creating|deleting/],
    ['workloads-page', `/v2/${p}/pools/${gpu}/workloads`, /none/],
    ['workloads-npu', `/v2/${p}/pools/${npu}/workloads`, /ascend-310/],
    ['workloads-empty', `/v2/${p}/pools/pool-cpu-e-0123456789abcdef0123456789abcdef/workloads`, /none/],
    ['statistics-statistics', `/v2/${p}/statistics/pools/${gpu}/workloads`, /Creating/],
    ['training-versions', `/v1/${p}/training-jobs/versions`, /version_desc: string/],
    ['resource-specs', `/v1/${p}/job/resource-specs`, /none/],
    ['runtime-metrics', `/v2/${p}/metrics/runtime/pools`, /value.cpu|maxValue|tnt004: string/i],
    ['nodes', `/v2/${p}/pools/${gpu}/nodes`, /none/],
    ['events', `/v1/${p}/events?resource=pools&name=${npu}&limit=1`, /none/],
    ['projects-list', '/v3/projects', /none/],
  ])('have every field of the sample %s, of the same type', async (name, path, optional) => {
    sim.world.failNode({ pool: npu });
    const sent = shape(await json(path));
    const missing = [...shape(sample(name))].filter((line) => !sent.has(line) && !optional.test(line));
    expect(missing).toEqual([]);
  });

  it.each([
    [`/v2/${p}/pools/gone`, 'error-404-pool-short', 404],
    [`/v2/${p}/nothing/here`, 'error-gateway-404', 404],
    [`/v2/${'f'.repeat(32)}/pools`, 'error-403-project', 403],
    [`/v1/${p}/job/resource-specs?job_type=infer`, 'resource-specs-failure', 200],
  ])('refuse %s as documented in %s', async (path, name, status) => {
    const response = await ask(path);
    const body = await read(response);
    const documented = sample(name) as object;
    expect(response.status).toBe(status);
    expect({ ...body, request_id: 0 }).toEqual({ ...documented, request_id: 0 });
  });

  it('refuse parameters that the documents rule out', async () => {
    for (const query of ['limit=501', 'offset=-1', 'type=batch', 'sort=name']) {
      const response = await ask(`/v2/${p}/pools/${gpu}/workloads?${query}`);
      expect([query, response.status, (await read(response)).error_code]).toEqual([
        query,
        400,
        'ModelArts.50004000',
      ]);
    }
  });

  it('show each workload once on a walk while nothing moves, and count them alike', async () => {
    for (let i = 0; i < 1203; i++)
      sim.world.addJob({ pool: gpu, job: { status: 'Completed', age: `${i % 7}h`, duration: '1m' } });
    const total = 1203 + 8;
    for (const query of ['', '&sort=create_time&ascend=true', '&sort=create_time']) {
      const seen = new Set<string>();
      const times: number[] = [];
      for (let offset = 0; ;) {
        const { items } = await json(`/v2/${p}/pools/${gpu}/workloads?limit=500&offset=${offset}${query}`);
        for (const row of items) {
          seen.add(row.uid);
          times.push(row.createTime);
        }
        offset += items.length;
        if (items.length < 500) break;
      }
      expect([seen.size, times.length]).toEqual([total, total]);
      expect(times).toEqual(times.toSorted((a, b) => (query.includes('true') ? a - b : b - a)));
    }
    const completed = await json(`/v2/${p}/pools/${gpu}/workloads?status=Completed&type=train&limit=3`);
    expect(completed.items.map((row) => row.status)).toEqual(['Completed', 'Completed', 'Completed']);
    const { statistics } = await json(`/v2/${p}/statistics/pools/${gpu}/workloads`);
    expect(statistics.total).toBe(total);
  });

  it('say the place in the queue, and durations in seconds', async () => {
    sim.advance(90_000);
    const { items } = await json(`/v2/${p}/pools/${gpu}/workloads?status=Queue&sort=create_time&ascend=true`);
    expect(
      items.map((row) => [row.jobName, row.pendingPosition, row.pendingDuration, row.runningDuration]),
    ).toEqual([
      ['llm-pretrain', 1, 90, 0],
      ['bert-finetune', 2, 90, 0],
    ]);
  });

  it('page training-job versions with 0 for all', async () => {
    const names = async (query: string): Promise<string[]> =>
      (await json(`/v1/${p}/training-jobs/versions?${query}`)).versions.map((row) => row.version_name);
    expect(await names('limit=0')).toEqual(['v-wait', 'v-run', 'v-done']);
    expect(await names('limit=1&offset=1&order=asc')).toEqual(['v-run']);
    expect(await names('status=7')).toEqual(['v-wait']);
  });

  it('date themselves by the world clock', async () => {
    sim.advance(3_600_000);
    expect((await ask(`/v2/${p}/pools`)).headers.get('date')).toBe('Wed, 11 Jun 2025 08:00:00 GMT');
  });

  it('keep to a workspace and to a label selector', async () => {
    sim.world.setWorkspace({ workspace: { id: 'w1' } });
    sim.world.updatePool({ pool: npu, set: { workspace: 'w1' } });
    const ids = async (query: string): Promise<string[]> =>
      (await json(`/v2/${p}/pools?${query}`)).items.map(
        (row) => row.metadata?.labels['os.modelarts/name'] ?? '',
      );
    expect(await ids('')).toEqual(['gpu-a', 'cpu-e']);
    expect(await ids('workspaceId=w1')).toEqual(['npu-b']);
    expect(await ids(`labelSelector=${encodeURIComponent('os.modelarts/name in (cpu-e, x)')}`)).toEqual([
      'cpu-e',
    ]);
    sim.world.setWorkspace({ workspace: { id: 'w1', closed: true } });
    expect((await ask(`/v2/${p}/pools?workspaceId=w1`)).status).toBe(403);
    expect((await ask(`/v2/${p}/pools/${npu}`)).status).toBe(403);
  });
});

describe('tokens', () => {
  const body = (password: string): string =>
    JSON.stringify({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'reader', password, domain: { name: 'EXAMPLE-DOMAIN' } } },
        },
        scope: { project: { name: 'eu-de_demo' } },
      },
    });
  const login = (password: string): Promise<Response> =>
    fetch(`${sim.url}/v3/auth/tokens`, { method: 'POST', body: body(password) });
  const status = async (token: string): Promise<number> =>
    (await ask(`/v2/${p}/pools`, { headers: { 'X-Auth-Token': token } })).status;

  it('are given for a password, hold until they expire, and can be revoked', async () => {
    const response = await login('pass');
    const token = response.headers.get('x-subject-token') ?? '';
    expect([response.status, (await read(response)).token.expires_at]).toEqual([
      201,
      '2025-06-11T08:00:00.000000Z',
    ]);
    expect(await status(token)).toBe(200);
    sim.advance(3_600_001);
    expect(await status(token)).toBe(401);
    expect(await status(demoToken)).toBe(200);
    sim.world.revokeTokens({});
    expect(await status(demoToken)).toBe(401);
    expect(await status('')).toBe(401);
  });

  it('are refused in the form of IAM', async () => {
    const response = await login('wrong');
    expect([response.status, await response.json()]).toEqual([401, sample('error-iam-401')]);
  });
});

describe('faults', () => {
  const list = `/v2/${p}/pools`;

  it.each([
    [429, 'error-gateway-429'],
    [403, 'error-gateway-403'],
    [404, 'error-gateway-404'],
  ])('answer %i with the documented body', async (status, name) => {
    sim.world.fault({ status, match: { call: 'ListPools' }, retryAfter: 7, times: 1 });
    const response = await ask(list);
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, '7']);
    expect({ ...(await read(response)), request_id: 0 }).toEqual({
      ...(sample(name) as object),
      request_id: 0,
    });
    expect((await ask(list)).status).toBe(200);
  });

  it.each(['beforeHeaders', 'afterHeaders', 'midBody'] as const)('cut the connection %s', async (cut) => {
    sim.world.fault({ cut });
    await expect(ask(list).then((response) => response.text())).rejects.toThrow();
  });

  it.each(['truncated', 'malformed', 'html', 'empty'] as const)('send a %s body with 200', async (body) => {
    sim.world.fault({ body, contentType: 'text/strange' });
    const response = await ask(list);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/strange']);
    await expect(response.json()).rejects.toThrow();
  });

  it('spoil rows and totals, and combine', async () => {
    const names = async (): Promise<unknown[]> =>
      (await json(list)).items.map((row) => row.metadata?.labels['os.modelarts/name'] ?? row);
    const expected = {
      none: [],
      half: ['gpu-a'],
      skip: ['gpu-a', 'cpu-e'],
      repeat: ['gpu-a', 'gpu-a', 'npu-b', 'cpu-e'],
      shift: ['npu-b', 'cpu-e'],
      reverse: ['cpu-e', 'npu-b', 'gpu-a'],
      garbage: ['gpu-a', 'not a row', 'npu-b', 'cpu-e'],
    } as const;
    for (const [rows, left] of Object.entries(expected)) {
      sim.world.fault({ id: 'rows', rows: rows as keyof typeof expected });
      expect(await names()).toEqual(left);
    }
    sim.world.fault({ totalOff: 3, headers: { 'X-Odd': 'yes' } });
    const response = await ask(`/v2/${p}/statistics/pools/${gpu}/workloads`);
    expect([response.headers.get('x-odd'), (await read(response)).statistics.total]).toEqual(['yes', 11]);
    sim.world.clearFault();
    expect(await names()).toEqual(['gpu-a', 'npu-b', 'cpu-e']);
  });

  it('forget parameters', async () => {
    const paged = `/v2/${p}/pools/${gpu}/workloads?limit=1&offset=1`;
    const [second] = (await json(paged)).items;
    sim.world.fault({ ignored: ['offset', 'limit'] });
    const { items } = await json(paged);
    expect(items.length).toBeGreaterThan(1);
    expect(items[1]).toEqual(second);
  });

  it('keep to their match, their turn and their time', async () => {
    const statuses = async (path: string, n: number): Promise<number[]> => {
      const got: number[] = [];
      for (let i = 0; i < n; i++) got.push((await ask(path)).status);
      return got;
    };
    sim.world.fault({ status: 500, match: { pool: gpu, query: { status: 'Queue' } }, skip: 1, times: 1 });
    expect(await statuses(`/v2/${p}/pools/${gpu}/workloads?status=Queue`, 3)).toEqual([200, 500, 200]);
    expect(await statuses(`/v2/${p}/pools/${npu}/workloads?status=Queue`, 3)).toEqual([200, 200, 200]);
    sim.world.fault({ status: 503, match: { path: '/v2/*/pools/*' }, for: '1m' });
    expect(await statuses(`/v2/${p}/pools/${gpu}`, 1)).toEqual([503]);
    expect(await statuses(list, 1)).toEqual([200]);
    sim.advance(60_000);
    expect(await statuses(`/v2/${p}/pools/${gpu}`, 1)).toEqual([200]);
  });
});

describe('control API', () => {
  it('counts requests without what is secret', async () => {
    await ask(`/v2/${p}/pools?workspaceId=0`);
    await ask(`/v2/${p}/pools`, { method: 'DELETE' });
    const report = await control('GET', 'requests');
    expect(report).toMatchObject({
      total: 2,
      mutating: 1,
      byCall: { ListPools: 1, unknown: 1 },
      byStatus: { 200: 1, 404: 1 },
    });
    expect(JSON.stringify(report)).not.toContain(demoToken);
    await control('DELETE', 'requests');
    expect((await control('GET', 'requests')).total).toBe(0);
  });

  it('changes anything by actions, and says what is wrong with one', async () => {
    const { results } = await control('POST', 'actions', [
      { addJob: { pool: 'cpu-e', job: { name: 'x' } } },
      { failNode: { pool: 'cpu-e' } },
    ]);
    expect(results).toHaveLength(2);
    expect(
      (await json(`/v2/${p}/pools/pool-cpu-e-0123456789abcdef0123456789abcdef/workloads`)).items[0]!.uid,
    ).toBe(results[0]);
    expect((await control('POST', 'actions', { failNode: {} })).error).toContain(
      "failNode must have required property 'pool'",
    );
    expect((await control('POST', 'actions', { failNode: { pool: 'nope' } })).error).toBe(
      'there is no pool nope',
    );
  });

  it('moves the clock, adds faults and loads another scenario', async () => {
    expect((await control('POST', 'clock', { advance: 60_000 })).now).toBe('2025-06-11T07:01:00.000Z');
    expect((await control('POST', 'clock', { speed: -1 })).error).toContain('clock cannot be used');
    expect((await control('POST', 'faults', { status: 500, id: 'f' })).ids).toEqual(['f']);
    expect((await ask(`/v2/${p}/pools`)).status).toBe(500);
    await control('DELETE', 'faults?id=f');
    expect((await ask(`/v2/${p}/pools`)).status).toBe(200);
    await control('POST', 'scenario', { projects: [{ id: p, tokens: ['other'] }] });
    expect((await ask(`/v2/${p}/pools`)).status).toBe(401);
    expect((await control('GET', 'state')).projects[0]!.pools).toEqual([]);
  });
});

describe('time', () => {
  it('runs at the speed of the scenario, and the timeline with it', async () => {
    const clock = virtualClock();
    const fast = await startSimulator({
      runtime: clock,
      scenario: {
        ...scenario,
        speed: 60,
        events: [
          {
            at: '2m',
            do: [{ setPhase: { pool: 'cpu-e', phase: 'Error' } }, { failNode: { pool: 'nowhere' } }],
          },
          { at: '3m', every: '1m', do: [{ addJob: { pool: 'cpu-e', job: { name: 'tick' } } }] },
        ],
      },
    });
    try {
      const phase = (): string => (fast.state() as Body).projects[0]!.pools[2]!.phase;
      await clock.advance(1000);
      expect(phase()).toBe('Running');
      await clock.advance(1000);
      expect(phase()).toBe('Error');
      await clock.advance(3000);
      expect((fast.state() as Body).projects[0]!.pools[2]!.jobs).toHaveLength(3);
    } finally {
      await fast.stop();
    }
  });
});
