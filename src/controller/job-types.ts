/** What `workloads.types` means for reading: one type can be asked for, of several everything is read and sorted here. */
import type { StatisticsFacts } from '../api/facts.ts';

type Types = readonly string[] | undefined;

/** A row that does not say its type is not left out. */
export function isWanted(type: string | undefined, types: Types): boolean {
  return types === undefined || type === undefined || types.includes(type);
}

export function onlyType(types: Types): { type?: string } {
  const [type, ...more] = types ?? [];
  return type !== undefined && more.length === 0 ? { type } : {};
}

/** The statistics of what is asked for. */
export function onlyTypes(statistics: StatisticsFacts, types: Types): StatisticsFacts {
  const { type } = onlyType(types);
  if (type === undefined) return statistics;
  const byType = statistics.byType.filter((row) => row.type === type);
  const total = byType.reduce((sum, row) => sum + row.total, 0);
  return { total, byStatus: byType[0]?.byStatus ?? {}, byType };
}
