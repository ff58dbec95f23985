import { poolNotFound, workspaceClosed, type ApiFailure } from './api-failure.ts';
import { resolveDialect, type FullDialect } from './dialect.ts';
import type { SimPool, SimProject } from './model.ts';

/** One authenticated request to a ModelArts call. */
export interface Call {
  readonly project: SimProject;
  /** By the names in the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly now: number;
}

/** A call that the simulated ModelArts offers. Handlers throw `ApiFailure`. */
export interface Route {
  /** The operation's name, for counting and for fault rules. */
  readonly name: string;
  /** `{name}` stands for one segment; the first is `{project}`. */
  readonly pattern: string;
  /** False: not published here (404 APIGW.0101). Default: offered. */
  offered?(project: SimProject): boolean;
  /** Returns the body of a 200 answer. */
  answer(call: Call): unknown;
}

export function dialectOf(call: Call, pool?: SimPool): FullDialect {
  return resolveDialect(call.project.dialect, pool?.dialect);
}

/** The pool of the path, if the credential may see it. */
export function poolOf(call: Call, missing: (id: string) => ApiFailure = poolNotFound): SimPool {
  const id = call.params['pool'] ?? '';
  const pool = call.project.pools.get(id);
  if (pool === undefined || pool.legacy) throw missing(id);
  if (call.project.workspaces.get(pool.workspace)?.closed === true) throw workspaceClosed(pool.workspace);
  return pool;
}

/** Pools that v2 calls know. */
export const modernPools = (project: SimProject): SimPool[] =>
  [...project.pools.values()].filter((pool) => !pool.legacy);
