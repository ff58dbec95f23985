import { describe, expect, it } from '@jest/globals';
import type { CountedListFacts, ResourceSpecFacts } from '../api/facts.ts';
import { deletionToken } from '../mirror/guard.ts';
import { ResourceSpecObservations, type SpecIdentity } from './resource-spec-observations.ts';

const hour = 3_600_000;

const list = (
  ids: readonly string[],
  over: Partial<CountedListFacts<ResourceSpecFacts>> = {},
): CountedListFacts<ResourceSpecFacts> => ({
  items: ids.map((id) => ({ id })),
  unidentified: 0,
  received: ids.length,
  ...over,
});

const train = (...ids: string[]): SpecIdentity[] => ids.map((specID) => ({ jobType: 'train', specID }));

/** Observations of a project whose mirrors are `known`, an hour between two reads. */
function observed(known: readonly SpecIdentity[], maxPercent = 50) {
  const observations = new ResourceSpecObservations();
  let now = 0;
  const read = (
    jobType: string,
    facts: CountedListFacts<ResourceSpecFacts>,
    { after = hour, confirmation }: { after?: number; confirmation?: string } = {},
  ) => {
    now += after;
    observations.apply(jobType, facts, { known, now, intervalMs: hour });
    observations.guard({ known, confirmations: 2, maxPercent, confirmation, now, intervalMs: hour });
  };
  const absences = (specID: string, jobType = 'train') => observations.get({ jobType, specID })?.absences;
  return { observations, read, absences };
}

describe('Never guess a deletion: resource specifications', () => {
  it('counts what whole lists lack, once an interval, and forgets the count when it is back', () => {
    const { read, absences } = observed(train('1', '2', '3'));
    read('train', list(['1', '2', '3'], { total: 3 }));
    expect(absences('3')).toBe(0);
    read('train', list(['1', '2']));
    expect(absences('3')).toBe(1);
    read('train', list(['1', '2']), { after: hour / 2 });
    expect(absences('3')).toBe(1);
    read('train', list(['1', '2']), { after: hour / 2 });
    expect(absences('3')).toBe(2);
    read('train', list(['1', '2', '3']));
    expect(absences('3')).toBe(0);
  });

  it.each([
    ['whose total disagrees', { total: 3 }],
    ['with a row that has no id', { unidentified: 1 }],
  ])('takes no absence from a list %s', (_name, over) => {
    const { read, absences } = observed(train('1', '2'));
    for (let i = 0; i < 3; i++) read('train', list(['1'], over));
    expect(absences('1')).toBe(0);
    expect(absences('2')).toBeUndefined();
  });

  it('takes no absence from the list of another type of job', () => {
    const { read, absences } = observed(train('1'));
    for (let i = 0; i < 3; i++) read('inference', list([]));
    expect(absences('1')).toBeUndefined();
  });

  it('counts what has a mirror and was never seen by this process', () => {
    const { read, absences } = observed(train('1', '2', '3'));
    read('train', list(['1', '2']));
    expect(absences('3')).toBe(1);
  });

  it('keeps the last facts of what is missing', () => {
    const { observations, read } = observed(train('1'));
    read('train', list(['1'], { items: [{ id: '1', cpuCores: 8 }] }));
    read('train', list([]));
    expect(observations.get({ jobType: 'train', specID: '1' })).toMatchObject({
      absences: 1,
      facts: { cpuCores: 8 },
    });
  });

  it('holds too many back together, releases exactly these, and lets one go always', () => {
    const { observations, read } = observed(train('1', '2', '3', '4'));
    for (let i = 0; i < 2; i++) read('train', list(['1']));
    const token = deletionToken(['train/2', 'train/3', 'train/4']);
    expect(observations.blocked).toEqual({
      ids: ['train/2', 'train/3', 'train/4'],
      token,
      total: 4,
      what: 'resource specifications',
    });
    expect(observations.isHeldBack({ jobType: 'train', specID: '2' })).toBe(true);
    read('train', list(['1']), { confirmation: token });
    expect(observations.blocked).toBeUndefined();
    read('train', list(['1', '2', '3']), { confirmation: 'another' });
    expect(observations.blocked).toBeUndefined();
  });

  it('measures each type of job by itself', () => {
    const many = [
      ...train('1', '2', '3', '4', '5', '6'),
      { jobType: 'inference', specID: '1' },
      { jobType: 'inference', specID: '2' },
    ];
    const { observations, read } = observed(many);
    for (let i = 0; i < 2; i++) read('inference', list([]));
    expect(observations.blocked?.ids).toEqual(['inference/1', 'inference/2']);
  });

  it('forgets what is gone and has no mirror', () => {
    const { observations, read } = observed([]);
    read('train', list(['1']));
    for (let i = 0; i < 2; i++) read('train', list([]));
    expect([...observations.values()]).toEqual([]);
  });
});
