import type { Draws } from '../draws.ts';
import type { WatchFault } from '../faults.ts';
import { connectionReset, type Weather } from '../network.ts';
import type { SimProcess } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import { parsePath, type Apiserver, type ModelRequest, type Target } from './apiserver.ts';
import { expired } from './refusal.ts';
import type { StoredObject } from './objects.ts';
import { watchLine, type Change } from './storage.ts';

export interface WatchStreamOptions {
  readonly process: SimProcess;
  readonly scheduler: Scheduler;
  readonly apiserver: Apiserver;
  readonly weather: Weather;
  readonly request: ModelRequest;
  readonly draws: Draws;
  readonly fault: WatchFault | undefined;
  /** The longest until it does. */
  readonly strikesWithinMs: number;
  /** Changes what comes in: for the mutations. */
  readonly meddle?: ((object: StoredObject) => StoredObject) | undefined;
}

const bookmarkMs = 60_000;
const encoder = new TextEncoder();

/** One watch: the server's side puts lines in, in order; the client's side reads bytes. */
export class WatchStream implements AsyncIterable<Uint8Array> {
  readonly #options: WatchStreamOptions;
  readonly #target: Target;
  readonly #ready: Uint8Array[] = [];
  readonly #unlisten: () => void;
  #sent: number;
  #deliveredAt = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => undefined;
  /** Lines go nowhere, and nobody says so. */
  #silent = false;

  constructor(options: WatchStreamOptions) {
    this.#options = options;
    const { apiserver, request, scheduler, draws, fault } = options;
    this.#target = parsePath(request.path);
    this.#sent = Number(request.query.get('resourceVersion'));
    this.#unlisten = apiserver.storage.listen((change) => this.#change(change));
    if (this.#sent < apiserver.storage.compacted || fault === 'expired') {
      const object = expired(`too old resource version: ${this.#sent}`).body;
      this.#send(`${JSON.stringify({ type: 'ERROR', object })}\n`, 'ERROR');
      this.#close();
      return;
    }
    for (const change of apiserver.storage.changesAfter(this.#sent, this.#target.resource))
      this.#change(change);
    const seconds = Number(request.query.get('timeoutSeconds'));
    scheduler.after(seconds * 1000, 'watch is over', () => this.#close());
    this.#planBookmark();
    if (fault !== undefined)
      scheduler.after(draws.between(0, this.#options.strikesWithinMs), `watch ${fault}`, () =>
        this.#strike(fault),
      );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#ready.shift();
        if (chunk !== undefined) yield chunk;
        else if (this.#end === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else if ('error' in this.#end) throw this.#end.error;
        else return;
      }
    } finally {
      this.#unlisten();
    }
  }

  /** The client's side breaks. */
  fail(error: unknown): void {
    this.#unlisten();
    this.#end ??= { error };
    this.#ready.length = 0;
    this.#wake();
  }

  #change(change: Change): void {
    if (change.resource !== this.#target.resource || change.version <= this.#sent) return;
    this.#sent = change.version;
    const { namespace } = this.#target;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const { meddle } = this.#options;
    const line = meddle === undefined ? change.line() : watchLine(change.type, meddle(change.object));
    this.#send(line, `${change.type} ${change.object.metadata.name}`);
  }

  #planBookmark(): void {
    const { scheduler, apiserver, process } = this.#options;
    scheduler.after(bookmarkMs, 'bookmark', () => {
      if (this.#end !== undefined || !process.alive) return;
      const { apiVersion, kind } = this.#target.model;
      this.#sent = Math.max(this.#sent, apiserver.storage.version);
      const metadata = { resourceVersion: String(this.#sent), creationTimestamp: null };
      this.#send(
        `${JSON.stringify({ type: 'BOOKMARK', object: { apiVersion, kind, metadata } })}\n`,
        'BOOKMARK',
      );
      this.#planBookmark();
    });
  }

  #strike(fault: WatchFault): void {
    const { process, weather, draws } = this.#options;
    if (weather.healed) return;
    if (fault === 'ends') this.#close();
    if (fault === 'cut')
      process.deliver(draws.between(0, 50), 'watch is cut', () => this.fail(connectionReset()));
    if (fault === 'garbage') this.#send('{"type":"ADDED","object":\n', 'garbage');
    if (fault === 'silent') {
      this.#silent = true;
      weather.onHeal(() => process.deliver(1, 'silent watch is reset', () => this.fail(connectionReset())));
    }
  }

  #close(): void {
    this.#unlisten();
    this.#deliver('watch ends', () => {
      this.#end ??= {};
      this.#wake();
    });
  }

  #send(line: string, what: string): void {
    const { process } = this.#options;
    if (!process.alive) return this.#unlisten();
    if (this.#silent) return;
    const bytes = encoder.encode(line);
    // Now and then a line comes in two pieces.
    const cut = this.#options.draws.chance(0.05) ? Math.floor(bytes.length / 2) : bytes.length;
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      if (piece.length === 0) continue;
      this.#deliver(`~ ${this.#target.resource} ${what}`, () => {
        if (this.#end !== undefined) return;
        this.#ready.push(piece);
        this.#wake();
      });
    }
  }

  /** In order, however long each takes; what is sent while the way is down comes when it is up again. */
  #deliver(what: string, callback: () => void): void {
    const { process, scheduler, weather, draws } = this.#options;
    const slow = draws.chance(0.05) ? draws.between(100, 5_000) : draws.between(0.2, 20);
    const up = Math.max(scheduler.now, weather.downUntil(process, 'apiserver'));
    this.#deliveredAt = Math.max(this.#deliveredAt, up + slow);
    process.deliver(this.#deliveredAt - scheduler.now, what, callback);
  }
}
