import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { withDurations, type WorkloadFacts } from '../api/facts.ts';
import { workloadFacts } from '../../test/support/builders.ts';
import { commonFacts, KeptFacts } from './kept-facts.ts';

const kept = (facts: WorkloadFacts): WorkloadFacts =>
  new KeptFacts(facts, facts.uid, facts.hostIPs, commonFacts(facts));

/** All that can be said of a workload, asked for by name. */
const said = (facts: WorkloadFacts): WorkloadFacts => withDurations(facts, facts);

describe('KeptFacts', () => {
  it('says what it was made of', () => {
    const text = fc.string({ maxLength: 3 });
    const time = fc.date({ noInvalidDate: true }).map((date) => Math.floor(date.getTime() / 1000) * 1000);
    const facts = fc.record<Partial<WorkloadFacts>>(
      {
        uid: text,
        identifiedBy: fc.constantFrom('uid', 'jobUUID', 'name'),
        namespace: text,
        name: text,
        jobName: text,
        jobID: text,
        type: text,
        status: text,
        flavor: text,
        priority: text,
        gvk: text,
        resources: fc.dictionary(text, text),
        resourcesIncomplete: fc.boolean(),
        runningSeconds: fc.nat(),
        pendingSeconds: fc.nat(),
        queuePosition: fc.nat(),
        creationTime: time,
        hostIPs: fc.array(text, { maxLength: 2 }),
        nodeCount: fc.nat(),
        isDeleted: fc.boolean(),
        cards: fc.record({ gpu: fc.nat(), npu: fc.nat() }),
        startTime: time,
        completionTime: time,
        description: text,
        message: text,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(facts, (over) => {
        const one = workloadFacts(over);
        expect(said(kept(one))).toEqual(said(one));
      }),
    );
  });

  it.each<[keyof WorkloadFacts, string | number]>([
    ['startTime', 1_000],
    ['completionTime', 1_000],
    ['description', 'said'],
    ['message', 'said'],
  ])('says %s where nothing else is said that only versions say', (field, value) => {
    expect(kept(workloadFacts({ [field]: value }))[field]).toBe(value);
  });

  it.each([
    ['train-1f', '1f'],
    ['1f', '1f'],
    ['train-1f', '1f1f'],
    ['train', ''],
    ['1f-train', '1f'],
    ['train', undefined],
    ['train-undefined', undefined],
    ['train', workloadFacts().uid],
    [undefined, '1f'],
  ])('has the name %s of the job %s', (name, jobID) => {
    const { name: given, jobID: id } = kept(workloadFacts({ name, jobID }));
    expect([given, id]).toEqual([name, jobID]);
  });

  it('knows no creation where none was said', () => {
    expect(kept(workloadFacts({ creationTime: undefined })).creationTime).toBeUndefined();
  });
});
