/**
 * Which lists one pass over a pool's workloads must read, from what the statistics say (architecture §5). Pure: the
 * poller carries it out.
 */
import { activeStatuses, terminalStatuses, type StatisticsFacts } from '../api/facts.ts';

export interface ReadingInput {
  /** Read just now. */
  readonly statistics: StatisticsFacts;
  /** Read before the lists of the last complete pass; absent at first. */
  readonly baseline?: StatisticsFacts;
  /** Status words of the active rows that are known from the last pass. */
  readonly activeNow: ReadonlySet<string>;
  /** Nothing was read whole for `maxStaleness`, or ever: now it is, whatever the statistics count. */
  readonly due: boolean;
  /** Rows are known that the statistics do not count (their type is not in it): so it says nothing about changes. */
  readonly uncounted: boolean;
  /** The project mirrors finished workloads at all. */
  readonly wantsHistory: boolean;
  /** An absence waits to be confirmed, and the last full walk is long enough ago. */
  readonly walkDue: boolean;
}

export type ReadingPlan =
  /** Everything, unfiltered: the only read that proves an absence. */
  | { readonly do: 'walk'; readonly why: 'ProbeBlind' | 'ConfirmAbsence' }
  | {
      readonly do: 'lists';
      /** Read each whole, by `status=`, in this order: that of a job's life, so that one that moves on meanwhile is seen. */
      readonly active: readonly string[];
      /** Read each newest first, down to the history window. */
      readonly history: readonly string[];
      /** These lists show everything that is in the selection. */
      readonly whole: boolean;
    };

const knownStatuses = new Set([...activeStatuses, ...terminalStatuses]);

export function planReading(input: ReadingInput): ReadingPlan {
  const { statistics, baseline, wantsHistory } = input;
  // A word that is not documented cannot be asked for with `status=`, so its jobs would never be seen.
  if (Object.entries(statistics.byStatus).some(([word, jobs]) => jobs > 0 && !knownStatuses.has(word))) {
    return { do: 'walk', why: 'ProbeBlind' };
  }
  if (input.walkDue) return { do: 'walk', why: 'ConfirmAbsence' };
  const all = input.due || input.uncounted;
  const moved = (status: string): boolean =>
    baseline !== undefined && count(statistics, status) !== count(baseline, status);
  return {
    do: 'lists',
    active: activeStatuses.filter(
      (status) => all || count(statistics, status) > 0 || input.activeNow.has(status),
    ),
    history: terminalStatuses.filter((status) => wantsHistory && (all || moved(status))),
    whole: all,
  };
}

const count = (statistics: StatisticsFacts, status: string): number => statistics.byStatus[status] ?? 0;
