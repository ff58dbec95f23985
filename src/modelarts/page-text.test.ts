import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { WorkloadPage } from '../api/upstream.ts';
import { SharedValues } from '../mirror/shared-values.ts';
import { Cursor } from './decode/read.ts';
import { decodeWorkloadPage } from './decode/workload.ts';
import { PageText } from './page-text.ts';

const encoder = new TextEncoder();
const page = (...rows: readonly unknown[]): string => JSON.stringify({ kind: 'WorkloadList', items: rows });
const row = (uid: string, more: object = {}) => ({ uid, runningDuration: 60, pendingDuration: 5, ...more });

/** As the operator keeps a page that it read. */
function asKept(read: WorkloadPage): WorkloadPage {
  const values = new SharedValues();
  return { ...read, items: read.items.map((facts) => values.leanFacts(facts)) };
}

/** As a reader takes a text in, `before` being what it took in before. */
function read(text: string, before?: WorkloadPage): { page: WorkloadPage; recognized: boolean } {
  const read = new PageText(before);
  const recognized = read.recognizes(encoder.encode(text));
  if (read.recognized !== undefined) return { page: read.recognized, recognized };
  const body = new Cursor(JSON.parse(text));
  const decoded = decodeWorkloadPage(body, 'pool-a');
  if (decoded === undefined) throw new Error(`not a page: ${text}`);
  return { page: read.remembered(decoded, body.issues), recognized };
}

describe('a page that is asked for again', () => {
  it('is known by all but its durations, and its rows have those that it has now', () => {
    const first = read(page(row('a'), row('b', { status: 'Running' }))).page;
    const later = row('b', { status: 'Running', runningDuration: 1075 });
    const second = read(page(row('a', { pendingDuration: 0 }), later), first);
    expect(second.recognized).toBe(true);
    expect(second.page.items).toMatchObject([
      { uid: 'a', runningSeconds: 60, pendingSeconds: 0 },
      { uid: 'b', runningSeconds: 1075, pendingSeconds: 5 },
    ]);
    expect(second.page.fingerprint).toBe(first.fingerprint);
    expect(second.page).toMatchObject({ received: 2, unidentified: 0 });
  });

  it.each([
    ['another word', page(row('a', { status: 'Failed' }))],
    ['a row more', page(row('a', { status: 'Running' }), row('b'))],
    ['a row less', page()],
    ['a place in the queue', page(row('a', { status: 'Running', pendingPosition: 4 }))],
    ['no duration where there was one', '{"kind":"WorkloadList","items":[{"uid":"a","runningDuration":60}]}'],
    ['a duration that is not known', page(row('a', { status: 'Running', runningDuration: -1 }))],
    ['a duration as text', page(row('a', { status: 'Running', runningDuration: '61' }))],
    ['half a second', page(row('a', { status: 'Running', runningDuration: 60.5 }))],
    ['more digits than are exact', page(row('a', { status: 'Running', runningDuration: 2 ** 52 }))],
  ])('is read anew with %s', (_, text) => {
    const { page: before } = read(page(row('a', { status: 'Running' })));
    expect(before.fingerprint).toBeDefined();
    expect(read(text, before).recognized).toBe(false);
  });

  it.each([
    ['is no JSON any more', (text: string) => text.replace('60', '060')],
    ['has lost its number', (text: string) => text.replace('60', '')],
    ['is cut', (text: string) => text.slice(0, -1)],
  ])('is not known when it %s', (_, spoil) => {
    const text = page(row('a'));
    const { page: before } = read(text);
    expect(new PageText(before).recognizes(encoder.encode(spoil(text)))).toBe(false);
  });

  it.each([
    [
      'a row has the name of a duration twice',
      '{"items":[{"uid":"a","runningDuration":1,"runningDuration":1}]}',
    ],
    ['something else in a row is called so', page(row('a', { nodes: [{ runningDuration: 60 }] }))],
    ['a duration is a text', page(row('a', { runningDuration: '60' }))],
    ['a row has no identity', page(row('a'), { runningDuration: 3 })],
    ['something in it could not be read', page(row('a', { isDeleted: 'perhaps' }))],
  ])('is never known where %s', (_, text) => {
    const all = text.replace('{"items"', '{"kind":"WorkloadList","items"');
    expect(read(all).page.fingerprint).toBeUndefined();
  });

  it('says what decoding it would say', () => {
    const seconds = fc.oneof(
      fc.nat(100_000),
      fc.constantFrom<unknown>(-1, 0, 10, '7', 1.5, 2 ** 52, null, 'x', undefined),
    );
    const rows = fc.array(
      fc.record(
        {
          uid: fc.constantFrom('a', 'b', 'c', 'ä"b\\'),
          status: fc.constantFrom('Running', 'Pending'),
          name: fc.constantFrom('x', '"runningDuration":5', 'runningDuration'),
          runningDuration: seconds,
          pendingDuration: seconds,
          nodes: fc.constantFrom<unknown>(undefined, [], [{ pendingDuration: 5 }]),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 4 },
    );
    const spaced = fc.constantFrom<number | undefined>(undefined, 1);
    const durations = fc.array(seconds, { minLength: 8, maxLength: 8 });
    const sometimes = { recognized: 0 };
    fc.assert(
      fc.property(rows, durations, spaced, (before, now, indent) => {
        const write = (items: unknown): string =>
          JSON.stringify({ kind: 'WorkloadList', items }, null, indent);
        const after = before.map((one, at) => ({
          ...one,
          ...('runningDuration' in one && { runningDuration: now[2 * at] }),
          ...('pendingDuration' in one && { pendingDuration: now[2 * at + 1] }),
        }));
        const second = read(write(after), asKept(read(write(before)).page));
        if (second.recognized) sometimes.recognized++;
        const { items } = read(write(after)).page;
        expect(second.page.items).toMatchObject(items);
        expect(second.page.items).toHaveLength(items.length);
      }),
      { numRuns: 1000 },
    );
    expect(sometimes.recognized).toBeGreaterThan(20);
  });
});
