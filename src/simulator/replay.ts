import type { RecordedExchange } from '../api/recording.ts';

/** The recorded answers to one request, and how far they were served. */
interface Track {
  readonly exchanges: RecordedExchange[];
  served: number;
}

/**
 * The answers of a recording, by request. At each time a request gets the newest answer that was recorded by then, so
 * that all requests see the same past; failures are passed over by none, because whoever replays asks at other moments
 * than whoever recorded. Before its first answer's time a request gets the first, and after its last one the last.
 */
export class Replay {
  readonly #tracks = new Map<string, Track>();
  readonly #begin: number;

  constructor(exchanges: readonly RecordedExchange[]) {
    this.#begin = exchanges[0]?.at ?? 0;
    for (const exchange of exchanges) {
      const key = keyOf(exchange.method, exchange.path, exchange.query ?? '');
      const track = this.#tracks.get(key) ?? { exchanges: [], served: 0 };
      track.exchanges.push(exchange);
      this.#tracks.set(key, track);
    }
  }

  /** `after`: milliseconds of the recording since its first exchange. Undefined for what was not recorded. */
  answer(method: string, path: string, query: string, after: number): RecordedExchange | undefined {
    const track = this.#tracks.get(keyOf(method, path, query));
    if (track === undefined) return undefined;
    const { exchanges, served } = track;
    const due = exchanges.filter((exchange, i) => i >= served && exchange.at - this.#begin <= after);
    const failure = due.findIndex(isFailure);
    track.served = Math.max(1, served + (failure < 0 ? due.length : failure + 1));
    return exchanges[track.served - 1];
  }
}

/** Whatever order the parameters of a query have. */
function keyOf(method: string, path: string, query: string): string {
  const parameters = new URLSearchParams(query);
  parameters.sort();
  return `${method} ${path}?${parameters.toString()}`;
}

function isFailure({ status, body }: RecordedExchange): boolean {
  return status !== 200 || body === undefined;
}
