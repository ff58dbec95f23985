import type { DecodeIssue, ListFacts, WorkloadFacts } from '../api/facts.ts';
import type { Answer, ModelArtsReader, WorkloadPage, WorkloadQuery } from '../api/upstream.ts';

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

/** Asked after each page; true ends the walk early (it is then not complete). */
export type Enough = (page: readonly WorkloadFacts[], rows: ReadonlyMap<string, WalkedRow>) => boolean;

/** What differs between the lists that are walked. */
export interface Paging<Page extends ListFacts<WorkloadFacts>> {
  readonly read: (offset: number) => Promise<Answer<Page>>;
  /** Nothing follows this page, the `requests`-th of the walk. */
  readonly ended: (page: Page, at: { readonly offset: number; readonly requests: number }) => boolean;
  /** What the last page says of the whole agrees with what was found. Default: it says nothing. */
  readonly agrees?: (page: Page, found: number) => boolean;
  readonly enough?: Enough | undefined;
}

export interface WalkOptions {
  readonly query: Omit<WorkloadQuery, 'offset' | 'limit' | 'before'>;
  readonly enough?: Enough;
  /**
   * Asks past a page that is shorter than asked for, until nothing new comes: a server that gives smaller pages than
   * documented looks finished after the first. For walks that are to prove an absence.
   */
  readonly beyondShortPages?: boolean;
  /** The pages that the same query gave before: those that are as they were cost less. */
  readonly before?: readonly (WorkloadPage | undefined)[];
}

/** A walk over a pool's workloads, with the pages that it is made of. */
export interface WorkloadWalk extends Walk {
  readonly pages: readonly Answer<WorkloadPage>[];
}

/**
 * Reads a list page by page to its end. Pages overlap by one row: where that row is not the one that was last before,
 * rows were added or removed meanwhile, one may have slipped through, and the walk is not complete. Nor is it where a
 * server forgets `offset` and repeats a page.
 */
export async function walkPages<Page extends ListFacts<WorkloadFacts>>(
  { read, ended, agrees, enough }: Paging<Page>,
  signal: AbortSignal,
): Promise<Walk> {
  const rows = new Map<string, WalkedRow>();
  const issues: DecodeIssue[] = [];
  let unidentified = 0;
  let offset = 0;
  let last: string | undefined;
  let shifted = false;
  for (let requests = 1; requests <= maxPages; requests++) {
    const answer = await read(offset);
    signal.throwIfAborted();
    const page = answer.value;
    const { items, received } = page;
    issues.push(...answer.issues);
    unidentified += page.unidentified;
    shifted ||= last !== undefined && items[0]?.uid !== last;
    const fresh = items.some(({ uid }) => !rows.has(uid));
    for (const facts of items) rows.set(facts.uid, { facts, readAt: answer.date, sequence: answer.sequence });
    const atEnd = ended(page, { offset, requests });
    if (atEnd || !fresh || enough?.(items, rows) === true) {
      const complete = atEnd && !shifted && agrees?.(page, rows.size) !== false;
      return { rows, complete, unidentified, issues, requests };
    }
    last = items.at(-1)?.uid;
    offset += received - 1;
  }
  return { rows, complete: false, unidentified, issues, requests: maxPages };
}

/** Reads a pool's workloads until a page has fewer rows than asked for: the only documented end. */
export async function walkWorkloads(
  reader: ModelArtsReader,
  pool: string,
  { query, enough, beyondShortPages, before }: WalkOptions,
  signal: AbortSignal,
): Promise<WorkloadWalk> {
  const pages: Answer<WorkloadPage>[] = [];
  const walk = await walkPages(
    {
      read: async (offset) => {
        const asked = { ...query, offset, limit: pageSize, before: before?.[pages.length] };
        const answer = await reader.listWorkloads(pool, asked, signal);
        pages.push(answer);
        return answer;
      },
      // The first row of a later page is the last one of the page before: alone, it shows that nothing follows.
      ended: ({ received }, { requests }) =>
        received < (beyondShortPages === true ? Math.min(requests, 2) : pageSize),
      enough,
    },
    signal,
  );
  return { ...walk, pages };
}
