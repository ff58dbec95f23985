import {
  recordingFormat,
  recordingVersion,
  type RecordedExchange,
  type RecordingHeader,
} from '../api/recording.ts';
import type { Clock } from '../runtime/clock.ts';
import { buildURL, type Query } from './endpoints.ts';
import type { Exchange } from './observer.ts';
import { printable, withoutSecrets } from './printable.ts';
import { recordedBody, recordedParameter } from './recording-body.ts';
import type { Scrambler } from './recording-scrambler.ts';
import type { WireAnswer } from './wire.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  /** Version of the operator. */
  readonly version: string;
  /** Takes known secrets out of a text of any length. */
  readonly mask: (text: string) => string;
  /** Absent: ids, names and addresses stay as they are. */
  readonly scrambler?: Scrambler | undefined;
  /** Takes one line, without its end; false where no more is wanted. Must not throw. */
  readonly write: (line: string) => boolean;
  /** Told once, when an exchange could not be put into a line; nothing is recorded after that. */
  readonly onFault: (error: unknown) => void;
}

/** Only makes a path and a query: a recording does not say where ModelArts is. */
const base = new URL('http://recording.invalid');

/** Bodies are long, and those that ModelArts documents are a tenth of that. */
const longestLine = 16 * 2 ** 20;

/** Turns exchanges with ModelArts into the lines of a recording. */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #startedAt: number;
  #ended = false;

  /** Writes the header. */
  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    const header: RecordingHeader = {
      format: recordingFormat,
      version: recordingVersion,
      operator: options.version,
      startedAt: new Date(options.clock.now()).toISOString(),
      scrambled: options.scrambler !== undefined,
    };
    options.write(JSON.stringify(header));
  }

  /** Never throws: what is wrong with a recording is no business of whoever reads ModelArts. */
  record(exchange: Exchange): void {
    if (this.#ended) return;
    try {
      this.#ended = !this.#options.write(this.#line(exchange));
    } catch (error) {
      this.#ended = true;
      this.#options.onFault(error);
    }
  }

  #line(exchange: Exchange): string {
    const { answer, secrets } = exchange;
    const head = this.#head(exchange);
    const recorded: RecordedExchange = {
      ...head,
      ...(answer && this.#answer(exchange, answer)),
    };
    const mask = (text: string): string => this.#options.mask(withoutSecrets(text, secrets));
    const line = JSON.stringify(recorded);
    if (line.length > longestLine)
      return mask(JSON.stringify({ ...recorded, body: undefined, bodyFault: 'a body too long to record' }));
    // Secrets are hardly ever there. One look at the line tells, and only then each text is looked at by itself:
    // what is replaced in a whole line may cross the borders of its texts.
    return mask(line) === line ? line : JSON.stringify(eachText(recorded, mask));
  }

  #head(exchange: Exchange): Omit<RecordedExchange, 'status'> {
    const { scrambler } = this.#options;
    const ids = Object.entries(exchange.ids).map(([name, id]) => [name, scrambler?.id(id) ?? id]);
    const query: Query = exchange.query.map(([name, value]) => [
      name,
      value === undefined ? undefined : recordedParameter(name, value, scrambler),
    ]);
    const url = buildURL(base, exchange.operation, Object.fromEntries(ids) as Record<string, string>, query);
    return {
      sequence: exchange.sequence,
      at: Math.max(0, Math.round(exchange.sentAt - this.#startedAt)),
      duration: Math.round(exchange.durationMs),
      method: 'GET',
      path: url.pathname,
      ...(url.search === '' ? {} : { query: url.search.slice(1) }),
    };
  }

  #answer({ operation }: Exchange, answer: WireAnswer): Partial<RecordedExchange> {
    const { scrambler } = this.#options;
    const requestID = header(answer, 'x-request-id');
    const headers = {
      ...given('date', header(answer, 'date')),
      ...given('content-type', header(answer, 'content-type')),
      ...given('retry-after', header(answer, 'retry-after')),
      ...given('x-request-id', requestID && (scrambler?.id(requestID) ?? requestID)),
    };
    return {
      status: answer.status,
      headers,
      ...(answer.body && { body: recordedBody(operation, answer.body, scrambler) }),
      ...given('bodyFault', answer.bodyFault),
    };
  }
}

/** In the characters that a header may hold. */
function header({ headers }: WireAnswer, name: string): string | undefined {
  const text = headers.get(name);
  return text === null ? undefined : printable(text.replace(/[^\x20-\x7e]/g, '?'), 128).replace('…', '');
}

function given<K extends string>(name: K, value: string | undefined): { readonly [name in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in K]: string });
}

function eachText(value: unknown, mask: (text: string) => string): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => eachText(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [mask(key), eachText(item, mask)] as const),
  );
}
