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
  /**
   * Asks past a page that is shorter than asked for, until nothing new comes: a server that gives smaller pages than
   * documented looks finished after the first. For walks that are to prove an absence.
   */
  readonly beyondShortPages?: boolean;
}

/**
 * Reads a pool's workloads page by page until a page has fewer rows than asked for (the only documented end). Pages
 * overlap by one row: where that row is not the one that was last before, rows were added or removed meanwhile, one may
 * have slipped through, and the walk is not complete. Nor is it where a server forgets `offset` and repeats a page.
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
  let last: string | undefined;
  let shifted = false;
  for (let requests = 1; requests <= maxPages; requests++) {
    const answer = await reader.listWorkloads(pool, { ...options.query, offset, limit: pageSize }, signal);
    signal.throwIfAborted();
    const { items, received } = answer.value;
    issues.push(...answer.issues);
    unidentified += answer.value.unidentified;
    shifted ||= last !== undefined && items[0]?.uid !== last;
    const fresh = items.some(({ uid }) => !rows.has(uid));
    for (const facts of items) rows.set(facts.uid, { facts, readAt: answer.date, sequence: answer.sequence });
    // The first row of a later page is the last one of the page before: alone, it shows that nothing follows.
    const least = options.beyondShortPages === true ? Math.min(requests, 2) : pageSize;
    const ended = received < least;
    if (ended || !fresh || options.enough?.(items, rows) === true) {
      return { rows, complete: ended && !shifted, unidentified, issues, requests };
    }
    last = items.at(-1)?.uid;
    offset += received - 1;
  }
  return { rows, complete: false, unidentified, issues, requests: maxPages };
}
