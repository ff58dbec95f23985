import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { root } from '../../tools/run-command.ts';
import { runInProcess, type ProgramName } from '../support/in-process.ts';
import { Program } from '../support/program.ts';

/** Every command of both programs, as its `--help` tells: what is wrong is said, how it is used too, and it ends with 2. */
interface Usage {
  readonly program: ProgramName;
  readonly command: string;
  /** `--port` and `<number>`; a flag without a value has none. */
  readonly flags: readonly { readonly flag: string; readonly value: string | undefined }[];
  /** Values for those that must be there. */
  readonly required: readonly string[];
  /** Names of those that must be there. */
  readonly positional: readonly string[];
}

const programs: readonly ProgramName[] = ['modelarts-operator', 'kubectl modelarts'];
/** Flags without which a command does nothing at all. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  export: ['--endpoint=https://modelarts.example.com', `--project-id=${'0'.repeat(32)}`],
};

const help = async (program: ProgramName, ...args: string[]): Promise<string> =>
  (await runInProcess(program, [...args, '--help'])).stdout;

async function usages(): Promise<Usage[]> {
  const all: Usage[] = [];
  for (const program of programs) {
    const [, list = ''] = (await help(program)).split('\nCommands:\n');
    const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name);
    for (const command of names.filter((name) => name !== 'help')) {
      const text = await help(program, command);
      all.push({
        program,
        command,
        flags: [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)(?: (<[^>]+>|\[[^\]]+\]))?/gm)].map(
          ([, flag = '', value]) => ({ flag, value }),
        ),
        required: mandatory[command] ?? [],
        positional: [...(/^Usage:.*$/m.exec(text)?.[0] ?? '').matchAll(/<(\w+)>/g)].map(
          ([, name = '']) => name,
        ),
      });
    }
  }
  return all;
}

const all = await usages();
const named = ({ program, command }: Usage): string => `${program} ${command}`;
const given = ({ command, required, positional }: Usage): string[] => [
  ...[command, ...required, ...positional.map((name) => `any-${name}`)],
];

it('knows the commands', () => {
  expect(all.map(named)).toEqual(
    expect.arrayContaining([
      ...['run', 'sync', 'export', 'doctor', 'top', 'simulate', 'crds', 'version'].map(
        (name) => `modelarts-operator ${name}`,
      ),
      ...['top', 'queue', 'why', 'sync', 'describe', 'budget', 'doctor', 'version'].map(
        (name) => `kubectl modelarts ${name}`,
      ),
    ]),
  );
});

describe('bad usage of each command ends with 2 and the usage, and nothing on standard output', () => {
  const refused = async (
    { program, command }: Usage,
    args: readonly string[],
    words: RegExp,
  ): Promise<void> => {
    const { code, stdout, stderr } = await runInProcess(program, args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).toContain(`\nUsage: ${program} ${command}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  };

  it.each(all.map((usage) => [named(usage), usage] as const))('%s', async (_name, usage) => {
    const { flags, positional, required, command } = usage;
    await refused(usage, [...given(usage), '--no-such-flag'], /^error: unknown option '--no-such-flag'/);
    await refused(usage, [...given(usage), 'one', 'too', 'many'], /^error: too many arguments/);
    if (positional.length > 0) await refused(usage, [command], /^error: missing required argument/);
    if (required.length > 0) await refused(usage, [command], /^error: required option/);
    for (const { flag, value } of flags.filter(({ flag }) => flag !== '--help')) {
      if (value?.startsWith('<') === true)
        await refused(
          usage,
          [...given(usage), flag],
          new RegExp(`^error: option '.*${flag} .*argument missing`),
        );
      if (value === undefined)
        await refused(usage, [...given(usage), `${flag}=maybe`], /^error: unknown option '.*=maybe'/);
    }
  });

  /** By what stands between the angle brackets; `undefined`: any text will do. */
  const badValues: Readonly<Record<string, string | undefined>> = {
    '<address>': '8080',
    '<duration>': 'soon',
    '<endpoint>': 'no url',
    '<factor>': '-1',
    '<file>': undefined,
    '<format>': 'xml',
    '<glob>': 'https://x',
    '<id>': 'a/b',
    '<level>': 'loud',
    '<name>': 'No Name',
    '<namespace/name>': 'a/b/c',
    '<number>': 'many',
    '<part>': 'pools',
    '<url>': 'no url',
    '[boolean]': 'maybe',
  };
  /** Names of these are no names of objects. */
  const anyText = new Set(['--context', '--region']);

  it.each(all.map((usage) => [named(usage), usage] as const))('%s: values', async (_name, usage) => {
    for (const { flag, value } of usage.flags) {
      if (value === undefined || anyText.has(flag)) continue;
      expect(Object.keys(badValues)).toContain(value);
      const bad = badValues[value];
      if (bad !== undefined)
        await refused(
          usage,
          [...given(usage), `${flag}=${bad}`],
          new RegExp(`^error: option '.*${flag}.*' is invalid`),
        );
    }
  });

  it.each(programs)('%s without a command, and with an unknown one', async (program) => {
    for (const args of [[], ['no-such-command']]) {
      const { code, stdout, stderr } = await runInProcess(program, args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`Usage: ${program}`);
    }
  });
});

