import { describe, expect, it } from '@jest/globals';

import type { PluginCommands } from './options.ts';
import { runPlugin } from './plugin-program.ts';

interface Called {
  readonly exitCode: number;
  readonly stderr: string;
  /** The command, and what it was given. */
  readonly call: readonly unknown[] | undefined;
}

async function modelarts(...args: string[]): Promise<Called> {
  let call: readonly unknown[] | undefined;
  let stderr = '';
  const commands = new Proxy({} as PluginCommands, {
    get:
      (_, name) =>
      (...given: unknown[]): Promise<number> => {
        call = [name, ...given];
        return Promise.resolve(0);
      },
  });
  const exitCode = await runPlugin(args, {
    version: '1.2.3',
    commands,
    stdout: () => undefined,
    stderr: (text) => void (stderr += text),
  });
  return { exitCode, stderr, call };
}

const here = { allNamespaces: false, output: 'table' };

describe('the plugin gives its commands what was asked for', () => {
  it.each<[string[], unknown[]]>([
    [['top'], ['top', { ...here, once: false }]],
    [
      ['top', '-A', '--once', '-o', 'yaml', '--context', 'a', '--kubeconfig=/k'],
      ['top', { allNamespaces: true, output: 'yaml', once: true, context: 'a', kubeconfig: '/k' }],
    ],
    [
      ['queue', 'pool'],
      ['queue', { name: 'pool' }, here],
    ],
    [
      ['describe', 'team/pool', '-n', 'other'],
      ['describe', { namespace: 'team', name: 'pool' }, { ...here, namespace: 'other' }],
    ],
    [
      ['why', '训练 任务'],
      ['why', { name: '训练 任务' }, here],
    ],
    [
      ['sync', 'pool', '--timeout=90s'],
      ['sync', { name: 'pool' }, { ...here, timeout: 90_000 }],
    ],
    [['budget'], ['budget', undefined, here]],
    [
      ['budget', 'eu'],
      ['budget', { name: 'eu' }, here],
    ],
    [
      ['doctor', '-o', 'json'],
      ['doctor', { ...here, output: 'json' }],
    ],
  ])('%j', async (args, call) => {
    expect(await modelarts(...args)).toEqual({ exitCode: 0, stderr: '', call });
  });

  it.each<[string[], RegExp]>([
    [
      ['top', '-A', '-n', 'team'],
      /^error: option '-A, --all-namespaces' cannot be used with option '-n, --namespace <name>'/,
    ],
    [
      ['queue', 'No_Namespace/pool'],
      /^error: command-argument value 'No_Namespace\/pool' is invalid for argument 'pool'/,
    ],
    [['why', ''], /^error: .* It must be 'NAME' or 'NAMESPACE\/NAME'\./],
    [['why', 'team/'], /^error: .* It must be 'NAME' or 'NAMESPACE\/NAME'\./],
  ])('and refuses %j', async (args, words) => {
    const { exitCode, stderr, call } = await modelarts(...args);
    expect({ exitCode, call }).toEqual({ exitCode: 2, call: undefined });
    expect(stderr).toMatch(words);
  });
});
