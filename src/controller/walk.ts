import type { DecodeIssue, WorkloadFacts } from '../api/facts.ts';
import type { ModelArtsReader, WorkloadQuery } from '../api/upstream.ts';

/** The largest page that the API gives (reference 2.1). */
export const pageSize = 500;

/** No pool is walked further than this: a server that pages in circles in some new way must end somewhere. */
const maxPages = 2_000;

/** One row, with the answer that carried it. */
export interface WalkedRow {
  readonly facts: WorkloadFacts;
  /** Date of that answer, milliseconds. */
  readonly readAt: number;
  readonly sequence: number;
}

export interface Walk {
  /** By identity; a row that came twice (pages shift while they are read) stands as it was read last. */
  readonly rows: ReadonlyMap<string, WalkedRow>;
  /**
   * Every page was read to the end and none came twice. Only then does an absence mean anything, and only where
   * `unidentified` is 0.
   */
  readonly complete: boolean;
  /** Rows without any identity. */
  readonly unidentified: number;
  readonly issues: readonly DecodeIssue[];
  readonly requests: number;
}

export interface WalkOptions {
  readonly query: Omit<WorkloadQuery, 'offset' | 'limit'>;
  /** Asked after each page; true ends the walk early (it is then not complete). */
  readonly enough?: (page: readonly WorkloadFacts[], rows: ReadonlyMap<string, WalkedRow>) => boolean;
}

/**
 * Reads a pool's workloads page by page until a page has fewer rows than asked for (the only documented end). A server
 * that forgets `offset` and gives the same page again is noticed: the walk ends and is not complete.
 */
export async function walkWorkloads(
  reader: ModelArtsReader,
  pool: string,
  options: WalkOptions,
  signal: AbortSignal,
): Promise<Walk> {
  const rows = new Map<string, WalkedRow>();
  const issues: DecodeIssue[] = [];
  let unidentified = 0;
  let offset = 0;
  for (let requests = 1; requests <= maxPages; requests++) {
    const { value, issues: found, sequence, date } = await reader.listWorkloads(
      pool,
      { ...options.query, offset, limit: pageSize },
      signal,
    );
    issues.push(...found);
    unidentified += value.unidentified;
    const seenBefore = value.items.filter(({ uid }) => rows.has(uid)).length;
    for (const facts of value.items) rows.set(facts.uid, { facts, readAt: date, sequence });
    const circling = value.items.length > 0 && seenBefore === value.items.length;
    const ended = value.received < pageSize;
    if (circling || ended || options.enough?.(value.items, rows) === true) {
      return { rows, complete: ended && !circling, unidentified, issues, requests };
    }
    offset += value.received;
  }
  return { rows, complete: false, unidentified, issues, requests: maxPages };
}
