import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { findKubectl } from '../../tools/control-plane/binaries.ts';
import { root } from '../../tools/run-command.ts';
import { buildBundle, type Bundle } from '../support/bundle.ts';
import { clusterObjects, type ClusterObjects } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { createDemoProject } from '../support/demo-project.ts';
import { eventually } from '../support/eventually.ts';
import { Program, type Outcome } from '../support/program.ts';

let bundle: Bundle;
const started: Program[] = [];

beforeAll(async () => {
  bundle = await buildBundle();
});
afterEach(() => kill(started));
afterAll(() => bundle.remove());

async function kill(programs: Program[]): Promise<void> {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.ended;
  }
}

function start(...args: string[]): Program {
  const program = new Program([process.execPath, bundle.file, ...args], { cwd: '/' });
  started.push(program);
  return program;
}

const modelartsOperator = (...args: string[]): Promise<Outcome> => start(...args).ended;

/** The first Node on PATH that is older than the bundle needs. */
function findOldNode(): { file: string; version: string } | undefined {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  for (const file of files.filter(existsSync)) {
    const version = execFileSync(file, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    if (Number(version.split('.')[0]) < 22) return { file, version };
  }
  return undefined;
}

describe('the bundle, alone in a folder and started from another', () => {
  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await modelartsOperator('version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('is plain ASCII, of which V8 keeps one byte a character', () => {
    expect(readFileSync(bundle.file, 'utf8').match(/^.*[\u0080-\uffff].*$/m)?.[0]).toBeUndefined();
  });

  it('prints the CRDs of crds/', async () => {
    const { code, stdout, stderr } = await modelartsOperator('crds');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const folder = join(root, 'crds');
    const files = readdirSync(folder).map((file): unknown => parse(readFileSync(join(folder, file), 'utf8')));
    const printed = parseAllDocuments(stdout).map((document): unknown => document.toJS());
    expect(printed).toHaveLength(files.length);
    expect(printed).toEqual(expect.arrayContaining(files));
  });

  it('gives a slow reader everything', async () => {
    const slowly = '"$0" "$@" | { dd bs=1 count=1 2>/dev/null; sleep 1; cat; }';
    const command = [process.execPath, bundle.file, 'crds'] as const;
    const { stdout } = await new Program(['/bin/sh', '-c', slowly, ...command], { cwd: '/' }).ended;
    expect(stdout).toBe((await modelartsOperator('crds')).stdout);
  });

  it('is a plugin of kubectl under another name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubectl-plugin-'));
    await symlink(bundle.file, join(folder, 'kubectl-modelarts'));
    // As installed, where `node` is found on PATH.
    const env = {
      PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: folder,
    };
    try {
      const plugin = (...args: string[]): Promise<Outcome> =>
        new Program([findKubectl()!, 'modelarts', ...args], { cwd: '/', env }).ended;
      const version = await modelartsOperator('version');
      expect(await plugin('version')).toEqual(version);
      const { code, stdout, stderr } = await plugin('why', '--no-such-flag');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^error: unknown option .*\n\nUsage: kubectl modelarts why \[options\] <job>/);
      expect(await plugin('top', '--kubeconfig=/nowhere')).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^kubectl modelarts: cannot read the kubeconfig \/nowhere; [^\n]*\n$/),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('explains its flags', async () => {
    const { code, stdout, stderr } = await modelartsOperator('run', '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--leader-election-namespace');
  });

  it('says what is wrong with a flag, and how it is used', async () => {
    const { code, stdout, stderr } = await modelartsOperator('run', '--log-level=loud');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .*loud.*\n\nUsage: modelarts-operator run/);
  });

  it('says in one sentence that there is no such kubeconfig', async () => {
    const { code, stdout, stderr } = await modelartsOperator('run', '--kubeconfig=/nowhere');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^modelarts-operator: cannot read the kubeconfig \/nowhere; .*\n$/);
  });

  it('asks nothing of Node before it has looked at its version', () => {
    expect(readFileSync(bundle.file, 'utf8').match(/^import\b.*".*";$/gm)).toBeNull();
  });

  const old = findOldNode();
  if (old === undefined)
    process.stderr.write('skipped: no Node older than 22 is on PATH to try the bundle\n');
  (old === undefined ? it.skip : it)(
    'says to an older Node what it needs (skipped without one)',
    async () => {
      const { file, version } = old!;
      expect(await new Program([file, bundle.file, 'version'], { cwd: '/' }).ended).toEqual({
        code: 2,
        stdout: '',
        stderr: `modelarts-operator needs Node 22.15 or newer, and this is ${version}.\n`,
      });
    },
  );
});

describe('the bundle on a cluster, with its own simulator', () => {
  const shared = testCluster();
  const simulator: Program[] = [];
  let namespace: string;
  let cluster: ClusterObjects;
  let ofNamespace: string[];

  beforeAll(async () => {
    namespace = await shared.uniqueNamespace('bundle');
    cluster = clusterObjects(shared.kubeconfig, namespace);
    ofNamespace = [
      `--kubeconfig=${shared.kubeconfig}`,
      `--namespace=${namespace}`,
      '--allow-local-endpoints',
    ];
    const simulate = start('simulate', '--port=0', '--speed=0');
    simulator.push(...started.splice(0));
    const [, url] = await simulate.says(/^ModelArts and IAM: (\S+)$/m);
    await createDemoProject(cluster, url!);
  });
  afterAll(async () => {
    await kill(simulator);
    await cluster.close();
    await shared.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('syncs once and ends', async () => {
    const { code, stdout, stderr } = await modelartsOperator('sync', ...ofNamespace);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [pools, workloads] = await Promise.all([cluster.pools.all(), cluster.workloads.all()]);
    expect(pools.length).toBeGreaterThan(0);
    expect(stdout).toBe(`${namespace}/demo: in sync, ${pools.length} pools, ${workloads.length} workloads\n`);
  });

  it('runs until SIGTERM: ready, measured, and with a log that programs can read', async () => {
    const anyPort = ['--health-probe-bind-address=127.0.0.1:0', '--metrics-bind-address=127.0.0.1:0'];
    const operator = start('run', ...ofNamespace, ...anyPort);
    const [, probes, metrics] = await operator.says(/"listening":\["([^"]+)","([^"]+)"\]/);
    await eventually(async () => expect((await fetch(`http://${probes}/readyz`)).status).toBe(200));
    expect((await fetch(`http://${probes}/healthz`)).status).toBe(200);
    await eventually(async () =>
      expect(await (await fetch(`http://${metrics}/metrics`)).text()).toMatch(
        new RegExp(`^modelarts_pool_nodes\\{[^}]*namespace="${namespace}"[^}]*\\} \\d+$`, 'm'),
      ),
    );

    operator.kill('SIGTERM');
    const { code, stdout, stderr } = await operator.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    const log = lines.map((line) => JSON.parse(line) as { level: string; message: string });
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(log.at(-1)).toMatchObject({ level: 'info', message: 'The operator has stopped.' });
    expect(lines.filter((line) => line.includes(String.raw`\n    at `))).toEqual([]);
  });
});
