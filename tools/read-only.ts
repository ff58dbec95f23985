import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Environment variable: the folder into which tests write what servers were asked (test/support/witness.mjs). */
export const requestsFolderVariable = 'MODELARTS_TEST_REQUESTS';

/**
 * What ModelArts and IAM may be asked: the calls of the vendor's API reference that read, and the one that asks for a
 * token. Written by hand, and not taken from the operator's own list, which is held to it.
 */
export const reads = [
  'GET /v2/{project}/pools',
  'GET /v2/{project}/pools/{pool}',
  'GET /v2/{project}/pools/{pool}/workloads',
  'GET /v2/{project}/statistics/pools/{pool}/workloads',
  'GET /v2/{project}/metrics/runtime/pools',
  'GET /v1/{project}/workspaces',
  'GET /v1/{project}/training-jobs/versions',
  'GET /v1/{project}/job/resource-specs',
  'GET /v1/{project}/resourceflavors',
  'POST /v3/auth/tokens',
] as const;

/** An endpoint may have a path of its own, which comes before that of the call. */
const patterns = reads.map((read) => ({
  read,
  pattern: new RegExp(`^${read.replace(' ', ' (?:/[^/]+)*').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}));

/** What test processes serve besides ModelArts: the simulator's control API, the operator's own ports, an apiserver. */
const others = /^\/(_sim\/|apis?(\/|$)|metrics$|healthz$|readyz$|version$)/;

/**
 * What a server was asked, as a line: the read of the list that it is, or method and path where it is none of them.
 * Undefined for what is not meant for ModelArts.
 */
export function requestLine(method: string, target: string): string | undefined {
  // A proxy is asked for whole URLs.
  const { pathname } = new URL(target, 'http://localhost');
  if (others.test(pathname)) return undefined;
  const text = `${method} ${pathname}`;
  return patterns.find(({ pattern }) => pattern.test(text))?.read ?? text;
}

/** How often each thing was asked, by its line. The files hold `<count> <method> <target>`, a line each. */
export async function readRequests(folder: string): Promise<ReadonlyMap<string, number>> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const counts = new Map<string, number>();
  for (const text of texts.flatMap((text) => text.split('\n')).filter((text) => text !== '')) {
    const [, count = '', method = '', target = ''] = /^(\d+) (\S+) (.*)$/.exec(text) ?? [];
    const line = requestLine(method, target);
    if (line !== undefined) counts.set(line, (counts.get(line) ?? 0) + Number(count));
  }
  return counts;
}

/** What is wrong with what was asked; empty when all of it only reads. `all`: every test ran, so each read was seen. */
export function requestProblems(counts: ReadonlyMap<string, number>, all: boolean): string[] {
  const known: ReadonlySet<string> = new Set(reads);
  const foreign = [...counts.keys()].filter((line) => !known.has(line));
  const unseen = all ? reads.filter((read) => !counts.has(read)) : [];
  return [
    ...foreign.map((line) => `ModelArts was asked what is no read of the list: ${line}`),
    ...unseen.map((read) => `in the list of tools/read-only.ts, and asked in no test: ${read}`),
  ];
}

/** For people: how much ModelArts was asked, and what. */
export function requestsReport(counts: ReadonlyMap<string, number>): string[] {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const lines = [...counts].sort(([, a], [, b]) => b - a);
  return [
    `ModelArts was asked ${total} times by these tests:`,
    ...lines.map(([request, count]) => `${String(count).padStart(9)}  ${request}`),
  ];
}
