import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';

import type { CommandContext } from '../../../src/cli/context.ts';
import { quietScenario } from '../../../src/simulator/scenarios/quiet.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { runInProcess } from '../../support/in-process.ts';
import type { Outcome } from '../../support/program.ts';
import { Stage } from '../../support/stage.ts';
import { identity, kubeconfigFor, type Identity } from '../kubernetes/support/identity.ts';

const gpu = 'pool-gpu-a-0123456789abcdef0123456789abcdef';
const { kubeconfig } = testCluster();
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open({ scenario: quietScenario });
  // Read seldom enough that a busy machine keeps up: capacity that was not read for too long is shown no more.
  await stage.connect({
    spec: { polling: { poolInterval: '10s', workloadInterval: '10s', maxStaleness: '5m' } },
  });
});
afterAll(() => stage.close());

/** `kubectl modelarts` in the stage's namespace. */
const modelarts = (args: readonly string[], over?: Partial<CommandContext>): Promise<Outcome> =>
  runInProcess('kubectl modelarts', [...args, '--kubeconfig', kubeconfig, '-n', stage.namespace], over);

/** What it prints, by lines; it must succeed. */
async function lines(...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await modelarts(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

/** Its JSON, which YAML says alike. */
async function report<T>(...args: string[]): Promise<T> {
  const [json, yaml] = await Promise.all(
    ['json', 'yaml'].map((format) => modelarts([...args, '-o', format])),
  );
  expect([json?.code, yaml?.code]).toEqual([0, 0]);
  const said = JSON.parse(json!.stdout) as T;
  expect(parse(yaml!.stdout)).toEqual(said);
  return said;
}

describe('kubectl modelarts', () => {
  it('top: what each pool has, what is allocated, what waits', async () => {
    const [header, ...rows] = await lines('top');
    expect(header?.split(/ {3,}/)).toEqual([
      ...['POOL', 'PHASE', 'NODES', 'ACCEL', 'FREE', 'CPU', 'MEMORY', 'RUNNING', 'QUEUED', 'NAME'],
    ]);
    expect(rows).toHaveLength(3);
    expect(rows.find((row) => row.startsWith(gpu))).toMatch(/Running +5\/5 +3\/4 gpu +1 .* 3 +2 +gpu-a$/);
    const { pools } = await report<{ pools: { name: string; capacity: object }[] }>('top', '--once');
    expect(pools.find(({ name }) => name === gpu)?.capacity).toMatchObject({ 'nvidia.com/gpu': '4' });
  });

  it('top of modelarts-operator: the same, of all namespaces unless one is named', async () => {
    const { stdout } = await runInProcess('modelarts-operator', ['top', '--kubeconfig', kubeconfig]);
    expect(stdout).toMatch(/^NAMESPACE +POOL/);
    expect(stdout).toContain(`${stage.namespace} `);
    const flags = ['--kubeconfig', kubeconfig, '-n', stage.namespace];
    expect((await runInProcess('modelarts-operator', ['top', ...flags])).stdout).toMatch(/^POOL /);
  });

  it.each([[gpu], ['gpu-a']])('queue %s: who waits, by place', async (name) => {
    const [title, , header, ...rows] = await lines('queue', name);
    expect(title).toBe(`gpu-a (${stage.namespace}/${gpu}): Running, 3/4 gpu allocated, 2 jobs wait`);
    expect(header).toMatch(/^PLACE +JOB +TYPE +PHASE +PRIORITY +ACCEL +WAITING +WORKLOAD$/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 4))).toEqual([
      ['1', 'llm-pretrain', 'train', 'Queue'],
      ['2', 'bert-finetune', 'train', 'Queue'],
    ]);
  });

  it('why: what a job waits for, by its name, its id and its object', async () => {
    const byName = await report<{ job: { name: string; jobID: string }; ahead: { jobName: string }[] }>(
      ...['why', 'bert-finetune'],
    );
    expect(byName).toMatchObject({
      job: { jobName: 'bert-finetune', place: { from: 2, to: 2 } },
      pool: { name: gpu },
      state: 'It waits in the queue.',
      waitsFor: [
        'It is number 2 in the queue: 1 job is ahead.',
        expect.stringMatching(/^(It asks for|As much as it asks for)/),
      ],
      ahead: [{ jobName: 'llm-pretrain' }],
    });
    for (const name of [byName.job.jobID, byName.job.name, `${stage.namespace}/bert-finetune`])
      expect(await report('why', name)).toEqual(byName);
    expect((await lines('why', 'bert-finetune')).join('\n')).toContain('Ahead of it\nPLACE');
    expect((await lines('why', 'resnet-nightly')).join('\n')).toMatch(
      /It waits no more: it runs on one host since \d/,
    );
    expect((await lines('why', 'resnet-old')).join('\n')).toMatch(/It has ended: Completed at \d/);
  });

  it('why: a name of two jobs', async () => {
    const { code, stdout, stderr } = await modelarts(['why', 'llm-pretrain']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^kubectl modelarts: llm-pretrain may be 2 jobs: .+ \(Queue, .+\), .+ \(Running, .+\); name one of them as NAMESPACE\/NAME\n$|\(Running, .+ \(Queue, /,
    );
  });

  it('describe: a page about a pool', async () => {
    const page = (await lines('describe', 'npu-b')).join('\n');
    for (const part of [
      /^NPU driver: +\S+ Running$/m,
      /^ {2}ascend-1980 +16 +16 +0$/m,
      /^ {2}1 +edge-tune/m,
      /Synced +True/,
    ])
      expect(page).toMatch(part);
  });

  it('budget: what the project asks of ModelArts while nothing changes', async () => {
    const { projects } = await report<{ projects: { endpoints: { endpoint: string; perHour: number }[] }[] }>(
      ...['budget', 'demo'],
    );
    const perHour = new Map(projects[0]!.endpoints.map(({ endpoint, perHour }) => [endpoint, perHour]));
    // Every ten seconds, up to a tenth of it late; statistics for each of three pools.
    expect(perHour.get('GET /v2/{project}/pools')).toBe(343);
    expect(perHour.get('GET /v2/{project}/statistics/pools/{pool}/workloads')).toBe(1029);
    expect([...perHour.keys()]).toContain('GET /v2/{project}/metrics/runtime/pools');
    expect((await lines('budget')).join('\n')).toMatch(
      new RegExp(`^Project: +${stage.namespace}/demo$`, 'm'),
    );
  });

  it('sync: the operator reads the project now', async () => {
    stage.simulator.act({ updatePool: { pool: 'cpu-e', set: { name: 'renamed' } } });
    // By its id: the operator may have read the new name before it is asked to.
    const [line] = await lines('sync', 'pool-cpu-e-0123456789abcdef0123456789abcdef');
    expect(line).toMatch(
      /^renamed \(.*\/pool-cpu-e-.*\) was read: Running, 2\/2 nodes, 0 running, 0 queued$/,
    );
  });

  it('doctor: what the operator needs', async () => {
    const { stdout, stderr } = await modelarts(['doctor', '-o', 'yaml']);
    expect(stderr).toBe('');
    const { findings } = parse(stdout) as { findings: { check: string; level: string }[] };
    expect(findings).toContainEqual(expect.objectContaining({ check: 'pools', level: 'ok' }));
  });
});

describe('kubectl modelarts top on a terminal', () => {
  it('follows the pools until it is told to stop, and leaves the terminal as it was', async () => {
    const stop = new AbortController();
    let screen = '';
    const ended = modelarts(['top'], {
      signal: stop.signal,
      terminal: { colour: true, size: () => ({ columns: 100, rows: 20 }) },
      stdout: (text) => void (screen += text),
    });
    await eventually(() => screen.includes('gpu-a') && screen.includes('\u001b[32mRunning'));
    stage.simulator.act({ failNode: { pool: 'gpu-a' } });
    await eventually(() => screen.includes('4/5'));
    stop.abort();
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    expect(screen).toMatch(/^\u001b\[\?1049h\u001b\[\?25l/);
    expect(screen).toMatch(/\u001b\[\?25h\u001b\[\?1049l$/);
    stage.simulator.act({ recoverNode: { pool: 'gpu-a' } });
  });

  it('prints one table with --once, and no colours with NO_COLOR', async () => {
    const terminal = { colour: false, size: () => ({ columns: 80, rows: 20 }) };
    const { stdout } = await modelarts(['top', '--once'], { terminal });
    expect(stdout).not.toContain('\u001b');
    const coloured = await modelarts(['top', '--once'], { terminal: { ...terminal, colour: true } });
    expect(coloured.stdout).toContain('\u001b[32mRunning');
  });
});

describe('kubectl modelarts says in one sentence what is wrong, and what to do', () => {
  let nobody: Identity;
  let folder: string;

  beforeAll(async () => {
    nobody = await identity(stage.namespace, 'plugin-reader', []);
    folder = await mkdtemp(join(tmpdir(), 'plugin-'));
  });
  afterAll(async () => {
    await nobody.close();
    await rm(folder, { recursive: true });
  });

  const sentence = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runInProcess('kubectl modelarts', args);
    expect({ code: code > 0, stdout, lines: stderr.split('\n').length }).toEqual({
      code: true,
      stdout: '',
      lines: 2,
    });
    return stderr.trimEnd().replace('kubectl modelarts: ', '').replaceAll(stage.namespace, 'NS');
  };
  const here = (...args: string[]): string[] => [...args, '--kubeconfig', kubeconfig, '-n', stage.namespace];

  it.each([
    [['queue', 'gpu-b'], 'there is no pool gpu-b in namespace NS; did you mean gpu-a or '],
    [
      ['describe', 'zzzzzzzzzzz'],
      'there is no pool zzzzzzzzzzz in namespace NS; kubectl modelarts top -A lists what there is',
    ],
    [['sync', 'gpu'], 'there is no pool gpu in namespace NS; did you mean gpu-a or pool-gpu-a-'],
    [['why', 'bert'], 'there is no job bert in namespace NS; did you mean bert-finetune?'],
    [
      ['why', 'a,b=c\\'],
      'there is no job a,b=c\\ in namespace NS; kubectl get modelartsworkloads -A lists what there is',
    ],
    [['budget', 'demo2'], 'there is no project demo2 in namespace NS; did you mean demo?'],
    [
      ['queue', 'none/gpu-a'],
      'there is no pool gpu-a in namespace none; kubectl modelarts top -A lists what there is',
    ],
  ])('%j', async (args, words) => {
    expect(await sentence(here(...args))).toContain(words);
  });

  it('where a right is missing', async () => {
    const asNobody = (...args: string[]): Promise<string> =>
      sentence([
        ...args,
        '--kubeconfig',
        nobody.kubeconfig,
        ...(args.includes('-A') ? [] : ['-n', stage.namespace]),
      ]);
    const mayNot = (verb: string, resource: string): string =>
      `you may not ${verb} ${resource}.modelarts-operator.dev in namespace NS: ask for a Role with the verb ${verb} on it`;
    expect(await asNobody('top')).toContain(mayNot('list', 'modelartspools'));
    expect(await asNobody('top', '-A')).toContain('in all namespaces: ask for a Role with the verb list');
    expect(await asNobody('why', 'bert-finetune')).toContain(mayNot('list', 'modelartsworkloads'));
    await nobody.allow([{ apiGroups: ['modelarts-operator.dev'], resources: ['*'], verbs: ['list'] }]);
    await eventually(async () =>
      expect(await asNobody('sync', 'gpu-a')).toContain(mayNot('patch', 'modelartsprojects')),
    );
  });

  it('where the operator does not answer, or may not', async () => {
    await stage.stop();
    expect(await sentence(here('sync', 'gpu-a', '--timeout', '1s'))).toBe(
      'the project NS/demo was not read within 1 s; look whether the operator runs, and watches this namespace (--timeout waits longer)',
    );
    await stage.cluster.projects.patch('demo', { spec: { suspend: true } });
    expect(await sentence(here('sync', 'gpu-a'))).toBe(
      'the project NS/demo is suspended; set spec.suspend to false to have it read',
    );
    await stage.cluster.projects.patch('demo', { spec: { suspend: false } });
    stage.start();
    await stage.synced();
  });

  it('where the cluster, its context or its credentials are not there', async () => {
    const config = join(folder, 'config');
    const write = (...of: Parameters<typeof kubeconfigFor>): Promise<void> =>
      writeFile(config, stringify(kubeconfigFor(...of)));
    await write({ token: 'nobody' });
    expect(await sentence(['top', '--kubeconfig', config, '--context', 'none'])).toBe(
      'the kubeconfig has no context none; it has test',
    );
    expect(await sentence(['top', '--kubeconfig', config])).toMatch(/^the apiserver refused the credentials/);
    await write({ token: 'nobody' }, { server: 'https://127.0.0.1:9' });
    expect(await sentence(['top', '--kubeconfig', config])).toMatch(
      /^the apiserver does not answer; check the kubeconfig and the network/,
    );
  });
});
