/**
 * One pass over the pools of a project: lists, then the detail reads that the lists make necessary. Reads only; what
 * the answers mean for the mirrors is decided in pool-observations.ts.
 */
import { upstreamError } from '../api/errors.ts';
import type { ListFacts, PoolFacts } from '../api/facts.ts';
import type { Answer, ModelArtsReader } from '../api/upstream.ts';

export type Read<T> =
  { readonly ok: true; readonly answer: Answer<T> } | { readonly ok: false; readonly error: unknown };

export type PoolLists = ReadonlyMap<string, Read<ListFacts<PoolFacts>>>;
export type PoolDetails = ReadonlyMap<string, Read<PoolFacts>>;

/** `["*"]` asks ModelArts which workspaces there are. Rejects with what that list said. */
export async function resolveWorkspaces(
  reader: ModelArtsReader,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!wanted.includes('*')) return wanted;
  const { value } = await reader.listWorkspaces(signal);
  return [...new Set(['0', ...value.items.map(({ id }) => id)])];
}

/** One list a workspace. A workspace that fails stands in the result as failed and costs the others nothing. */
export async function readLists(
  reader: ModelArtsReader,
  workspaces: readonly string[],
  signal: AbortSignal,
): Promise<PoolLists> {
  const entries = workspaces.map(
    async (workspaceID) =>
      [workspaceID, await attempt(() => reader.listPools({ workspaceID }, signal), signal)] as const,
  );
  return new Map(await Promise.all(entries));
}

export async function readDetails(
  reader: ModelArtsReader,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<PoolDetails> {
  const entries = ids.map(
    async (id) => [id, await attempt(() => reader.getPool(id, signal), signal)] as const,
  );
  return new Map(await Promise.all(entries));
}

/** What upstream says becomes a value; anything else (a stop, a bug) is thrown on. */
async function attempt<T>(read: () => Promise<Answer<T>>, signal: AbortSignal): Promise<Read<T>> {
  try {
    return { ok: true, answer: await read() };
  } catch (error) {
    if (signal.aborted || upstreamError(error) === undefined) throw error;
    return { ok: false, error };
  }
}
