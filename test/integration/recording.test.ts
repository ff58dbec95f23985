import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { clientObserver, observedConnector } from '../../src/cli/assembly/observed-connector.ts';
import { openRecorder } from '../../src/cli/open-recorder.ts';
import type { Connection } from '../../src/api/upstream.ts';
import { ModelArtsClients } from '../../src/modelarts/client.ts';
import { silentLogger } from '../../src/observability/logger.ts';
import { Redactor } from '../../src/observability/redactor.ts';
import { registerUpstreamMetrics } from '../../src/observability/upstream-metrics.ts';
import { systemRuntime } from '../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../../src/simulator/schema.ts';
import { readRecording, type Recording } from '../../src/simulator/replay-recording.ts';
import { startReplay } from '../../src/simulator/replay-server.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { root } from '../../tools/run-command.ts';
import { calmPool, calmScenario } from '../support/calm-scenario.ts';
import { testCluster } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { Program } from '../support/program.ts';
import { Stage, type StageOptions } from '../support/stage.ts';

let folder: string;
let file: string;
const cleanUp: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(folder, 'answers.jsonl');
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
  rmSync(folder, { recursive: true });
});

const text = (): string => readFileSync(file, 'utf8');
const read = (): Promise<Recording> => readRecording(text().split('\n'));

async function stage(options: Omit<StageOptions, 'speed'>): Promise<Stage> {
  const opened = await Stage.open(options);
  cleanUp.push(() => opened.close());
  return opened;
}

/** An operator that meets with trouble, then sees a job end; its recording. */
async function record(scramble: boolean): Promise<{ readonly stage: Stage; readonly recording: Recording }> {
  const redactor = new Redactor();
  const recorder = openRecorder(
    { record: file, recordScrambleIds: scramble },
    { runtime: fastRuntime({ speed: 10 }), redactor, version: '0.0.0-test' },
    silentLogger,
  )!;
  const scenario: Scenario = {
    ...calmScenario(['pool-vision', 'pool-speech']),
    faults: [
      { match: { call: 'ListPools' }, times: 1, status: 429, retryAfter: 1 },
      { match: { call: 'ShowWorkloadStatistics' }, times: 1, status: 502, body: 'html' },
      { match: { call: 'ListWorkloads' }, times: 2, body: 'malformed' },
      { match: { call: 'ListTrainingJobVersions' }, times: 1, cut: 'midBody' },
    ],
  };
  const recorded = await stage({
    scenario,
    manualClock: true,
    operator: { onExchange: recorder.record, redactor },
  });
  await recorded.connect();
  recorded.simulator.act({
    finishJob: { pool: 'pool-vision', job: 'pool-vision-running', outcome: 'Failed' },
  });
  await eventually(async () => {
    const { status } = await recorded.cluster.workloads.get('pool-vision-running');
    return status?.phase === 'Failed';
  });
  await recorded.settled();
  await recorded.stop();
  await recorder.close();
  return { stage: recorded, recording: await read() };
}

/** An operator that knows nothing but the recording. */
async function replay({
  exchanges,
}: Recording): Promise<{ readonly stage: Stage; readonly unrecorded: string[] }> {
  const unrecorded: string[] = [];
  const onUnrecorded = (request: string): unknown => unrecorded.push(request);
  const server = await startReplay({ clock: systemRuntime, exchanges, speed: 100, onUnrecorded });
  cleanUp.push(() => server.stop());
  const fresh = await stage({ scenario: calmScenario([]) });
  await fresh.putSecret('demo', { token: 'whatever' });
  const project = fresh.project('demo');
  const projectID = exchanges[0]?.path.split('/')[2] ?? '';
  await fresh.cluster.projects.create({
    ...project,
    spec: { ...project.spec, endpoint: server.url, projectID },
  });
  await fresh.synced();
  return { stage: fresh, unrecorded };
}

/** What the mirrors of a stage say, without when it was said. */
async function mirrors({ cluster }: Stage): Promise<unknown[]> {
  const lists = await Promise.all([
    cluster.pools.all(),
    cluster.workloads.all(),
    cluster.resourceSpecs.all(),
  ]);
  return lists.flat().map(({ kind, metadata, spec, status }) => {
    const { conditions = [], ...values } = status ?? {};
    const said = conditions.map(({ type, status: is, reason }) => `${type}=${is}/${reason}`).sort();
    return { kind, name: metadata.name, spec, values, said };
  });
}

describe('a recording of an operator', () => {
  it('makes another operator write the same mirrors', async () => {
    const recorded = await record(false);
    const failures = recorded.recording.exchanges
      .filter(({ status }) => status !== 200)
      .map(({ status }) => status);
    expect(failures).toEqual(expect.arrayContaining([429, 502, undefined]));
    expect(
      recorded.recording.exchanges.some(({ bodyFault }) => bodyFault === 'a body that is not JSON'),
    ).toBe(true);
    expect(text()).not.toContain(demoToken);
    expect(text()).not.toContain('Service unavailable');

    const replayed = await replay(recorded.recording);
    const wanted = await mirrors(recorded.stage);
    expect(wanted.length).toBeGreaterThan(8);
    await eventually(async () => expect(await mirrors(replayed.stage)).toEqual(wanted));
    expect(replayed.unrecorded).toEqual([]);
  });

  it('does so scrambled, with other names', async () => {
    const recorded = await record(true);
    for (const name of [demoProjectID, 'vision', 'speech']) expect(text()).not.toContain(name);
    const replayed = await replay(recorded.recording);
    const shape = async (at: Stage): Promise<unknown[]> =>
      (await at.cluster.workloads.all())
        .map(({ status }) => [status?.phase, status?.flavor, status?.startTime, status?.accelerator])
        .sort();
    const wanted = await shape(recorded.stage);
    await eventually(async () => expect(await shape(replayed.stage)).toEqual(wanted));
    expect(replayed.unrecorded).toEqual([]);
  });
});

