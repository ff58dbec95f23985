import Type, { type Static } from 'typebox';
import { word } from './words.ts';

const closed = { additionalProperties: false } as const;

/**
 * One way in which answers go wrong, and for which requests. Rules that match the same request are all applied, so
 * that faults can be combined; of two that set the same thing, the later added wins.
 */
export const FaultRule = Type.Object(
  {
    /** Names the rule, to take it away again; made up when left out. A rule of the same id is replaced. */
    id: Type.Optional(Type.String({ minLength: 1 })),
    /** Which requests; what is left out matches all. */
    match: Type.Optional(
      Type.Object(
        {
          method: Type.Optional(Type.String()),
          /** The call's name (`ListPools`, `ShowPool`, `ListWorkloads`, `ShowWorkloadStatistics`, …; docs/simulator.md). */
          call: Type.Optional(Type.String()),
          /** Path with `*` for any text within a segment and `**` for any text. */
          path: Type.Optional(Type.String()),
          project: Type.Optional(Type.String()),
          pool: Type.Optional(Type.String()),
          /** Query parameters that must have these values. */
          query: Type.Optional(Type.Record(Type.String(), Type.String())),
        },
        closed,
      ),
    ),
    /** The first `skip` matching requests pass untouched. Default 0. */
    skip: Type.Optional(Type.Integer({ minimum: 0 })),
    /** The rule is spent after so many. Default: never. */
    times: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Chance of each matching request to be hit (seeded). Default 1. */
    probability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** The rule ends after this simulated time. */
    for: Type.Optional(Type.String({ pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$' })),

    /** Answer with this status and the documented body for it, instead of the answer. */
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    /** error_code and error_msg of that body. */
    code: Type.Optional(Type.String()),
    message: Type.Optional(Type.String()),
    /** v1 calls: the failure in a 200 answer (`is_success: false`). */
    unsuccessful: Type.Optional(Type.Boolean()),
    /** Retry-After: seconds, an HTTP date, or nonsense. */
    retryAfter: Type.Optional(Type.Unsafe<number | string>({ type: ['integer', 'string'] })),
    /** More headers of the answer. */
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** Wait before answering: REAL time, `250ms`. */
    delay: Type.Optional(Type.String({ pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$' })),
    /** Cut the connection before anything is sent, after the headers, or in the middle of the body. */
    cut: Type.Optional(word('beforeHeaders', 'afterHeaders', 'midBody')),
    /** What becomes of the body: half of it with a fitting length, broken JSON, a page for people, nothing, other JSON. */
    body: Type.Optional(word('truncated', 'malformed', 'html', 'empty', 'null', 'array', 'otherObject')),
    contentType: Type.Optional(Type.String()),
    /**
     * What becomes of the rows of a list: none, the first half, one left out, the first one twice, moved by one (the
     * window starts a row late), all in reverse, or one that is not an object.
     */
    rows: Type.Optional(word('none', 'half', 'skip', 'repeat', 'shift', 'reverse', 'garbage')),
    /** Query parameters that nobody looks at: an API that forgets its paging, its filters or its order. */
    ignored: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    /** Added to every count that goes with the rows (`total`, `total_count`, statistics). */
    totalOff: Type.Optional(Type.Integer()),
  },
  closed,
);
export type FaultRule = Static<typeof FaultRule>;
