import { hash } from 'node:crypto';
import { withDurations, type DecodeIssue, type ListFacts, type WorkloadFacts } from '../api/facts.ts';
import type { PageFingerprint, WorkloadPage } from '../api/upstream.ts';
import type { Recognition } from './body.ts';

/** A text may be so much longer than the one that it may be the same as: durations grow by a digit. */
const moreBytes = 4096;

/** The text of one page of workloads, by which a page that is asked for again and again need not be decoded each time. */
export class PageText implements Recognition {
  readonly #before: WorkloadPage | undefined;
  #text: Text | undefined;
  #recognized: WorkloadPage | undefined;

  constructor(before: WorkloadPage | undefined) {
    this.#before = before;
  }

  get bytes(): number {
    const { fingerprint } = this.#before ?? {};
    return fingerprint === undefined ? 0 : fingerprint.bytes + moreBytes;
  }

  recognizes(bytes: Uint8Array): boolean {
    this.#text = withoutDurations(bytes);
    const { fingerprint } = this.#before ?? {};
    const { digest, durations } = this.#text;
    this.#recognized =
      this.#before !== undefined && digest === fingerprint?.digest
        ? { ...this.#before, items: countedOn(this.#before.items, durations) }
        : undefined;
    return this.#recognized !== undefined;
  }

  /** What the text says, where it was recognized: the rows of the page before as they are now. */
  get recognized(): WorkloadPage | undefined {
    return this.#recognized;
  }

  /** The page as it was decoded from this text, so that it can be recognized. Not one of which something is not clear. */
  remembered(page: ListFacts<WorkloadFacts>, issues: readonly DecodeIssue[]): WorkloadPage {
    if (this.#text === undefined || issues.length > 0 || page.unidentified > 0) return page;
    const { digest, bytes, durations } = this.#text;
    return areOf(page.items, durations) ? { ...page, fingerprint: { digest, bytes } } : page;
  }
}

/** Seconds as they stand in a text, in its order. */
interface Durations {
  readonly running: readonly number[];
  readonly pending: readonly number[];
}

interface Text extends PageFingerprint {
  readonly durations: Durations;
}

const ending = Buffer.from('Duration":');
const running = Buffer.from('"running');
const pending = Buffer.from('"pending');
const space = 0x20;
const zero = 0x30;

/** Where a text of the usual length is put together: new memory each time would be much of what a quiet pass leaves behind. */
const scratch = Buffer.allocUnsafeSlow(512 * 1024);

/** Takes the seconds out that rows count on with: all that changes in a page while nothing happens. JSON in UTF-8. */
function withoutDurations(bytes: Uint8Array): Text {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rest = text.length <= scratch.length ? scratch : Buffer.allocUnsafe(text.length);
  const durations = { running: [] as number[], pending: [] as number[] };
  let length = 0;
  let from = 0;
  for (let at = text.indexOf(ending); at >= 0; at = text.indexOf(ending, at)) {
    const isNamed = (name: Uint8Array): boolean =>
      at >= name.length && text.compare(name, 0, name.length, at - name.length, at) === 0;
    const numbers = isNamed(running) ? durations.running : isNamed(pending) ? durations.pending : undefined;
    at += ending.length;
    if (numbers === undefined) continue;
    while (text[at] === space) at++;
    length += text.copy(rest, length, from, at);
    from = endOfNumber(text, at);
    // Whatever is no whole number stays in the text; for one there is a zero.
    if (from > at) {
      numbers.push(Number(text.toString('latin1', at, from)));
      rest[length++] = zero;
    }
    at = from;
  }
  length += text.copy(rest, length, from);
  return { digest: hash('sha1', rest.subarray(0, length), 'base64'), bytes: text.length, durations };
}

/** Of a whole number as JSON writes it, no longer than is exact. */
function endOfNumber(text: Uint8Array, from: number): number {
  const most = text[from] === zero ? 1 : 15;
  const isDigit = (byte: number | undefined): boolean =>
    byte !== undefined && byte >= zero && byte < zero + 10;
  let at = from;
  while (at < from + most && isDigit(text[at])) at++;
  return at;
}

/** Whether these are the rows' own, one by one: what else is called so would be taken for one of theirs. */
function areOf(rows: readonly WorkloadFacts[], { running: ran, pending: waited }: Durations): boolean {
  const given = (field: 'runningSeconds' | 'pendingSeconds'): number[] =>
    rows.flatMap((facts) => facts[field] ?? []);
  return isSame(ran, given('runningSeconds')) && isSame(waited, given('pendingSeconds'));
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((number, at) => number === b[at]);

/** `durations` are of a text with the digest of the one that the rows were decoded from. */
function countedOn(rows: readonly WorkloadFacts[], durations: Durations): readonly WorkloadFacts[] {
  let ran = 0;
  let waited = 0;
  return rows.map((facts) => {
    const runningSeconds = facts.runningSeconds === undefined ? undefined : durations.running[ran++];
    const pendingSeconds = facts.pendingSeconds === undefined ? undefined : durations.pending[waited++];
    const same = runningSeconds === facts.runningSeconds && pendingSeconds === facts.pendingSeconds;
    return same ? facts : withDurations(facts, { runningSeconds, pendingSeconds });
  });
}
