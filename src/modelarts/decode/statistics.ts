import type { StatisticsFacts } from '../../api/facts.ts';
import { given, isObject, type Cursor } from './read.ts';
import { workloadStatus, workloadType } from './words.ts';

const mostTypes = 100;
const mostStatuses = 100;

/** What stands for a type that was not said. */
const unnamedType = 'unknown';

type ByStatus = Record<string, number>;

/**
 * GET /v2/{project}/statistics/pools/{pool}/workloads. The key is `statistics` or `statics` (D01). Undefined when
 * neither is an object. The top-level total is documented as something else than it is (D03), so it is summed.
 */
export function decodeStatistics(body: Cursor): StatisticsFacts | undefined {
  const root = [body.at('statistics'), body.at('statics')].find(({ value }) => isObject(value));
  if (root === undefined) return body.at('statistics').issueOfWhole('an object');
  const byType = new Map<string, { total: number; byStatus: ByStatus }>();
  for (const row of root.at('items').rows().slice(0, mostTypes)) {
    if (!isObject(row.object().value)) continue;
    const type = workloadType(row.at('type').text(64)) ?? unnamedType;
    const byStatus = decodeByStatus(row.at('status'));
    const total = row.at('total').count() ?? sum(Object.values(byStatus));
    const known = byType.get(type);
    byType.set(type, {
      total: (known?.total ?? 0) + total,
      byStatus: known === undefined ? byStatus : added(known.byStatus, byStatus),
    });
  }
  const rows = [...byType].map(([type, counts]) => ({ type, ...counts }));
  return {
    total: sum(rows.map((row) => row.total)),
    byStatus: rows.map((row) => row.byStatus).reduce(added, {}),
    byType: rows,
  };
}

/** Counts by status word; what is no count is left out (D02), two spellings of a word are added. */
function decodeByStatus(status: Cursor): ByStatus {
  let counts: ByStatus = {};
  for (const [word, cursor] of status.entries(mostStatuses)) {
    counts = added(counts, given(workloadStatus(word) ?? word, cursor.count()) as ByStatus);
  }
  return counts;
}

function added(left: ByStatus, right: ByStatus): ByStatus {
  const counts = new Map(Object.entries(left));
  for (const [word, count] of Object.entries(right)) counts.set(word, (counts.get(word) ?? 0) + count);
  return Object.fromEntries(counts);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
