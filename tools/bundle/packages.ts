import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

import { root } from '../run-command.ts';

/** A package of which something is in the bundle. */
export interface Package {
  /** Its folder, relative to the project's: its key in the lock file. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As its package.json says it, an SPDX expression; undefined when it says none. */
  readonly licence: string | undefined;
  /** Its licence and its notices, whole; empty when it has no such file. */
  readonly texts: readonly string[];
}

const legalFile = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/** Sorted by name and version. A package that is installed twice in one version is named once. */
export function bundledPackages(metafile: Metafile, folder = root): Package[] {
  const found = new Map<string, Package>();
  for (const path of packageFolders(Object.keys(metafile.inputs))) {
    const one = readPackage(folder, path);
    found.set(`${one.name}@${one.version}`, one);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The folders of the packages that the files are in, the innermost where one package holds another. */
function packageFolders(files: readonly string[]): Set<string> {
  // esbuild puts the name of its namespace before files that a plugin loads.
  const folders = files.flatMap(
    (file) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? [],
  );
  return new Set(folders);
}

function readPackage(project: string, path: string): Package {
  const folder = join(project, path);
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: unknown;
  };
  const files = readdirSync(folder)
    .filter((file) => legalFile.test(file))
    .sort();
  return {
    path,
    name,
    version,
    licence: typeof license === 'string' ? license : undefined,
    texts: files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim()),
  };
}
