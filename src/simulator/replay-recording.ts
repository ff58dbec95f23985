import { Ajv, type ValidateFunction } from 'ajv';

import { RecordedExchange, recordingFormat, RecordingHeader, recordingVersion } from '../api/recording.ts';

/** A file that cannot be replayed: the line, and what is wrong with it. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export interface Recording {
  /** In the order in which requests were sent; `at` counts from the first header's start. */
  readonly exchanges: readonly RecordedExchange[];
  /** The first header's. */
  readonly startedAt: string;
  readonly scrambled: boolean;
  /** What could not be read and does no harm. */
  readonly warnings: readonly string[];
}

const ajv = new Ajv({ strict: true });
const checkHeader = ajv.compile<RecordingHeader>(RecordingHeader);
const checkExchange = ajv.compile<RecordedExchange>(RecordedExchange);

/**
 * Reads the lines of a recording. Each run that was appended follows the one before it at once. A line that was cut where
 * a run ended is left out with a warning. Throws RecordingError.
 */
export async function readRecording(lines: AsyncIterable<string> | Iterable<string>): Promise<Recording> {
  const exchanges: RecordedExchange[] = [];
  const warnings: string[] = [];
  let first: RecordingHeader | undefined;
  let run: RecordedExchange[] = [];
  let runBegan = 0;
  let cut: RecordingError | undefined;
  let number = 0;
  const endRun = (): void => {
    run.sort((a, b) => a.sequence - b.sequence);
    exchanges.push(...run.map((exchange) => ({ ...exchange, at: runBegan + exchange.at })));
    runBegan = run.reduce((end, { at, duration }) => Math.max(end, runBegan + at + duration), runBegan);
    run = [];
    if (cut !== undefined) warnings.push(`${cut.message}; it is left out`);
    cut = undefined;
  };
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const where = `line ${number}`;
    const value = parsed(line);
    if (isRecord(value) && value['format'] === recordingFormat) {
      endRun();
      const header = checked(checkHeader, value, where);
      if (header.version > recordingVersion)
        throw new RecordingError(
          `${where} says format ${header.version}; this program reads ${recordingVersion}`,
        );
      first ??= header;
      continue;
    }
    if (first === undefined) throw new RecordingError(`${where} is not the header of a recording`);
    // Only what ends a run may be half a line.
    if (cut !== undefined) throw cut;
    if (value === undefined) cut = new RecordingError(`${where} is not JSON`);
    else run.push(checked(checkExchange, value, where));
  }
  endRun();
  if (first === undefined) throw new RecordingError('it is empty');
  return { exchanges, startedAt: first.startedAt, scrambled: first.scrambled, warnings };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function checked<T>(check: ValidateFunction<T>, value: unknown, where: string): T {
  if (check(value)) return value;
  const [error] = check.errors ?? [];
  throw new RecordingError(
    `${where} is no exchange of a recording: ${error?.instancePath.slice(1) || 'it'} ${error?.message ?? 'is wrong'}`,
  );
}
