import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { WorkloadFacts } from '../api/facts.ts';
import { workloadFacts } from '../../test/support/builders.ts';
import { digest } from './digest.ts';
import { showsTheSame } from './same-reading.ts';
import { SharedValues } from './shared-values.ts';
import { workloadStatus } from './workload-status.ts';

const minute = 60_000;
const readAt = Date.UTC(2026, 0, 1, 12);
const running = (over: Partial<WorkloadFacts> = {}): WorkloadFacts =>
  workloadFacts({
    status: 'Running',
    creationTime: readAt - 10 * minute,
    pendingSeconds: 60,
    runningSeconds: 300,
    ...over,
  });
const known = { startTime: readAt - 5 * minute };

describe('showsTheSame', () => {
  const later = (facts: WorkloadFacts, afterMs = 15_000): boolean =>
    showsTheSame(known, { facts: running(), readAt }, { facts, readAt: readAt + afterMs });

  it.each<[string, WorkloadFacts, boolean]>([
    ['a duration that counts on', running({ runningSeconds: 315 }), true],
    ['one that jitters', running({ runningSeconds: 310 }), true],
    ['one that contradicts the start by more than a minute', running({ runningSeconds: 400 }), false],
    ['another phase', running({ status: 'Completed', runningSeconds: 315 }), false],
    ['a priority', running({ runningSeconds: 315, priority: '3' }), false],
    ['a host more', running({ runningSeconds: 315, hostIPs: ['10.9.9.9'] }), false],
    ['other resources', running({ runningSeconds: 315, resources: { cpu: '2' } }), false],
    ['fewer resources', running({ runningSeconds: 315, resources: {} }), false],
    ['a name', running({ runningSeconds: 315, name: 'other' }), false],
    ['a place in the queue', running({ runningSeconds: 315, queuePosition: 1 }), false],
    ['more resources', running({ resources: { ...running().resources, 'example.com/disk': '1' } }), false],
    ['as many resources of another name', running({ resources: { a: '8', b: '8' } }), false],
    [
      'a resource that is not there, and says so',
      running({ resources: { ...running().resources, 'example.com/disk': undefined } as never }),
      true,
    ],
    ['a part that was not there', running({ cards: { gpu: 1, npu: 0 } }), false],
    ['a part that is not there, and says so', { ...running(), cards: undefined }, true],
  ])('%s', (_what, facts, same) => {
    expect(later(facts)).toBe(same);
    const before = { facts: new SharedValues().leanFacts(running()), readAt };
    expect(showsTheSame(known, before, { facts, readAt: readAt + 15_000 })).toBe(same);
  });

  it.each([undefined, {}])('a part that was %p is there', (before) => {
    const [bare, whole] = [running(), running({ cards: { gpu: 1, npu: 0 } })];
    const facts = { ...bare, cards: before } as WorkloadFacts;
    expect(showsTheSame(known, { facts, readAt }, { facts: whole, readAt })).toBe(false);
    expect(showsTheSame(known, { facts: whole, readAt }, { facts, readAt })).toBe(false);
  });

  it('is sure of a row that was kept', () => {
    const facts = running();
    expect(showsTheSame(known, { facts, readAt }, { facts, readAt })).toBe(true);
  });

  it('tells an end apart that moved, of a job whose start did not', () => {
    const ended = (runningSeconds: number) => ({
      facts: running({ status: 'Completed', runningSeconds }),
      readAt,
    });
    expect(showsTheSame(known, ended(300), ended(270))).toBe(false);
  });

  it('measures a drift against what the mirror shows, however slowly it comes', () => {
    const drifting = (ms: number): boolean => later(running({ runningSeconds: 300 }), ms);
    expect([drifting(30_000), drifting(60_000), drifting(61_000)]).toEqual([true, true, false]);
  });

  const facts = {
    status: fc.constantFrom('Queue', 'Creating', 'Running', 'Abnormal', 'Completed', 'Failed', 'Paused'),
    priority: fc.constantFrom('1', '2'),
    runningSeconds: fc.nat(600),
    pendingSeconds: fc.nat(600),
    queuePosition: fc.integer({ min: 1, max: 3 }),
    hostIPs: fc.constantFrom<string[]>([], ['10.0.0.1'], ['10.0.0.1', '10.0.0.2']),
    creationTime: fc.constant(readAt - 10 * minute),
  };
  /** Most of a second reading is as in the first. */
  const changes = fc.oneof(
    fc.constant({}),
    fc.record({ runningSeconds: facts.runningSeconds }),
    fc.record({ pendingSeconds: facts.pendingSeconds }),
    fc.record(facts, { requiredKeys: [] }),
  );

  it('says so only where the mirror would be written the same', () => {
    fc.assert(
      fc.property(
        fc.record(facts, { requiredKeys: [] }),
        changes,
        fc.nat(120_000),
        (one, change, afterMs) => {
          const before = { facts: workloadFacts(one), readAt };
          const after = { facts: workloadFacts({ ...one, ...change }), readAt: readAt + afterMs };
          const blank = { name: 'a', identity: 'a', generation: 1, createdAt: readAt - minute };
          const times = (status: ReturnType<typeof workloadStatus>): object => ({
            ...(status.phase !== undefined && { phase: status.phase }),
            ...(status.startTime !== undefined && { startTime: Date.parse(status.startTime) }),
            ...(status.completionTime !== undefined && { completionTime: Date.parse(status.completionTime) }),
            phaseSince: readAt - minute,
          });
          const shown = (mirror: object, reading: typeof before): number =>
            digest(workloadStatus({ ...blank, ...mirror }, { ...reading, queuePosition: 'Exact' }));
          const mirror = times(workloadStatus(blank, { ...before, queuePosition: 'Exact' }));
          fc.pre(showsTheSame(mirror, before, after));
          expect(shown(mirror, after)).toBe(shown(mirror, before));
        },
      ),
      { numRuns: 300 },
    );
  });
});
