import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import {
  compareObjects,
  exportedObject,
  type ExportedObject,
  type MirrorObject,
} from '../../../src/cli/export/exported-object.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { root } from '../../../tools/run-command.ts';
import { calmPool, calmScenario } from '../../support/calm-scenario.ts';
import { eventually } from '../../support/eventually.ts';
import { Program, type Outcome } from '../../support/program.ts';
import { Stage } from '../../support/stage.ts';

const started: Program[] = [];
const withToken = { MODELARTS_TOKEN: demoToken };
const main = join(root, 'src/main.ts');

function start(args: readonly string[], env: Readonly<Record<string, string>> = withToken): Program {
  const program = new Program([process.execPath, main, 'export', '--requests-per-second=1000', ...args], {
    cwd: '/',
    env,
  });
  started.push(program);
  return program;
}

const at = (url: string): string[] => [`--endpoint=${url}`, `--project-id=${demoProjectID}`];

function documents(text: string): ExportedObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as ExportedObject);
}

const names = (objects: readonly ExportedObject[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

afterEach(async () => {
  for (const program of started.splice(0)) {
    program.kill('SIGKILL');
    await program.ended;
  }
});

describe('modelarts-operator export', () => {
  let simulator: Simulator;

  beforeAll(async () => {
    simulator = await startSimulator({
      runtime: systemRuntime,
      scenario: calmScenario(['pool-a', 'pool-b'], {
        keys: [{ accessKey: 'EXAMPLEAK00000DEMO01', secretKey: 'ExampleSecretKeyNotRealDemo0123456789abc' }],
      }),
      manualClock: true,
    });
  });
  afterEach(() => {
    simulator.act({ clearFault: {} });
  });
  afterAll(() => simulator.stop());

  const run = (args: readonly string[] = [], env?: Readonly<Record<string, string>>): Promise<Outcome> =>
    start([...at(simulator.url), ...args], env).ended;

  it('prints the same bytes for the same state, sorted, as YAML and as a list in JSON', async () => {
    const [once, again, json] = await Promise.all([run(), run(), run(['-o', 'json'])]);
    expect(once).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toBe(once.stdout);
    const objects = documents(once.stdout);
    expect(names(objects).filter((name) => !name.startsWith('ModelArtsResourceSpec/'))).toEqual([
      'ModelArtsPool/pool-a',
      'ModelArtsPool/pool-b',
      ...['pool-a-ended', 'pool-a-queued', 'pool-a-running'].map((name) => `ModelArtsWorkload/${name}`),
      ...['pool-b-ended', 'pool-b-queued', 'pool-b-running'].map((name) => `ModelArtsWorkload/${name}`),
    ]);
    expect(names(objects)).toContain('ModelArtsResourceSpec/modelarts-train-1');
    expect(objects).toEqual([...objects].sort(compareObjects));
    expect(JSON.parse(json.stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
    for (const word of ['uid:', 'resourceVersion', 'creationTimestamp', 'lastTransitionTime', demoToken])
      expect(once.stdout.replaceAll(/^ {2}uid: .*$/gm, '')).not.toContain(word);
  });

  it('takes an access key, another name and namespace, and leaves out what it is told to', async () => {
    const { code, stdout } = await run(
      ['--name=eu', '--namespace=team', '--skip=workloads,resource-specs', '--skip', 'training-job-versions'],
      {
        HUAWEICLOUD_SDK_AK: 'EXAMPLEAK00000DEMO01',
        HUAWEICLOUD_SDK_SK: 'ExampleSecretKeyNotRealDemo0123456789abc',
      },
    );
    expect(code).toBe(0);
    expect(names(documents(stdout))).toEqual(['ModelArtsPool/pool-a', 'ModelArtsPool/pool-b']);
    expect(documents(stdout)[0]).toMatchObject({
      metadata: { namespace: 'team', labels: { 'modelarts-operator.dev/project': 'eu' } },
      spec: { projectRef: { name: 'eu' } },
    });
  });

  it('prints what could be read, says what could not, and ends with 1', async () => {
    simulator.act({ fault: { match: { call: 'ListWorkloads', pool: 'pool-b' }, status: 400 } });
    const { code, stdout, stderr } = await run();
    expect(code).toBe(1);
    expect(names(documents(stdout))).toEqual(
      expect.arrayContaining([
        'ModelArtsPool/pool-a',
        'ModelArtsPool/pool-b',
        'ModelArtsWorkload/pool-a-running',
      ]),
    );
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^modelarts-operator: workloads of pool pool-b: GET .* HTTP 400/),
    ]);
  });

  it('says one sentence where the credential is refused, and prints an empty list', async () => {
    const { code, stdout, stderr } = await run(['-o', 'json'], { MODELARTS_TOKEN: 'expired-token' });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'List', items: [] });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining('refused the credential')]);
    expect(stderr).not.toContain('expired-token');
  });

  it('says that nobody answers', async () => {
    const free = await startSimulator({ runtime: systemRuntime, scenario: calmScenario([]) });
    await free.stop();
    const { code, stdout, stderr } = await start(at(free.url)).ended;
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/pools of workspace 0: .*got no answer/);
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ['no credential', [], {}, /set MODELARTS_TOKEN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK/],
    ['http over a wire', ['--endpoint=http://example.com'], withToken, /--allow-insecure-http/],
    ['no file of certificates', ['--ca-file=/nonexistent'], withToken, /--ca-file/],
    ['a file that holds none', [`--ca-file=${join(root, 'package.json')}`], withToken, /holds no PEM/],
    ['a short project id', ['--project-id=1'], withToken, /'--project-id <id>' argument '1' is invalid/],
  ])('refuses %s', async (_what, args, env, says) => {
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
  });

  it('ends quietly when nobody reads on, also while it follows', async () => {
    const line = (args: string): Promise<Outcome> => {
      const command = `'${process.execPath}' '${main}' export ${at(simulator.url).join(' ')} ${args} | head -n 1`;
      const program = new Program(['/bin/sh', '-c', command], {
        cwd: '/',
        env: { ...withToken, PATH: process.env['PATH'] ?? '' },
      });
      started.push(program);
      return program.ended;
    };
    expect(await line('')).toEqual({ code: 0, stdout: '---\n', stderr: '' });
    const following = line('--watch --interval=1s');
    // A closed pipe is noticed by the next write: something must change.
    const changing = eventually(async () => {
      simulator.act({ updatePool: { pool: 'pool-a', set: { name: `name-${systemRuntime.now()}` } } });
      const ended = await Promise.race([following, Promise.resolve(undefined)]);
      if (ended === undefined) throw new Error('it still follows');
      return ended;
    });
    expect(await changing).toEqual({ code: 0, stdout: '---\n', stderr: '' });
  });

  it('follows: an event a line for what came, changed and went', async () => {
    const program = start([...at(simulator.url), '--watch', '--interval=1s', '-o', 'json']);
    // The last line may be on its way.
    const events = (): { type: string; object: ExportedObject }[] =>
      program.stdout
        .split('\n')
        .slice(0, -1)
        .map((text) => JSON.parse(text) as { type: string; object: ExportedObject });
    await program.says(/pool-b-running.*\n/);
    const first = events();
    expect(new Set(first.map(({ type }) => type))).toEqual(new Set(['ADDED']));
    expect(first.map(({ object }) => object)).toEqual(first.map(({ object }) => object).sort(compareObjects));
    const later = (type: string, name: string): Promise<unknown> =>
      eventually(() => {
        const found = events()
          .slice(first.length)
          .find((event) => event.type === type && event.object.metadata.name === name);
        if (found === undefined) throw new Error(`no ${type} of ${name}`);
        return found;
      });
    simulator.act({ updatePool: { pool: 'pool-b', set: { name: 'renamed' } } });
    expect(await later('MODIFIED', 'pool-b')).toMatchObject({
      object: { status: { displayName: 'renamed' } },
    });
    simulator.act({ addPool: { pool: calmPool('pool-c') } });
    await later('ADDED', 'pool-c');
    await later('ADDED', 'pool-c-running');
    simulator.act({ removePool: { pool: 'pool-c' } });
    await later('DELETED', 'pool-c-running');
    await later('DELETED', 'pool-c');
    program.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('what export prints', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({
      manualClock: true,
      scenario: calmScenario(['pool-a', 'pool-b', calmPool('old', { legacy: true })]),
    });
    // Capacity that was not read for too long is shown no more: a busy machine needs its time.
    await stage.connect({ spec: { polling: { maxStaleness: '5m' } } });
  });
  afterAll(() => stage.close());

  it('is what the operator wrote to the apiserver', async () => {
    const { cluster, namespace } = stage;
    const lists = await Promise.all([
      cluster.pools.all(),
      cluster.resourceSpecs.all(),
      cluster.workloads.all(),
    ]);
    const written = (lists.flat() as MirrorObject[]).map(exportedObject).sort(compareObjects);
    const { code, stdout } = await start([
      ...at(stage.simulator.url),
      `--namespace=${namespace}`,
      '--name=demo',
    ]).ended;
    expect(code).toBe(0);
    expect(new Set(written.map(({ kind }) => kind)).size).toBe(3);
    expect(documents(stdout)).toEqual(written);
  });
});
