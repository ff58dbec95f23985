import type { Clock } from '../runtime/clock.ts';

/** World time: real time stretched by a speed, or time that only `advance` moves. */
export class WorldClock {
  readonly #clock: Clock;
  readonly #manual: boolean;
  #speed: number;
  #worldBase: number;
  #realBase: number;

  constructor(options: { clock: Clock; start: number; speed: number; manual: boolean }) {
    this.#clock = options.clock;
    this.#manual = options.manual;
    this.#speed = options.speed;
    this.#worldBase = options.start;
    this.#realBase = options.clock.monotonic();
  }

  get speed(): number {
    return this.#manual ? 0 : this.#speed;
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    return Math.floor(this.#worldBase + (this.#clock.monotonic() - this.#realBase) * this.speed);
  }

  advance(ms: number): void {
    this.#worldBase += ms;
  }

  setSpeed(speed: number): void {
    this.#worldBase = this.now();
    this.#realBase = this.#clock.monotonic();
    this.#speed = speed;
  }
}
