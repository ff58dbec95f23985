import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { runCommand, type Finished } from '../run-command.ts';

/** Paths of the programs of one Prometheus. */
export interface PrometheusPrograms {
  /** Where they came from, for people. */
  readonly origin: string;
  readonly prometheus: string;
  readonly promtool: string;
}

/**
 * Finds `prometheus` and `promtool`, first that works: PATH; the cache; Debian's package, unpacked into the cache: nothing
 * is installed and no service is started.
 *
 * @throws Error that says why there are none and what a person can do.
 */
export async function findPrometheus(log: (line: string) => void): Promise<PrometheusPrograms> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = folders.map((folder) => inFolder(folder, 'PATH')).find((found) => found !== undefined);
  return onPath ?? (await unpackedEarlier()) ?? (await unpack(log));
}

const cache = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'modelarts-operator',
  'prometheus',
);

async function unpackedEarlier(): Promise<PrometheusPrograms | undefined> {
  const versions = await readdir(cache).catch(() => []);
  return versions
    .map((version) => inFolder(join(cache, version, 'usr', 'bin'), `Debian's ${version}, unpacked earlier`))
    .find((found) => found !== undefined);
}

async function unpack(log: (line: string) => void): Promise<PrometheusPrograms> {
  const version = (await candidate()) ?? (await updated());
  if (version === undefined) throw missing('this system has no package of that name');
  log(`unpacking Debian's package prometheus ${version}`);
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, '.unfinished-'));
  try {
    await orThrow(['apt-get', 'download', `prometheus=${version}`], unfinished);
    const [archive] = (await readdir(unfinished)).filter((name) => name.endsWith('.deb'));
    if (archive === undefined) throw missing('apt-get downloaded nothing');
    const contents = join(unfinished, 'contents');
    await orThrow(['dpkg-deb', '-x', join(unfinished, archive), contents], unfinished);
    const directory = join(cache, version.replaceAll(/[^\w.+~-]/g, '_'));
    await rm(directory, { recursive: true, force: true });
    await rename(contents, directory);
    const found = inFolder(join(directory, 'usr', 'bin'), `Debian's ${version}`);
    if (found === undefined) throw missing('the package holds no prometheus and promtool');
    return found;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** The version that the package lists have; undefined without apt or lists. */
async function candidate(): Promise<string | undefined> {
  const asked = await runCommand(['apt-cache', 'policy', 'prometheus']).catch(() => undefined);
  const version = /^ {2}Candidate: (\S+)$/m.exec(asked?.output ?? '')?.[1];
  return version === '(none)' ? undefined : version;
}

/** Package lists may be missing, as in a fresh container; who may fetch them does. */
async function updated(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  await runCommand(['apt-get', 'update']).catch(() => undefined);
  return candidate();
}

async function orThrow(command: readonly [string, ...string[]], cwd: string): Promise<void> {
  const { code, output }: Finished = await runCommand(['env', '--chdir', cwd, ...command]).catch(
    (error: unknown) => ({ code: 1, output: String(error) }),
  );
  if (code !== 0) throw missing(output.trim().split('\n').at(-1) ?? '');
}

function missing(why: string): Error {
  return new Error(
    `there are no prometheus and promtool on PATH, and Debian's package cannot be had (${why}); install Prometheus`,
  );
}

function inFolder(folder: string, origin: string): PrometheusPrograms | undefined {
  const [prometheus, promtool] = [join(folder, 'prometheus'), join(folder, 'promtool')];
  return existsSync(prometheus) && existsSync(promtool) ? { origin, prometheus, promtool } : undefined;
}
