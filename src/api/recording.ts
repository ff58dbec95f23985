import Type, { type Static } from 'typebox';

/**
 * A recording: JSON lines. A header begins it, and each run that appends to the file begins with one of its own; every
 * other line is an exchange with ModelArts. docs/recording.md says what is left out.
 */
export const recordingFormat = 'modelarts-operator-recording';
/** Counted up when an older reader would misread what a newer writer writes. Additions do not count. */
export const recordingVersion = 1;

export const RecordingHeader = Type.Object({
  format: Type.Literal(recordingFormat),
  version: Type.Integer({ minimum: 1 }),
  /** Version of the operator that wrote it. */
  operator: Type.String(),
  /** RFC 3339, the local clock. */
  startedAt: Type.String(),
  /** Whether ids, names and addresses were replaced. */
  scrambled: Type.Boolean(),
});
export type RecordingHeader = Static<typeof RecordingHeader>;

/** A header that can be sent again as it is. */
const HeaderText = Type.String({ pattern: '^[\\x20-\\x7e]*$', maxLength: 256 });

export const RecordedExchange = Type.Object({
  /** In the order in which requests were sent. */
  sequence: Type.Integer({ minimum: 0 }),
  /** When it was sent, milliseconds since the header's startedAt. */
  at: Type.Integer({ minimum: 0 }),
  /** Until the last byte of the answer, milliseconds. */
  duration: Type.Integer({ minimum: 0 }),
  method: Type.Literal('GET'),
  /** Below the endpoint. */
  path: Type.String({ pattern: '^/[\\x21-\\x7e]*$' }),
  /** Without the question mark; absent where there was none. */
  query: Type.Optional(Type.String()),
  /** Absent where no whole answer came. */
  status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
  headers: Type.Optional(
    Type.Object({
      date: Type.Optional(HeaderText),
      'content-type': Type.Optional(HeaderText),
      'retry-after': Type.Optional(HeaderText),
      'x-request-id': Type.Optional(HeaderText),
    }),
  ),
  /** The answer where it was a JSON object, sanitized. */
  body: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** Why there is no body: what it was not, never what stood there. */
  bodyFault: Type.Optional(Type.String()),
});
export type RecordedExchange = Static<typeof RecordedExchange>;
