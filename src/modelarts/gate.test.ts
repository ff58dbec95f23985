import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { Gate, type Pass } from './gate.ts';
import { Gates } from './gates.ts';

const never = new AbortController().signal;

function proven(requestsPerSecond = 5, burst = 10) {
  const clock = virtualClock();
  const gate = new Gate(clock, { requestsPerSecond, burst });
  return { clock, gate, ready: gate.enter('op', never).then((pass) => pass.done('accepted')) };
}

describe('Gate', () => {
  it('Polite: lets no more leave than burst and rate allow, in the order of asking', async () => {
    const { clock, gate, ready } = proven(5, 10);
    await ready;
    const left: { who: number; at: number }[] = [];
    for (let who = 0; who < 20; who++) {
      void gate.enter('op', never).then((pass) => {
        left.push({ who, at: clock.monotonic() });
        pass.done('accepted');
      });
    }
    await clock.settle();
    expect(left).toHaveLength(9);
    await clock.advance(1000);
    expect(left).toHaveLength(14);
    await clock.advance(60_000);
    expect(left.map(({ who }) => who)).toEqual([...Array(20).keys()]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('Polite: sends one at a time until the credential has been accepted', async () => {
    const clock = virtualClock();
    const gate = new Gate(clock, { requestsPerSecond: 100, burst: 100 });
    const passes: Pass[] = [];
    for (let i = 0; i < 5; i++) void gate.enter('op', never).then((pass) => passes.push(pass));
    await clock.settle();
    expect(passes).toHaveLength(1);
    passes[0]!.done('neutral');
    await clock.settle();
    expect(passes).toHaveLength(2);
    passes[1]!.done('accepted');
    await clock.settle();
    expect(passes).toHaveLength(5);
  });

  it('Polite: after two refusals turns everyone away for five minutes, and again after one more', async () => {
    const clock = virtualClock();
    const gate = new Gate(clock, { requestsPerSecond: 100, burst: 100 });
    (await gate.enter('op', never)).done('refused');
    const second = await gate.enter('op', never);
    const queued = gate.enter('op', never);
    second.done('refused');
    await expect(queued).rejects.toMatchObject({ kind: 'Unauthorized', retryAfterMs: 300_000 });
    await clock.advance(299_000);
    await expect(gate.enter('op', never)).rejects.toMatchObject({ kind: 'Unauthorized', retryAfterMs: 1000 });
    await clock.advance(1000);
    (await gate.enter('op', never)).done('refused');
    await expect(gate.enter('op', never)).rejects.toMatchObject({ kind: 'Unauthorized' });
    await clock.advance(300_000);
    (await gate.enter('op', never)).done('accepted');
    (await gate.enter('op', never)).done('refused');
    (await gate.enter('op', never)).done('accepted');
  });

  it('Polite: stays locked when a try is accepted that left before the refusals', async () => {
    const { gate, ready } = proven();
    await ready;
    const early = await gate.enter('op', never);
    const both = [await gate.enter('op', never), await gate.enter('op', never)];
    for (const pass of both) pass.done('refused');
    early.done('accepted');
    await expect(gate.enter('op', never)).rejects.toMatchObject({
      kind: 'Unauthorized',
      retryAfterMs: 300_000,
    });
  });

  it('Polite: holds everyone while it is closed', async () => {
    const { clock, gate, ready } = proven();
    await ready;
    gate.close(10_000);
    gate.close(1_000);
    let left = false;
    void gate.enter('op', never).then(() => (left = true));
    await clock.advance(9_999);
    expect(left).toBe(false);
    await clock.advance(1);
    expect(left).toBe(true);
  });

  it('forgets who stops waiting, and passes on without them', async () => {
    const { clock, gate, ready } = proven(1, 1);
    await ready;
    const controller = new AbortController();
    const given = gate.enter('op', controller.signal);
    let left = false;
    void gate.enter('op', never).then(() => (left = true));
    controller.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    await clock.advance(1000);
    expect(left).toBe(true);
    await expect(gate.enter('op', controller.signal)).rejects.toThrow('stopped');
  });

  it('makes those after it wait for what was spent beside it', async () => {
    const { clock, gate, ready } = proven(1, 2);
    await ready;
    gate.spend();
    let left = false;
    void gate.enter('op', never).then(() => (left = true));
    await clock.advance(999);
    expect(left).toBe(false);
    await clock.advance(1);
    expect(left).toBe(true);
  });
});

describe('Gates', () => {
  it('gives those with one fingerprint one gate, under the strictest limit', async () => {
    const clock = virtualClock();
    const gates = new Gates(clock);
    const wide = gates.share('a', { requestsPerSecond: 100, burst: 100 });
    const narrow = gates.share('a', { requestsPerSecond: 1, burst: 1 });
    expect(narrow.gate).toBe(wide.gate);
    expect(gates.share('b', { requestsPerSecond: 1, burst: 1 }).gate).not.toBe(wide.gate);
    (await wide.gate.enter('op', never)).done('accepted');
    let left = 0;
    for (let i = 0; i < 3; i++) void wide.gate.enter('op', never).then(() => (left += 1));
    await clock.settle();
    expect(left).toBe(0);
    narrow.release();
    narrow.release();
    await clock.advance(100);
    expect(left).toBe(3);
  });

  it('Polite: adds up what all with one fingerprint plan, until they let go', () => {
    const gates = new Gates(virtualClock());
    const [a, b] = [
      gates.share('a', { requestsPerSecond: 10, burst: 10 }),
      gates.share('a', { requestsPerSecond: 5, burst: 10 }),
    ];
    gates.share('another', { requestsPerSecond: 1, burst: 1 }).plan(100);
    expect(a.plan(3)).toEqual({ planned: 3, allowed: 5 });
    expect(b.plan(4)).toEqual({ planned: 7, allowed: 5 });
    expect(a.plan(1)).toEqual({ planned: 5, allowed: 5 });
    b.release();
    expect(a.plan(1)).toEqual({ planned: 1, allowed: 10 });
  });

  it('Polite: remembers a lock after everyone has let go', async () => {
    const clock = virtualClock();
    const gates = new Gates(clock);
    const limit = { requestsPerSecond: 10, burst: 10 };
    const first = gates.share('a', limit);
    for (let i = 0; i < 2; i++) (await first.gate.enter('op', never)).done('refused');
    first.release();
    await expect(gates.share('a', limit).gate.enter('op', never)).rejects.toMatchObject({
      kind: 'Unauthorized',
    });
  });

  it('keeps nothing for those that are gone and have nothing to remember', async () => {
    const clock = virtualClock();
    const gates = new Gates(clock);
    const limit = { requestsPerSecond: 10, burst: 10 };
    const share = gates.share('a', limit);
    (await share.gate.enter('op', never)).done('accepted');
    share.release();
    await clock.advance(1000);
    gates.share('b', limit);
    expect(gates.size).toBe(1);
  });
});
