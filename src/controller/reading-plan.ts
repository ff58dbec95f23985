/**
 * Which lists one pass over a pool's workloads must read, from what the statistics say (architecture §5). Pure: the
 * poller carries it out.
 */
import { activeStatuses, terminalStatuses, workloadTypes, type StatisticsFacts } from '../api/facts.ts';

export interface ReadingInput {
  /** Read just now. */
  readonly statistics: StatisticsFacts;
  /** Read before the lists of the last complete pass; absent at first. */
  readonly baseline?: StatisticsFacts;
  /** Status words of the active rows that are known from the last pass. */
  readonly activeNow: ReadonlySet<string>;
  /** The history window was not read for `maxStaleness`, or never. */
  readonly historyDue: boolean;
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
      /** The history window is as fresh as it can be when these lists are read. */
      readonly historyRead: boolean;
    };

const knownStatuses = new Set([...activeStatuses, ...terminalStatuses]);
const knownTypes = new Set(workloadTypes);

export function planReading(input: ReadingInput): ReadingPlan {
  const { statistics } = input;
  // A word that is not documented cannot be asked for with `status=`, so its jobs would never be seen.
  const blind =
    Object.keys(statistics.byStatus).some((word) => !knownStatuses.has(word)) ||
    statistics.byType.some(({ type }) => !knownTypes.has(type));
  if (blind) return { do: 'walk', why: 'ProbeBlind' };
  if (input.walkDue) return { do: 'walk', why: 'ConfirmAbsence' };
  const active = activeStatuses.filter(
    (status) => count(statistics, status) > 0 || input.activeNow.has(status),
  );
  const history = terminalStatuses.filter(
    (status) =>
      input.wantsHistory &&
      ((input.historyDue && count(statistics, status) > 0) ||
        (input.baseline !== undefined && count(statistics, status) !== count(input.baseline, status))),
  );
  return { do: 'lists', active, history, historyRead: input.wantsHistory && input.historyDue };
}

const count = (statistics: StatisticsFacts, status: string): number => statistics.byStatus[status] ?? 0;
