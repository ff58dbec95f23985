import { describe, expect, it } from '@jest/globals';
import { activeStatuses, terminalStatuses } from '../api/facts.ts';
import { planReading, type ReadingInput } from './reading-plan.ts';
import type { StatisticsFacts } from '../api/facts.ts';

function statistics(byStatus: Record<string, number>, type = 'train'): StatisticsFacts {
  const total = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  return { total, byStatus, byType: [{ type, total, byStatus }] };
}

function input(over: Partial<ReadingInput>): ReadingInput {
  const now = statistics({ Running: 2, Completed: 50_000 });
  return {
    statistics: now,
    baseline: now,
    activeNow: new Set(),
    due: false,
    uncounted: false,
    wantsHistory: true,
    walkDue: false,
    ...over,
  };
}

describe('planReading', () => {
  it("reads only the active statuses that have jobs, in the order of a job's life", () => {
    const plan = planReading(
      input({ statistics: statistics({ Running: 1, Queue: 3, Pending: 0 }), baseline: statistics({}) }),
    );
    expect(plan).toMatchObject({ do: 'lists', active: ['Queue', 'Running'], history: [] });
  });

  it('leaves a long history alone while its count stands still', () => {
    expect(planReading(input({}))).toMatchObject({ active: ['Running'], history: [] });
  });

  it('reads a terminal status whose count moved, either way', () => {
    const fewer = input({ statistics: statistics({ Running: 2, Completed: 49_999 }) });
    const more = input({ statistics: statistics({ Running: 1, Completed: 50_001 }) });
    expect(planReading(fewer)).toMatchObject({ history: ['Completed'] });
    expect(planReading(more)).toMatchObject({ history: ['Completed'] });
  });

  it.each(['due', 'uncounted'] as const)(
    'reads every status when %s, whatever the statistics count',
    (why) => {
      expect(planReading(input({ statistics: statistics({}), [why]: true }))).toEqual({
        do: 'lists',
        active: activeStatuses,
        history: terminalStatuses,
        whole: true,
      });
    },
  );

  it('reads a status that statistics no longer count while rows of it are known', () => {
    expect(planReading(input({ activeNow: new Set(['Queue']) }))).toMatchObject({
      active: ['Queue', 'Running'],
    });
  });

  it('reads no history where finished jobs are not mirrored', () => {
    const plan = planReading(
      input({ wantsHistory: false, due: true, statistics: statistics({ Completed: 3 }) }),
    );
    expect(plan).toMatchObject({ history: [] });
  });

  it('walks everything where statistics count jobs whose status cannot be asked for', () => {
    expect(planReading(input({ statistics: statistics({ Hibernating: 1 }) }))).toEqual({
      do: 'walk',
      why: 'ProbeBlind',
    });
    expect(planReading(input({ statistics: statistics({ Hibernating: 0 }) }))).toMatchObject({ do: 'lists' });
  });

  it('reads a type that it does not know by status, like any other', () => {
    expect(planReading(input({ statistics: statistics({ Running: 1 }, 'ray') }))).toMatchObject({
      do: 'lists',
      active: ['Running'],
    });
  });

  it('walks to confirm an absence', () => {
    expect(planReading(input({ walkDue: true }))).toEqual({ do: 'walk', why: 'ConfirmAbsence' });
  });
});
