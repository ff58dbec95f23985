import { describe, expect, it } from '@jest/globals';

import { workloadFacts } from '../../test/support/builders.ts';
import type { Answer, WorkloadPage } from '../api/upstream.ts';
import { RememberedPages } from './remembered-pages.ts';

/** An answer with these jobs, which can be known again. */
function answer(sequence: number, ...uids: readonly string[]): Answer<WorkloadPage> {
  const items = uids.map((uid) => workloadFacts({ uid }));
  const fingerprint = { digest: uids.join(), bytes: 100 };
  const value = { items, unidentified: 0, received: items.length, fingerprint };
  return { value, issues: [], sequence, date: 0 };
}

/** What is kept of jobs, read last from the answer of this number. */
const kept = (sequence: number, ...uids: readonly string[]) => {
  const rows = new Map(uids.map((uid) => [uid, { facts: workloadFacts({ uid }), sequence }]));
  return (uid: string) => rows.get(uid);
};

describe('RememberedPages', () => {
  it('holds the rows that are kept anyway, and no copy of them', () => {
    const pages = new RememberedPages();
    const row = kept(1, 'a', 'b');
    pages.take(new Map([['Running', [answer(1, 'a', 'b')]]]), false, row);
    const [page] = pages.of('Running');
    expect(page?.items.map((facts) => facts === row(facts.uid)?.facts)).toEqual([true, true]);
    expect(page?.fingerprint).toEqual({ digest: 'a,b', bytes: 100 });
  });

  it('keeps what the page said of a row that was read again since', () => {
    const pages = new RememberedPages();
    const first = answer(1, 'a');
    pages.take(new Map([['Running', [first]]]), false, kept(2, 'a'));
    expect(pages.of('Running')[0]?.items[0]).toBe(first.value.items[0]);
  });

  it('remembers no page of which a row is not kept, nor one that cannot be known again', () => {
    const pages = new RememberedPages();
    const { value, ...rest } = answer(1, 'a');
    const { fingerprint: _, ...unclear } = value;
    const lists = new Map([
      ['Completed', [answer(1, 'a', 'pruned'), { ...rest, value: unclear }, answer(1, 'a')]],
    ]);
    pages.take(lists, false, kept(1, 'a'));
    expect(pages.of('Completed').map((page) => page?.fingerprint?.digest)).toEqual([
      undefined,
      undefined,
      'a',
    ]);
  });

  it('leaves a page as it is that was known again, until a row of it is not kept any more', () => {
    const pages = new RememberedPages();
    const first = answer(1, 'a');
    pages.take(new Map([['Running', [first]]]), false, kept(1, 'a'));
    const remembered = pages.of('Running')[0];
    const again = { ...first, sequence: 2 };
    pages.take(new Map([['Running', [again]]]), false, kept(2, 'a'));
    expect(pages.of('Running')[0]).toBe(remembered);
    pages.take(new Map([['Running', [again]]]), false, kept(2));
    expect(pages.of('Running')).toEqual([undefined]);
  });

  it('forgets a list that a whole reading did not need any more', () => {
    const pages = new RememberedPages();
    pages.take(new Map([['Running', [answer(1, 'a')]]]), false, kept(1, 'a'));
    pages.take(new Map(), false, kept(1, 'a'));
    expect(pages.of('Running')).toHaveLength(1);
    pages.take(new Map([['Queue', [answer(2, 'a')]]]), true, kept(2, 'a'));
    expect(pages.of('Running')).toEqual([]);
    expect(pages.of('Queue')).toHaveLength(1);
  });
});
