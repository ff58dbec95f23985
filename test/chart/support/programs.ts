import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { builtManifestTools, type ManifestTools } from '../../../tools/manifest-tools/manifest-tools.ts';
import type { CommandResult } from '../../support/control-plane.ts';
import { objectsOf, type Rendered } from './objects.ts';

export const root = join(import.meta.dirname, '..', '..', '..');
export const chartFolder = join(root, 'charts', 'modelarts-operator');
export const manifestsFolder = join(root, 'manifests');

export type Values = Readonly<Record<string, unknown>>;

export interface Release {
  /** Default `modelarts-operator`. */
  readonly name?: string;
  /** Default `modelarts-operator`. */
  readonly namespace?: string;
  readonly values?: Values;
  /** Default: the chart of the project. */
  readonly chart?: string;
}

function tools(): ManifestTools {
  const found = builtManifestTools();
  if (found === undefined)
    throw new Error('helm, kustomize and kubeconform are not built yet: `npm test -- chart` builds them');
  return found;
}

/** Runs one of the programs; never rejects on what it says, only when it cannot be run. */
export function run(
  program: keyof ManifestTools,
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(tools()[program], [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number')
        reject(new Error(`${program} ${args.join(' ')}`, { cause: error }));
      else resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : 0 });
    });
    // A program may end without reading its input: that is not an error.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** `helm COMMAND RELEASE CHART` with values on standard input. */
export function helm(
  command: readonly string[],
  {
    name = 'modelarts-operator',
    namespace = 'modelarts-operator',
    values = {},
    chart = chartFolder,
  }: Release = {},
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const args = [...command, name, chart, '--namespace', namespace, '--values', '-'];
  return run('helm', args, { input: JSON.stringify(values), env });
}

/** What the chart makes of these values. */
export async function render(release: Release = {}): Promise<Rendered[]> {
  const { code, stdout, stderr } = await helm(['template'], release);
  if (code !== 0) throw new Error(stderr);
  return objectsOf(stdout);
}

/** What `kustomize build` makes of a folder. */
export async function kustomize(folder: string): Promise<Rendered[]> {
  const { code, stdout, stderr } = await run('kustomize', ['build', folder]);
  if (code !== 0) throw new Error(stderr);
  return objectsOf(stdout);
}
