import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError, TransportError } from './errors.ts';
import { cutBytes, eventResource } from './event-object.ts';
import type { EventNote, EventObject } from './event-object.ts';
import { EventRecorder } from './event-recorder.ts';
import { ResourceClient } from './resource-client.ts';
import type { ApiRequest, Transport } from './transport.ts';

const about: EventNote = {
  regarding: { apiVersion: 'v1', kind: 'Thing', namespace: 'ns', name: 'a', uid: 'u' },
  type: 'Normal',
  reason: 'Done',
  action: 'Do',
  note: 'done',
};

function setUp(answer: (request: ApiRequest) => unknown = (request) => request.body) {
  const clock = virtualClock();
  const sent: ApiRequest[] = [];
  const dropped: string[] = [];
  const transport: Transport = {
    request: async <T>(request: ApiRequest): Promise<T> => {
      sent.push(request);
      const body = answer(request) as Partial<EventObject>;
      return { metadata: { name: 'e', namespace: 'ns' }, ...about, ...body } as T;
    },
    stream: () => Promise.reject(new Error('not here')),
  };
  const recorder = new EventRecorder({
    client: new ResourceClient<EventObject>({ transport, resource: eventResource, fieldManager: 'test' }),
    runtime: clock,
    reportingController: 'example.dev/test',
    reportingInstance: 'test-0',
    onDropped: (_event, why) => dropped.push(why),
  });
  const counts = (): string[] =>
    sent.map(({ method, body }) => `${method} ${(body as EventObject).series?.count ?? '-'}`);
  return { clock, recorder, sent, dropped, counts };
}

/** The event is made, and nobody is told. */
function losesFirstAnswer(): (request: ApiRequest) => unknown {
  let made = false;
  return ({ method, body }) => {
    if (method !== 'POST') return body;
    if (made) throw new ApiError('POST', { code: 409, reason: 'AlreadyExists', message: 'it is there' });
    made = true;
    throw new TransportError('the answer is lost');
  };
}

describe('EventRecorder', () => {
  it('writes the first at once, the second as a series, and later ones every half hour and at the end', async () => {
    const { clock, recorder, counts } = setUp();
    for (let i = 0; i < 3; i++) {
      recorder.record(about);
      await clock.advance(1_000);
    }
    expect(counts()).toEqual(['POST -', 'PATCH 2']);
    for (let minute = 0; minute < 35; minute++) {
      recorder.record(about);
      await clock.advance(60_000);
    }
    expect(counts()).toHaveLength(3);
    await clock.advance(10 * 60_000);
    expect(counts().at(-1)).toBe('PATCH 38');
    expect(clock.pendingTimers).toBe(0);
    recorder.record(about);
    await clock.settle();
    expect(counts().at(-1)).toBe('POST -');
  });

  it('lets an object say 25 things and then one in five minutes; others are not touched', async () => {
    const { clock, recorder, sent, dropped } = setUp();
    for (let i = 0; i < 30; i++) recorder.record({ ...about, note: `n${i}` });
    recorder.record({ ...about, regarding: { ...about.regarding, name: 'b' } });
    await clock.settle();
    expect(sent).toHaveLength(26);
    expect(dropped).toEqual(Array.from({ length: 5 }, () => 'SpamFilter'));
    await clock.advance(300_000);
    recorder.record({ ...about, note: 'again' });
    recorder.record({ ...about, note: 'and again' });
    await clock.settle();
    expect(sent).toHaveLength(27);
  });

  it('tries again when the server could not be reached, and not when it refused', async () => {
    let tries = 0;
    const unreachable = setUp(() => {
      if (++tries < 3) throw new TransportError('cut');
      return {};
    });
    unreachable.recorder.record(about);
    await unreachable.clock.advance(20_000);
    expect([unreachable.sent.length, unreachable.dropped]).toEqual([3, []]);

    const refused = setUp(() => {
      throw new ApiError('POST', { code: 403, reason: 'Forbidden', message: 'namespace is terminating' });
    });
    refused.recorder.record(about);
    await refused.clock.advance(60_000);
    expect([refused.sent.length, refused.dropped]).toEqual([1, ['Refused']]);
  });

  it('takes an event for written that was, though only another try learned of it, and counts on', async () => {
    const { clock, recorder, counts, dropped } = setUp(losesFirstAnswer());
    recorder.record(about);
    await clock.advance(10_000);
    expect(counts()).toEqual(['POST -', 'POST -']);
    recorder.record(about);
    await clock.advance(10_000);
    expect(counts().slice(2)).toEqual(['PATCH 2']);
    await clock.advance(10 * 60_000);
    expect(counts()).toHaveLength(3);
    expect(dropped).toEqual([]);
  });

  it('counts in the event whose making was lost while it came again', async () => {
    const { clock, recorder, counts } = setUp(losesFirstAnswer());
    recorder.record(about);
    await clock.advance(1_000);
    recorder.record(about);
    await clock.advance(10_000);
    expect(counts()).toEqual(['POST -', 'POST 2', 'PATCH 2']);
  });

  it('does not come back to what it dropped when the series is over', async () => {
    const { clock, recorder, sent, dropped } = setUp(() => {
      throw new ApiError('POST', { code: 403, reason: 'Forbidden', message: 'not allowed' });
    });
    recorder.record(about);
    await clock.advance(10 * 60_000);
    expect([sent.length, dropped]).toEqual([1, ['Refused']]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never blocks: what does not fit the queue is dropped; stop gives up at its deadline', async () => {
    const { clock, recorder, dropped } = setUp(() => {
      throw new TransportError('cut');
    });
    for (let i = 0; i < 1_100; i++)
      recorder.record({ ...about, regarding: { ...about.regarding, name: `n${i}` } });
    expect(dropped.filter((why) => why === 'QueueFull')).toHaveLength(99);
    const stopped = recorder.stop(2_000);
    await clock.advance(2_000);
    await stopped;
    expect(clock.pendingTimers).toBe(0);
  });

  it('cuts a note by bytes and splits no character', () => {
    expect(cutBytes('short', 1024)).toBe('short');
    for (const text of ['é'.repeat(1000), 'x'.repeat(2000), '𝕏'.repeat(600)]) {
      const cut = cutBytes(text, 1024);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(1024);
      expect(Buffer.byteLength(cut)).toBeGreaterThan(1018);
      expect(cut).not.toContain('\uFFFD');
    }
  });
});
