import { describe, expect, it } from '@jest/globals';
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
    historyDue: false,
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
    expect(planReading(input({}))).toMatchObject({ history: [], historyRead: false });
  });

  it('reads a terminal status whose count moved, either way', () => {
    const fewer = input({ statistics: statistics({ Running: 2, Completed: 49_999 }) });
    const more = input({ statistics: statistics({ Running: 1, Completed: 50_001 }) });
    expect(planReading(fewer)).toMatchObject({ history: ['Completed'] });
    expect(planReading(more)).toMatchObject({ history: ['Completed'] });
  });

  it('reads the history window when it is due, and at first', () => {
    expect(planReading(input({ historyDue: true }))).toMatchObject({
      history: ['Completed'],
      historyRead: true,
    });
  });

  it('reads a status that statistics no longer count while rows of it are known', () => {
    expect(planReading(input({ activeNow: new Set(['Queue']) }))).toMatchObject({
      active: ['Queue', 'Running'],
    });
  });

  it('reads no history where finished jobs are not mirrored', () => {
    const plan = planReading(
      input({ wantsHistory: false, historyDue: true, statistics: statistics({ Completed: 3 }) }),
    );
    expect(plan).toMatchObject({ history: [], historyRead: false });
  });

  it('walks everything where statistics name a status or a type that cannot be asked for', () => {
    expect(planReading(input({ statistics: statistics({ Hibernating: 1 }) }))).toEqual({
      do: 'walk',
      why: 'ProbeBlind',
    });
    expect(planReading(input({ statistics: statistics({ Running: 1 }, 'ray') }))).toEqual({
      do: 'walk',
      why: 'ProbeBlind',
    });
  });

  it('walks to confirm an absence', () => {
    expect(planReading(input({ walkDue: true }))).toEqual({ do: 'walk', why: 'ConfirmAbsence' });
  });
});
