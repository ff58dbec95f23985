import { describe, expect, it } from '@jest/globals';
import { aProject, aProjectWith } from '../../test/support/builders.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { UpstreamError } from '../api/errors.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { Connector } from './connection.ts';
import { succeeded } from './health.ts';
import { OptionalReading, type OptionalReadingOptions } from './optional-reading.ts';
import { noLog } from './ports.ts';
import { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';

const minute = 60_000;
const hour = 60 * minute;
const operation = 'GET /v1/{project}/job/resource-specs';
const notOffered = new UpstreamError('NotFound', 'not offered', { operation, status: 404, what: 'api' });
const unauthorized = new UpstreamError('Unauthorized', 'token expired', { operation, status: 401 });
const forbidden = new UpstreamError('Forbidden', 'may not', { operation, status: 403 });

type Answer = 'reads' | Error;

/** A reading with an interval of an hour, whose answers the test sets. */
function aReading(over: Partial<OptionalReadingOptions> = {}, first: Answer = 'reads', connected = true) {
  const clock = virtualClock();
  const view = aProject();
  const state = new ProjectState(view, settingsOf(view.spec), { selects: () => true }, clock.monotonic());
  // Whatever becomes of this part, the pools of the project are read well.
  const poolsAreRead = (): void => {
    state.connectionHealth = succeeded(state.connectionHealth, clock.monotonic());
  };
  poolsAreRead();
  const seen = { reads: 0, announced: 0, noted: 0, connected };
  let answer = first;
  const connector = {
    use: async <T>(work: (reader: ModelArtsReader) => Promise<T>) =>
      seen.connected ? work({} as ModelArtsReader) : undefined,
  } as unknown as Connector;
  const reading = new OptionalReading({
    feature: 'resourceSpecs',
    what: 'resource specifications',
    mode: 'Auto',
    intervalMs: hour,
    state,
    connector,
    clock,
    random: { next: () => 0 },
    log: { ...noLog, info: () => void seen.noted++ },
    mirrored: () => false,
    read: async () => {
      seen.reads++;
      if (answer !== 'reads') throw answer;
      return [];
    },
    announce: () => void seen.announced++,
    ...over,
  });
  const stop = new AbortController();
  const done = reading.run(stop.signal);
  return {
    reading,
    clock,
    state,
    seen,
    answers: (next: Answer) => (answer = next),
    word: () => state.apiFeatures?.['resourceSpecs'],
    said: () => {
      poolsAreRead();
      return state.optional.get('resourceSpecs')?.readState(clock.monotonic());
    },
    stop: async () => {
      stop.abort(new Error('stopped'));
      await done;
      expect(clock.pendingTimers).toBe(0);
    },
  };
}

describe('what an installation may lack', () => {
  it('is read again soon when its credential was refused in the middle of a turn', async () => {
    const { clock, state, seen, said, answers, stop } = aReading({ mirrored: () => true }, unauthorized);
    await clock.settle();
    expect(said()?.is).not.toBe('complete');
    answers('reads');
    await clock.advance(2 * state.poolIntervalMs);
    expect([seen.reads, said()?.is]).toEqual([2, 'complete']);
    await clock.advance(30 * minute);
    expect(seen.reads).toBe(2);
    await stop();
  });

  it('is read at its interval where it is offered', async () => {
    const { clock, seen, word, said, stop } = aReading();
    await clock.settle();
    expect({ ...seen, word: word() }).toMatchObject({ reads: 1, announced: 1, word: 'Offered' });
    await clock.advance(3 * hour);
    expect(seen.reads).toBe(4);
    expect(said()).toEqual({ is: 'complete' });
    await stop();
  });

  it('is noticed once where it is not offered, asked again rarely, and degrades nothing', async () => {
    const { reading, clock, seen, word, said, answers, stop } = aReading({}, notOffered);
    await clock.settle();
    expect(word()).toBe('Absent');
    await clock.advance(6 * hour - minute);
    expect(seen.reads).toBe(1);
    await clock.advance(2 * minute);
    expect(seen).toMatchObject({ reads: 2, noted: 1 });
    expect(said()).toEqual({ is: 'pending' });
    const now = reading.next(true);
    await clock.settle();
    expect(await now).toMatchObject({ ok: true });
    answers('reads');
    await clock.advance(6 * hour);
    expect(word()).toBe('Offered');
    await stop();
  });

  it('degrades nothing in mode Auto while it never answered, but says how it fails', async () => {
    const { reading, clock, word, said, stop } = aReading({}, forbidden);
    await clock.advance(9 * hour);
    expect(word()).toBe('Forbidden');
    expect(said()).toEqual({ is: 'pending' });
    const now = reading.next(true);
    await clock.settle();
    expect(await now).toMatchObject({ ok: true });
    await stop();
  });

  it.each<[string, Partial<OptionalReadingOptions>]>([
    ['that is Enabled', { mode: 'Enabled' }],
    ['that has mirrors', { mirrored: () => true }],
  ])('fails aloud %s', async (_name, over) => {
    const { reading, clock, word, said, stop } = aReading(over, notOffered);
    await clock.advance(9 * hour);
    expect(word()).toBe('Absent');
    expect(said()).toMatchObject({ is: 'failing', reason: 'NotFound', announce: true, stale: true });
    const now = reading.next(true);
    await clock.settle();
    expect(await now).toMatchObject({ ok: false });
    await stop();
  });

  it('fails aloud once it has answered', async () => {
    const { clock, word, said, answers, stop } = aReading();
    await clock.settle();
    answers(forbidden);
    await clock.advance(9 * hour);
    expect(word()).toBe('Offered');
    expect(said()).toMatchObject({ is: 'failing', reason: 'Forbidden', message: 'may not' });
    answers('reads');
    await clock.advance(8 * hour);
    expect(said()).toEqual({ is: 'complete' });
    await stop();
  });

  it('is read once more where it failed, or was under way, when something renewed what it asks with', async () => {
    let refuse: ((why: Error) => void) | undefined;
    const read = () => new Promise<never>((_resolve, reject) => (refuse = reject));
    const { reading, clock, answers, seen, stop } = aReading({ mode: 'Enabled' });
    await clock.settle();
    reading.wakeIfFailed();
    await clock.settle();
    expect(seen.reads).toBe(1);
    answers(forbidden);
    await clock.advance(hour);
    expect(seen.reads).toBe(2);
    reading.wakeIfFailed();
    await clock.settle();
    expect(seen.reads).toBe(3);
    await stop();

    const slow = aReading({ mode: 'Enabled', read });
    await slow.clock.settle();
    const first = refuse!;
    slow.reading.wakeIfFailed();
    first(forbidden);
    await slow.clock.settle();
    expect(refuse).not.toBe(first);
    refuse!(forbidden);
    await slow.stop();
  });

  it('outlives a bug in what it reads', async () => {
    const { clock, said, seen, stop } = aReading({ mode: 'Enabled' }, new TypeError('x is not a function'));
    await clock.advance(9 * hour);
    expect(seen.reads).toBeGreaterThan(1);
    expect(said()).toMatchObject({ is: 'failing', reason: 'InvalidResponse' });
    await stop();
  });

  it('is not read where it is Disabled, and its word goes', async () => {
    const view = aProjectWith({ resourceSpecs: { mode: 'Disabled' } });
    const state = new ProjectState(view, settingsOf(view.spec), { selects: () => true }, 0);
    state.apiFeatures = { poolList: 'Full', resourceSpecs: 'Offered' };
    const { clock, seen, reading, stop } = aReading({ mode: 'Disabled', state });
    await clock.settle();
    expect(seen).toMatchObject({ reads: 0, announced: 1 });
    expect(state.apiFeatures).toEqual({ poolList: 'Full' });
    expect(state.optional.get('resourceSpecs')?.readState(0)).toEqual({ is: 'pending' });
    const now = reading.next(true);
    await clock.settle();
    expect(await now).toMatchObject({ ok: true });
    await stop();
  });

  it('waits no longer than the pools do for a connection', async () => {
    const { clock, seen, stop } = aReading({}, 'reads', false);
    await clock.settle();
    expect(seen.reads).toBe(0);
    seen.connected = true;
    await clock.advance(31_000);
    expect(seen.reads).toBe(1);
    await stop();
  });
});
