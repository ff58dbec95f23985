import { isApiAbsent, upstreamError } from '../api/errors.ts';
import type { DecodeIssue } from '../api/facts.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { ReadState } from '../mirror/world.ts';
import type { Clock, Random } from '../runtime/clock.ts';
import { Cadence, type TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import { failed, failureOf, newHealth, readPartState, succeeded, type Health } from './health.ts';
import type { Logger } from './ports.ts';
import type { ProjectState } from './project-state.ts';

/** Calls that an installation may lack, by their names in `status.apiFeatures`. */
export type OptionalFeature = 'resourceSpecs' | 'trainingJobVersions' | 'runtimeMetrics' | 'resourceFlavors';

/** How the reading of one such call stands. */
export interface OptionalState {
  /** For messages: `resource specifications`. */
  readonly what: string;
  /** `pending` while nothing needs to be said, also where the call is simply not offered. */
  readonly readState: (monotonic: number) => ReadState;
}

export interface OptionalReadingOptions {
  readonly feature: OptionalFeature;
  /** For messages: `resource specifications`. */
  readonly what: string;
  readonly mode: 'Auto' | 'Enabled' | 'Disabled';
  readonly intervalMs: number;
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** There are mirrors of what it reads, so that a failure matters even where the call never answered. */
  readonly mirrored: () => boolean;
  /**
   * Rejects with what upstream said; what was read before that stands. Answers what did not decode, and undefined where
   * nothing needed to be asked.
   */
  readonly read: (
    reader: ModelArtsReader,
    signal: AbortSignal,
  ) => Promise<readonly DecodeIssue[] | undefined>;
  /** After every turn: something may have to be looked at again. */
  readonly announce: () => void;
}

/** A call that is not offered is asked for this rarely, milliseconds: an installation gains one with an upgrade. */
const absentIntervalMs = 6 * 3_600_000;

/**
 * Reads what a ModelArts may offer or not, at its own interval. In mode Auto a call that the installation does not have
 * is noticed once and left alone, and one that never answered and has no mirrors degrades nothing: `apiFeatures` says
 * how it failed.
 */
export class OptionalReading {
  readonly #options: OptionalReadingOptions;
  readonly #cadence: Cadence;
  #health: Health;
  #offered: boolean | undefined;
  #answered = false;
  #connected = false;
  #reading = false;
  /** The last turn went well. */
  #well = false;

  constructor(options: OptionalReadingOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#health = newHealth(clock.monotonic());
    this.#cadence = new Cadence({
      clock,
      random,
      intervalMs: () => this.#intervalMs(),
      turn: async (signal) => {
        this.#reading = true;
        const result = await this.#turn(signal).finally(() => (this.#reading = false));
        this.#well = result.ok;
        return result;
      },
    });
    options.state.optional.set(options.feature, {
      what: options.what,
      readState: (monotonic) => this.#readState(monotonic),
    });
    if (options.mode === 'Disabled') this.#note(undefined);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#cadence.run(signal);
  }

  wake(): void {
    this.#cadence.wake();
  }

  /** What failed, or is about to, with everything else may work again: its own back-off would be long. */
  wakeIfFailed(): void {
    if (this.#reading || this.#health.failures > 0) this.#cadence.wake();
  }

  /**
   * As Cadence.next, but that nobody waits hours for the next turn of its own accord where the last one went well. What
   * is not offered here counts as read.
   */
  async next(now: boolean): Promise<TurnResult | undefined> {
    if (!now && this.#well) return { ok: true };
    const turn = await this.#cadence.next(now);
    return turn && !this.#matters() ? { ok: true } : turn;
  }

  /** Until there is a connection the pools' own interval is soon enough. */
  #intervalMs(): number {
    const { intervalMs, state } = this.#options;
    if (!this.#connected) return state.poolIntervalMs;
    const wanted = intervalMs * state.stretch;
    return this.#offered === false && !this.#matters() ? Math.max(wanted, absentIntervalMs) : wanted;
  }

  async #turn(signal: AbortSignal): Promise<TurnResult> {
    const { mode, connector, clock, read, announce } = this.#options;
    try {
      this.#connected = false;
      await connector.use(async (reader) => {
        this.#connected = true;
        if (mode === 'Disabled') return;
        const issues = await read(reader, signal);
        if (issues === undefined) return;
        this.#health = succeeded(this.#health, clock.monotonic(), issues);
        this.#answered = true;
        this.#note('Offered');
      });
      return { ok: true };
    } catch (error) {
      return this.#failed(error, signal);
    } finally {
      announce();
    }
  }

  #failed(error: unknown, signal: AbortSignal): TurnResult {
    if (signal.aborted) throw error;
    const { clock, log, state, what } = this.#options;
    const project = `${state.view.namespace}/${state.view.name}`;
    const upstream = upstreamError(error);
    const absent = isApiAbsent(error);
    if (upstream === undefined)
      log.error('A read stopped unexpectedly; it is tried again.', { project, what, error });
    if (absent && this.#offered !== false) log.info('ModelArts does not offer this here.', { project, what });
    if (absent) this.#note('Absent');
    if (absent && !this.#matters()) return { ok: true };
    // The credential was replaced during the turn, or will be: as without a connection, hours would be long.
    if (upstream?.kind === 'Unauthorized') this.#connected = false;
    this.#health = failed(this.#health, clock.monotonic(), failureOf(error), this.#limits());
    const { said } = this.#health;
    if (!absent && !this.#answered && said !== undefined) this.#note(said.failure.reason);
    const afterMs = upstream?.retryAfterMs;
    return { ok: false, ...(afterMs !== undefined && { afterMs }) };
  }

  /** Its failures are worth a person's attention: it is asked for, or something of it is known that grows old. */
  #matters(): boolean {
    const { mode, mirrored } = this.#options;
    return mode === 'Enabled' || this.#answered || mirrored();
  }

  #limits(): { intervalMs: number; maxStalenessMs: number } {
    const { intervalMs, state } = this.#options;
    return { intervalMs: intervalMs * state.stretch, maxStalenessMs: state.settings.maxStalenessMs };
  }

  #readState(monotonic: number): ReadState {
    const { mode, state } = this.#options;
    if (mode === 'Disabled' || !this.#matters()) return { is: 'pending' };
    return readPartState(this.#health, state.connectionHealth, monotonic, this.#limits());
  }

  /** The word for `apiFeatures`; undefined takes it away. */
  #note(word: string | undefined): void {
    const { feature, state } = this.#options;
    this.#offered = word === undefined ? undefined : word !== 'Absent';
    const { [feature]: _before, ...others } = state.apiFeatures ?? {};
    state.apiFeatures = word === undefined ? others : { ...others, [feature]: word };
  }
}
