import { describe, expect, it } from '@jest/globals';

import { CallGate } from './call-gate.ts';

/** Lets everything that waits on promises run. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

function entered(gate: CallGate, names: readonly string[]) {
  const inside: string[] = [];
  const leave = new Map<string, () => void>();
  for (const name of names)
    void gate.enter().then((done) => {
      inside.push(name);
      leave.set(name, done);
    });
  return { inside, leave: (name: string) => leave.get(name)?.() };
}

describe('a gate', () => {
  it('lets in as many as the limit says, in their order', async () => {
    const gate = new CallGate(() => 2);
    const { inside, leave } = entered(gate, ['a', 'b', 'c', 'd']);
    await settle();
    expect([inside, gate.inFlight]).toEqual([['a', 'b'], 2]);
    leave('b');
    leave('b');
    await settle();
    expect([inside, gate.inFlight]).toEqual([['a', 'b', 'c'], 2]);
    leave('a');
    leave('c');
    await settle();
    expect([inside, gate.inFlight]).toEqual([['a', 'b', 'c', 'd'], 1]);
  });

  it('follows the limit both ways', async () => {
    let limit = 1;
    const gate = new CallGate(() => limit);
    const { inside, leave } = entered(gate, ['a', 'b', 'c']);
    await settle();
    limit = 3;
    leave('a');
    await settle();
    expect(inside).toEqual(['a', 'b', 'c']);
    limit = 1;
    const late = entered(gate, ['d']);
    leave('b');
    await settle();
    expect(late.inside).toEqual([]);
    leave('c');
    await settle();
    expect(late.inside).toEqual(['d']);
  });

  it('lets those who wait in first when the limit has risen', async () => {
    let limit = 1;
    const gate = new CallGate(() => limit);
    const first = entered(gate, ['a', 'b']);
    await settle();
    limit = 2;
    const second = entered(gate, ['c']);
    await settle();
    expect([first.inside, second.inside]).toEqual([['a', 'b'], []]);
  });

  it('lets go of who does not wait any longer', async () => {
    const gate = new CallGate(() => 1);
    const leave = await gate.enter();
    const stop = new AbortController();
    const gone = gate.enter(stop.signal);
    const next = gate.enter();
    stop.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    leave();
    (await next)();
    expect(gate.inFlight).toBe(0);
    await expect(gate.enter(stop.signal)).rejects.toThrow('enough');
  });
});
