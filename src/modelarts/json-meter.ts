/** How much JSON an answer may be. What stays within is parsed in bounded time and memory. */
export interface JSONLimits {
  /** Bytes, after decompression. */
  readonly bytes: number;
  /** Objects and lists within one another. */
  readonly depth: number;
  /** Values, those within others included: an empty object takes twenty times its text in memory. */
  readonly values: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Measures a JSON text as it arrives, in pieces of any size, so that of one that is too much no more is kept. */
export class JSONMeter {
  readonly #limits: JSONLimits;
  #bytes = 0;
  #depth = 0;
  #values = 0;
  #inText = false;
  #escaped = false;

  constructor(limits: JSONLimits) {
    this.#limits = limits;
  }

  /** What there is too much of, in words that follow "a body"; undefined while all is within the limits. */
  add(piece: Uint8Array): string | undefined {
    const limits = this.#limits;
    const length = piece.byteLength;
    // Local variables and an index, because this runs over every byte of every answer.
    let depth = this.#depth;
    let deepest = depth;
    let values = this.#values;
    let inText = this.#inText;
    let at = this.#escaped && length > 0 ? 1 : 0;
    for (; at < length; at++) {
      const byte = piece[at];
      if (inText) {
        if (byte === backslash) at++;
        else if (byte === quote) inText = false;
      } else if (byte === quote) {
        inText = true;
      } else if (byte === comma) {
        values++;
      } else if (byte === openBrace || byte === openBracket) {
        values++;
        if (++depth > deepest) deepest = depth;
      } else if (byte === closeBrace || byte === closeBracket) {
        depth--;
      }
    }
    if (length > 0) this.#escaped = at > length;
    this.#bytes += length;
    this.#depth = depth;
    this.#values = values;
    this.#inText = inText;
    if (this.#bytes > limits.bytes) return `of more than ${Math.floor(limits.bytes / 2 ** 20)} MiB`;
    if (deepest > limits.depth) return `nested more than ${limits.depth} deep`;
    return values > limits.values ? `of more than ${limits.values} values` : undefined;
  }
}