it('docs/kubectl.md has every command of the plugin, and every flag', () => {
  const page = readFileSync(join(root, 'docs/kubectl.md'), 'utf8');
  const rows = [...page.matchAll(/^\| \[?`(.*?)\|/gm)].map(([, cell = '']) => cell);
  const plugin = all.filter(({ program }) => program === 'kubectl modelarts');
  const names = rows.map((cell) => /^([a-z]+)/.exec(cell)?.[1]);
  expect(names).toEqual(expect.arrayContaining(plugin.map(({ command }) => command)));
  const flags = plugin
    .flatMap((usage) => usage.flags.map(({ flag }) => flag))
    .filter((flag) => flag !== '--help');
  const documented = rows.map((cell) => /^(--[a-z-]+)/.exec(cell)?.[1]).filter((flag) => flag !== undefined);
  expect(documented.sort()).toEqual([...new Set(flags)].sort());
});

describe('a file that cannot be used is one sentence that names it', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-usage-'));
    await writeFile(join(folder, 'binary'), new Uint8Array([0xff, 0xfe, 0x00, 0x7b, 0x22]));
    await writeFile(join(folder, 'text'), 'this is no file of that kind: [');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const readers = all.flatMap((usage) =>
    usage.flags
      // What is recorded is written; `run --record` has a test of its own.
      .filter(({ flag, value }) => value === '<file>' && flag !== '--record')
      .map(({ flag }) => [`${named(usage)} ${flag}`, usage, flag] as const),
  );

  it('concerns these flags', () => {
    expect([...new Set(readers.map(([, , flag]) => flag))].sort()).toEqual([
      ...['--ca-file', '--kubeconfig', '--replay', '--scenario'],
    ]);
  });

  it.each(readers)('%s', async (_name, usage, flag) => {
    // doctor finds what is wrong with a kubeconfig, and is not stopped by it.
    const finds = usage.command === 'doctor' && flag === '--kubeconfig';
    const endpoint = flag === '--ca-file' && usage.command === 'doctor' ? (mandatory['export'] ?? []) : [];
    for (const name of ['missing', '.', 'binary', 'text']) {
      const file = join(folder, name);
      const { code, stdout, stderr } = await runInProcess(
        usage.program,
        [...given(usage), ...endpoint, `${flag}=${file}`],
        { credentials: { ...noCredentials, token: 'a-token' } },
      );
      expect({
        name,
        code: [1, 2].includes(code),
        lines: (finds ? stdout : stderr).trimEnd().split('\n').length,
      }).toEqual({
        ...{ name, code: true, lines: 1 },
      });
      expect(finds ? stdout : stderr).toContain(file);
      expect(finds ? stderr : stdout).toBe('');
    }
  });
});

const noCredentials = {
  token: undefined,
  accessKeyID: undefined,
  secretAccessKey: undefined,
  securityToken: undefined,
};

describe('somebody who reads no further', () => {
  const script = join(root, 'src/main.ts');
  const sh = (line: string) =>
    new Program(['/bin/sh', '-c', line, process.execPath, script], { cwd: '/' }).ended;

  it.each([
    [
      'of standard output',
      '{ "$0" "$1" crds; echo "ended with $?" >&2; } | head -c 10 >/dev/null',
      'ended with 0\n',
    ],
    ['of standard error', '{ "$0" "$1" run --no-such-flag 2>&1 1>/dev/null; } | head -c 10 >/dev/null', ''],
  ])('%s is no error', async (_which, line, stderr) => {
    expect(await sh(line)).toEqual({ code: 0, stdout: '', stderr });
  });
});
