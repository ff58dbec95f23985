import type { Answered, Asked, Spoil } from './spoiler.ts';

/** A way in which answers are bad, and what the operator makes of it. */
export interface BadAnswer {
  /** As docs/bad-input.md names it: the first cell of a row. */
  readonly answer: string;
  /** The second cell of that row. */
  readonly gets: string;
  readonly spoil: Spoil;
  /** The condition `Synced` of the project while answers are so. Default: True. */
  readonly project?: string;
  /** The same of its pool. Default: True. */
  readonly pool?: string;
  /** What the message of the condition that is not True says. */
  readonly says?: RegExp;
  /** A part of the pool's status. */
  readonly shows?: object;
  /** The project has a second workspace, with a pool of its own. */
  readonly twoWorkspaces?: boolean;
}

export const otherWorkspace = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';

type Body = Record<string, unknown>;
type Row = Record<string, Record<string, unknown> | undefined>;

const json = { 'content-type': 'application/json' };
const always = (answer: Partial<Answered>): Spoil => {
  return (good) => ({ ...good, status: 200, headers: json, ...answer });
};
const text = (body: string): Spoil => always({ body: Buffer.from(body) });

/** Changes the parsed body of good answers to these requests. */
function edit(
  these: readonly Asked[],
  change: (body: Body, turn: number, query: URLSearchParams) => unknown,
): Spoil {
  return (good, { asked, turn, query }) => {
    if (!these.includes(asked) || good.status !== 200) return good;
    const body = JSON.parse(good.body.toString()) as Body;
    return { ...good, body: Buffer.from(JSON.stringify(change(body, turn, query))) };
  };
}

/** Changes each pool, in the list and alone. */
const editPool = (change: (pool: Row) => unknown): Spoil =>
  edit(['pools', 'pool'], (body) => {
    for (const pool of (body['items'] as Row[] | undefined) ?? [body as Row]) change(pool);
    return body;
  });

const editRows = (these: readonly Asked[], change: (rows: unknown[], turn: number) => unknown[]): Spoil =>
  edit(these, (body, turn) => ({ ...body, items: change(body['items'] as unknown[], turn) }));

/** Nothing of the answer can be used. */
const invalid = { project: 'False/InvalidResponse', pool: 'False/InvalidResponse' };