describe('invariant 11 (No secret leaves): a recording', () => {
  const canaries = {
    token: 'canary-token-of-twenty-and-more',
    accessKeyID: 'CANARYACCESSKEY00001',
    secretAccessKey: 'canarySecretAccessKeyOfFortyCharacters01',
    securityToken: 'canary-security-token-0123456789',
    username: 'canary-user',
    password: 'canary-"password"/+ with blanks',
  };
  const { token, accessKeyID, secretAccessKey, securityToken, username, password } = canaries;
  const kinds: readonly [string, Connection['credentials']][] = [
    ['a token', { type: 'token', token }],
    ['an access key', { type: 'aksk', accessKeyID, secretAccessKey }],
    ['a temporary access key', { type: 'aksk', accessKeyID, secretAccessKey, securityToken }],
    ['a password', { type: 'password', username, password, domainName: 'DOMAIN', projectName: 'eu-de_demo' }],
  ];

  it.each(kinds)('of %s, whatever ModelArts repeats', async (_kind, credentials) => {
    const said = Object.values(canaries).join(' ');
    const echo = { 'os.modelarts/description': said, note: said, token: said };
    const scenario = calmScenario(
      [
        calmPool('pool-a', {
          wire: { metadata: { annotations: echo }, status: { message: said, extra: said } },
        }),
      ],
      {
        name: 'eu-de_demo',
        domain: 'DOMAIN',
        tokens: [token],
        keys: [{ accessKey: accessKeyID, secretKey: secretAccessKey }],
        users: [{ name: username, password }],
      },
    );
    const simulator = await startSimulator({
      runtime: systemRuntime,
      scenario: {
        ...scenario,
        faults: [
          { match: { call: 'ListPools' }, times: 1, status: 401, message: `refused: ${said}` },
          {
            match: { call: 'ListPools' },
            skip: 1,
            times: 1,
            status: 400,
            message: said,
            headers: { 'X-Request-Id': token },
          },
        ],
      },
    });
    cleanUp.push(() => simulator.stop());
    const redactor = new Redactor();
    const recorder = openRecorder(
      { record: file, recordScrambleIds: false },
      { runtime: systemRuntime, redactor, version: '0.0.0-test' },
      silentLogger,
    )!;
    const metrics = registerUpstreamMetrics(new Registry());
    const clients = new ModelArtsClients({
      runtime: systemRuntime,
      endpoints: { allowLocal: true },
      observer: clientObserver(metrics, recorder.record),
    });
    const reader = observedConnector(clients, { redactor, metrics }).open({
      endpoint: simulator.url,
      iamEndpoint: simulator.url,
      projectID: demoProjectID,
      credentials,
      rateLimit: { requestsPerSecond: 100, burst: 100 },
    });
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) await reader.listPools({ workspaceID: '0' }, signal).catch(() => undefined);
    await reader.getPool('pool-a', signal).catch(() => undefined);
    await reader.close();
    await recorder.close();

    const { exchanges } = await read();
    expect(exchanges.map(({ status }) => status)).toEqual(expect.arrayContaining([401, 400]));
    // A temporary key is none of the simulator's, which refuses it, too.
    if (credentials.type !== 'aksk' || credentials.securityToken === undefined)
      expect(exchanges.at(-1)?.body).toMatchObject({ metadata: { name: 'pool-a' } });
    const held = Object.values(credentials).filter((value) => Object.values(canaries).includes(value));
    for (const secret of held.filter((value) => value !== username)) {
      expect(text()).not.toContain(secret);
      expect(text()).not.toContain(JSON.stringify(secret).slice(1, -1));
      expect(text()).not.toContain(encodeURIComponent(secret));
      expect(text()).not.toContain(Buffer.from(secret).toString('base64'));
    }
    expect(text()).not.toMatch(
      /authorization|x-auth-token|x-sdk-date|x-subject-token|Signature=|\/v3\/auth/i,
    );
  });
});

describe('the commands', () => {
  const { kubeconfig } = testCluster();
  const command = (...args: string[]) =>
    new Program([process.execPath, 'src/main.ts', ...args], { cwd: root }).ended;

  it.each(['run', 'sync'])('%s does not begin without the file that it is to write', async (name) => {
    const { code, stderr } = await command(
      name,
      `--kubeconfig=${kubeconfig}`,
      `--record=${folder}/none/a.jsonl`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot write the recording ${folder}/none/a.jsonl; name a file`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('simulate does not begin with what is no recording', async () => {
    const { code, stderr } = await command('simulate', '--port=0', '--replay=package.json');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'modelarts-operator: package.json cannot be replayed: line 1 is not the header of a recording\n',
    );
  });

  it('simulate serves a recording, and names what it does not hold', async () => {
    const recording = 'test/fixtures/recordings/throttled-and-html.jsonl';
    const program = new Program(
      [process.execPath, 'src/main.ts', 'simulate', '--port=0', `--replay=${recording}`],
      { cwd: root },
    );
    cleanUp.push(() => (program.kill('SIGTERM'), program.ended));
    const [, url] = await program.says(/ModelArts and IAM: (\S+)/);
    expect(await (await fetch(`${url}/v2/p/pools`)).json()).toMatchObject({ error_msg: expect.any(String) });
    await program.says(/not in the recording: "GET \/v2\/p\/pools"/);
    program.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  });
});
