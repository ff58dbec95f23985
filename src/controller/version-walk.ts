import type { DecodeIssue, WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { Walk, WalkedRow } from './walk.ts';

/** No largest page is documented; a server that gives smaller ones is asked for the rest. 0 would mean all. */
const pageSize = 500;
const maxPages = 2_000;

export interface VersionWalkOptions {
  readonly workspaceID: string;
  readonly order: 'oldestFirst' | 'newestFirst';
  /** Asked after each page; true ends the walk early (it is then not complete). */
  readonly enough?: (page: readonly WorkloadFacts[], rows: ReadonlyMap<string, WalkedRow>) => boolean;
}

/**
 * Reads the training-job versions of one workspace page by page. Pages overlap by one row, as in walkWorkloads, which
 * also shows a server whose `offset` counts something else than rows. Complete is a walk only when it found as many
 * versions as the last page says that there are, or, where pages say nothing, when nothing new came.
 */
export async function walkVersions(
  reader: ModelArtsReader,
  { workspaceID, order, enough }: VersionWalkOptions,
  signal: AbortSignal,
): Promise<Walk> {
  const rows = new Map<string, WalkedRow>();
  const issues: DecodeIssue[] = [];
  let unidentified = 0;
  let offset = 0;
  let last: string | undefined;
  let shifted = false;
  for (let requests = 1; requests <= maxPages; requests++) {
    const query = { workspaceID, order, offset, limit: pageSize };
    const answer = await reader.listTrainingJobVersions(query, signal);
    signal.throwIfAborted();
    const { items, received, total } = answer.value;
    issues.push(...answer.issues);
    unidentified += answer.value.unidentified;
    shifted ||= last !== undefined && items[0]?.uid !== last;
    const fresh = items.some(({ uid }) => !rows.has(uid));
    for (const facts of items) rows.set(facts.uid, { facts, readAt: answer.date, sequence: answer.sequence });
    const ended =
      total === undefined
        ? received < Math.min(requests, 2)
        : received < pageSize && offset + received >= total;
    if (ended || !fresh || enough?.(items, rows) === true) {
      const whole = ended && !shifted && (total === undefined || total === rows.size);
      return { rows, complete: whole, unidentified, issues, requests };
    }
    last = items.at(-1)?.uid;
    offset += received - 1;
  }
  return { rows, complete: false, unidentified, issues, requests: maxPages };
}
