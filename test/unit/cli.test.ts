import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { runProgram, type Commands } from '../../src/cli/program.ts';

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly called: readonly (readonly [command: string, options: unknown])[];
}

async function modelartsOperator(...args: string[]): Promise<Outcome> {
  const called: [string, unknown][] = [];
  let stdout = '';
  let stderr = '';
  const command =
    (name: keyof Commands) =>
    (options: unknown): Promise<number> => {
      called.push([name, options]);
      return Promise.resolve(name === 'sync' ? 1 : 0);
    };
  const exitCode = await runProgram(args, {
    version: '1.2.3',
    defaultLogFormat: 'json',
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    commands: {
      run: command('run'),
      sync: command('sync'),
      export: command('export'),
      doctor: command('doctor'),
      top: command('top'),
      simulate: command('simulate'),
    },
  });
  return { exitCode, stdout, stderr, called };
}

describe('flags', () => {
  it('of run: the defaults', async () => {
    const { called, exitCode } = await modelartsOperator('run');
    expect(exitCode).toBe(0);
    expect(called).toEqual([
      [
        'run',
        {
          allowLocalEndpoints: false,
          healthProbeBindAddress: { port: 8081 },
          leaderElect: false,
          leaderElectionId: 'modelarts-operator',
          logFormat: 'json',
          logLevel: 'info',
          metricsBindAddress: { port: 8080 },
          recordScrambleIds: false,
          shards: 1,
        },
      ],
    ]);
  });

  it('of run: all of them', async () => {
    const { called } = await modelartsOperator(
      ...['run', '--kubeconfig', '/k', '--namespace', 'a', '--namespace=b,c', '--leader-elect', '--shards=4'],
      ...['--leader-election-namespace', 'ns', '--leader-election-id', 'id', '--metrics-bind-address=0'],
      ...['--health-probe-bind-address', '127.0.0.1:0', '--log-level', 'debug', '--log-format', 'text'],
      ...['--allowed-endpoint-hosts', '*.Example.com', '--allow-local-endpoints'],
      ...['--record', 'answers.jsonl', '--record-scramble-ids'],
    );
    expect(called[0]?.[1]).toEqual({
      allowLocalEndpoints: true,
      allowedEndpointHosts: ['*.example.com'],
      healthProbeBindAddress: { host: '127.0.0.1', port: 0 },
      kubeconfig: '/k',
      leaderElect: true,
      leaderElectionId: 'id',
      leaderElectionNamespace: 'ns',
      logFormat: 'text',
      logLevel: 'debug',
      metricsBindAddress: 'off',
      namespace: ['a', 'b', 'c'],
      record: 'answers.jsonl',
      recordScrambleIds: true,
      shards: 4,
    });
  });

  const endpoint = ['--endpoint=https://modelarts.example.com', `--project-id=${'0'.repeat(32)}`];

  it('of export: the defaults, and all of them', async () => {
    const given = { endpoint: 'https://modelarts.example.com', projectId: '0'.repeat(32) };
    expect((await modelartsOperator('export', ...endpoint)).called).toEqual([
      [
        'export',
        {
          ...given,
          allowInsecureHttp: false,
          name: 'modelarts',
          namespace: 'default',
          output: 'yaml',
          requestsPerSecond: 5,
          watch: false,
        },
      ],
    ]);
    const { called } = await modelartsOperator(
      ...['export', ...endpoint, '--name=eu', '--namespace', 'team', '-o', 'json', '--skip=workloads'],
      ...[
        '--skip',
        'resource-specs,training-job-versions',
        '--watch',
        '--interval=1m30s',
        '--workspaces=0,a',
      ],
      ...['--user-id=u', '--region=eu-de', '--ca-file=/ca', '--allow-insecure-http'],
      '--requests-per-second=50',
    );
    expect(called[0]?.[1]).toEqual({
      ...given,
      allowInsecureHttp: true,
      caFile: '/ca',
      interval: 90_000,
      name: 'eu',
      namespace: 'team',
      output: 'json',
      region: 'eu-de',
      requestsPerSecond: 50,
      skip: ['workloads', 'resource-specs', 'training-job-versions'],
      userId: 'u',
      watch: true,
      workspaces: ['0', 'a'],
    });
  });

  it('of doctor: the defaults, and an endpoint that is whole or not there', async () => {
    expect((await modelartsOperator('doctor')).called[0]?.[1]).toEqual({
      allowInsecureHttp: false,
      allowLocalEndpoints: false,
      leaderElectionId: 'modelarts-operator',
      output: 'text',
      shards: 1,
    });
    expect((await modelartsOperator('doctor', ...endpoint, '-o', 'json')).called[0]?.[1]).toMatchObject({
      endpoint: 'https://modelarts.example.com',
      output: 'json',
    });
    for (const half of endpoint) {
      const { exitCode, stderr, called } = await modelartsOperator('doctor', half);
      expect({ exitCode, called }).toEqual({ exitCode: 2, called: [] });
      expect(stderr).toContain('go together');
    }
  });

  it.each([
    ['--endpoint=modelarts.example.com'],
    ['--endpoint=https://user:password@modelarts.example.com'],
    ['--endpoint=https://modelarts.example.com?a=b'],
    ['--project-id=short'],
    ['--workspaces=a b'],
    ['--user-id=a/b'],
    ['--skip=pools'],
    ['--interval=100ms'],
    ['--requests-per-second=0'],
    ['--requests-per-second=1.5'],
    ['--output=xml'],
  ])('of export: refuses %s', async (flag) => {
    const { exitCode, stderr, called } = await modelartsOperator('export', ...endpoint, flag);
    expect({ exitCode, called }).toEqual({ exitCode: 2, called: [] });
    expect(stderr).toMatch(/^error: option '.* is invalid\./);
  });

  it.each([
    [['--leader-elect=true'], true],
    [['--leader-elect=false'], false],
    [['--leader-elect', '--log-level', 'info'], true],
  ])('takes a boolean as Go writes it: %j', async (args, leaderElect) => {
    expect((await modelartsOperator('run', ...args)).called[0]?.[1]).toMatchObject({ leaderElect });
  });

  it('of sync and simulate', async () => {
    const sync = await modelartsOperator('sync', '--project', 'ns/p');
    expect(sync.exitCode).toBe(1);
    expect(sync.called[0]?.[1]).toMatchObject({ project: 'ns/p' });
    const simulate = await modelartsOperator(
      'simulate',
      '--scenario',
      'f.yaml',
      '--port',
      '0',
      '--speed',
      '2.5',
    );
    expect(simulate.called).toEqual([['simulate', { scenario: 'f.yaml', port: 0, speed: 2.5 }]]);
  });
});

describe('bad usage prints what is wrong and the usage on standard error, and exits with 2', () => {
  it.each([
    [['run', '--metrics-bind-address', '8080'], "must be 'HOST:PORT', ':PORT' or '0' for off, not '8080'"],
    [['run', '--health-probe-bind-address', ':99999'], 'HOST:PORT'],
    [['run', '--leader-elect=yes'], "must be 'true' or 'false'"],
    [['run', '--leader-elect', '--shards', '65'], 'a whole number from 1 to 64'],
    [['run', '--leader-elect', '--shards', '0'], 'a whole number from 1 to 64'],
    [['run', '--leader-elect', '--shards', '2.5'], 'a whole number from 1 to 64'],
    [['run', '--shards', '2'], "option '--shards <number>' needs '--leader-elect'"],
    [['sync', '--shards', '2'], "option '--shards <number>' needs '--leader-elect'"],
    [['run', '--leader-election-namespace', 'No_Such'], "a namespace's name"],
    [['run', '--leader-election-id', 'A'], "an object's name"],
    [['run', '--namespace', ''], "a namespace's name"],
    [['run', '--namespace', 'a,,b'], "a namespace's name"],
    [['run', '--log-level', 'trace'], 'Allowed choices are error, warn, info, debug'],
    [['run', '--log-format', 'xml'], 'Allowed choices are json, text'],
    [['run', '--allowed-endpoint-hosts', 'https://x'], 'a host name'],
    [['run', '--allow-local-endpoints=maybe'], 'allow-local-endpoints'],
    [['run', '--kubeconfig'], 'argument missing'],
    [['run', '--no-such-flag'], 'unknown option'],
    [['run', 'extra'], 'too many arguments'],
    [['sync', '--project', 'only-a-name'], "'NAMESPACE/NAME'"],
    [['sync', '--project', 'a/b/c'], "'NAMESPACE/NAME'"],
    [['simulate', '--port', '70000'], 'a port number'],
    [['simulate', '--replay', 'a', '--scenario', 'b'], "option '--replay <file>' cannot be used with"],
    [['simulate', '--speed', '-1'], 'a number from 0'],
    [['no-such-command'], 'unknown command'],
    [[], 'Usage'],
  ])('%j', async (args, message) => {
    const { exitCode, stderr, stdout, called } = await modelartsOperator(...args);
    expect(stderr).toContain(message);
    expect(stderr).toContain('Usage: modelarts-operator');
    expect([exitCode, stdout, called]).toEqual([2, '', []]);
  });
});

describe('commands that need nothing', () => {
  it('help and version go to standard output, with 0', async () => {
    expect(await modelartsOperator('--version')).toMatchObject({
      exitCode: 0,
      stdout: '1.2.3\n',
      stderr: '',
    });
    expect(await modelartsOperator('version')).toMatchObject({ exitCode: 0, stdout: '1.2.3\n', stderr: '' });
    const help = await modelartsOperator('run', '--help');
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('--health-probe-bind-address');
  });

  it('iam-policy prints a policy, and what is not documented beside it', async () => {
    const { exitCode, stdout, stderr } = await modelartsOperator('iam-policy', '--skip', 'workspaces');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Version: '1.1', Statement: [{ Effect: 'Allow' }] });
    expect(stdout).not.toContain('workspace');
    expect(stderr).toMatch(/^No document says .*\n$/);
    const yaml = await modelartsOperator('iam-policy', '-o', 'yaml', '--skip=training-job-versions');
    expect(yaml).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Version: "1.1"\n/),
      stderr: '',
    });
    expect((await modelartsOperator('iam-policy', '--skip=pools')).exitCode).toBe(2);
  });

  it('crds prints the four kinds as YAML', async () => {
    const { exitCode, stdout } = await modelartsOperator('crds');
    expect(exitCode).toBe(0);
    expect(parseAllDocuments(stdout).map((document) => document.toJS().spec.names.kind)).toEqual([
      'ModelArtsProject',
      'ModelArtsPool',
      'ModelArtsWorkload',
      'ModelArtsResourceSpec',
    ]);
  });
});