export const badAnswers: readonly BadAnswer[] = [
  {
    answer: 'a field of another type, or an amount or time that cannot be read',
    gets: 'the field is left out; the pool says `Synced=False/InvalidResponse` with path and value, the project `PartialFailure`',
    spoil: editPool((pool) => {
      pool['status'] = { ...pool['status'], phase: { odd: true } };
      pool['metadata'] = { ...pool['metadata'], creationTimestamp: 'yesterday' };
    }),
    project: 'False/PartialFailure',
    pool: 'False/InvalidResponse',
    says: /status\.phase is an object and not a text/,
  },
  {
    answer: 'a missing field',
    gets: 'the field is absent',
    spoil: editPool((pool) => {
      delete pool['status'];
    }),
  },
  {
    answer: 'a field or word that is not documented',
    gets: 'ignored, or shown as it is',
    spoil: editPool((pool) => {
      pool['status'] = { ...pool['status'], phase: 'Dreaming', of: ['sheep'] };
    }),
    shows: { phase: 'Dreaming' },
  },
  {
    answer: 'a row without an identity',
    gets: 'the row is left out, and its list proves no absence: the pool says `Synced=False/InvalidResponse`',
    spoil: editRows(['pools', 'jobs'], (rows) => [{ kind: 'Workload' }, 'no row', ...rows.slice(1)]),
    project: 'False/PartialFailure',
    pool: 'False/InvalidResponse',
    says: /items\[0\] is an object and not a row with an identity/,
  },
  {
    answer: 'a row that comes twice',
    gets: 'one mirror; of a pool the project says `Synced=False/PartialFailure`',
    spoil: editRows(['pools', 'jobs'], (rows) => [...rows, ...rows]),
    project: 'False/PartialFailure',
  },
  {
    answer: 'a page that repeats',
    gets: 'what was read is shown; the walk proves no absence',
    spoil: editRows(['jobs'], (rows) =>
      Array.from({ length: rows.length === 0 ? 0 : 500 }, (_, i) => rows[i % rows.length]),
    ),
  },
  {
    answer: 'a page that skips rows',
    gets: 'what was read is shown; statistics that count the rest hold every mirror',
    spoil: editRows(['jobs'], (rows, turn) => rows.toSpliced(turn % rows.length, 1)),
  },
  {
    answer: 'totals that disagree with the rows',
    gets: 'the rows count',
    spoil: edit(['jobs', 'statistics', 'other'], (body) => ({
      ...body,
      total: 99,
      total_count: 99,
      count: 99,
    })),
  },
  {
    answer: 'a list that is good in one workspace and fails in another',
    gets: 'the good one is mirrored; the project says `Synced=False/PartialFailure` and names the other, whose mirrors stay',
    twoWorkspaces: true,
    spoil: (good, { asked, query }) =>
      asked === 'pools' && query.get('workspaceId') === otherWorkspace
        ? { status: 500, headers: json, body: Buffer.from('{"error_code":"ModelArts.7001"}') }
        : good,
    project: 'False/PartialFailure',
  },
  {
    answer: '200 with an error in the body (`is_success: false`, or an `error_code`)',
    gets: 'the error that it says; never a proof that something is gone',
    spoil: text('{"error_code":"ModelArts.50015001","error_msg":"pool not found"}'),
    project: 'False/BadRequest',
    pool: 'False/BadRequest',
  },
  {
    answer: '200 with another content type',
    gets: '`Synced=False/InvalidResponse`; nothing changes',
    spoil: always({ headers: { 'content-type': 'text/plain' } }),
    ...invalid,
  },
  {
    answer: '200 with a page for people (HTML)',
    gets: '`Synced=False/InvalidResponse`; nothing changes',
    spoil: always({ headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>Sign in</h1>') }),
    ...invalid,
  },
  {
    answer: '200 with an empty body',
    gets: '`Synced=False/InvalidResponse`; nothing changes',
    spoil: text(''),
    ...invalid,
  },
  {
    answer: '200 with bytes that are not UTF-8',
    gets: '`Synced=False/InvalidResponse`; nothing changes',
    spoil: always({ body: Buffer.of(0x7b, 0xff, 0x7d) }),
    ...invalid,
  },
  {
    answer: '200 with text that is not JSON',
    gets: '`Synced=False/InvalidResponse`; nothing changes',
    spoil: text('{ versions: [] }'),
    ...invalid,
  },
  {
    answer: '200 with another JSON document',
    gets: '`Synced=False/InvalidResponse`, naming the member that is missing; nothing changes',
    spoil: text('{"hello":"world"}'),
    ...invalid,
    says: /items is not a list/,
  },
  {
    answer: '200 with a body above 32 MiB, nested more than 128 deep, or of more than 500,000 values',
    gets: '`Synced=False/InvalidResponse` as soon as that much has come, and the rest is not read; nothing changes',
    spoil: text('{"items":'.repeat(10_000)),
    ...invalid,
    says: /nested more than 128 deep/,
  },
  {
    answer: 'a body that was cut, or no answer',
    gets: 'tried again, then `Synced=False/Unreachable`; nothing changes',
    spoil: (good) => ({ ...good, body: good.body.subarray(0, 20), cut: true }),
    project: 'False/Unreachable',
    pool: 'False/Unreachable',
  },
  {
    answer: 'a redirect',
    gets: 'not followed (a credential never follows one): `Synced=False/InvalidResponse`',
    spoil: (good) => ({ ...good, status: 302, headers: { location: 'https://modelarts.example.com/' } }),
    ...invalid,
  },
  {
    answer: '404 from a gateway (`APIGW.0101`), or for another project (`ModelArts.2786`)',
    gets: '`Synced=False/NotFound`; never a proof that a pool is gone',
    spoil: (good, { turn }) => ({
      ...good,
      status: 404,
      body: Buffer.from(JSON.stringify({ error_code: turn % 2 === 0 ? 'APIGW.0101' : 'ModelArts.2786' })),
    }),
    project: 'False/NotFound',
    pool: 'False/NotFound',
  },
];
