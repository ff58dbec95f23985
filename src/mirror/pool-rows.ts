import type { FlavorCount } from '../api/facts.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import { count, firstItems, type Cuts } from './limits.ts';
import { byText, cutText } from './text.ts';

type Resources = NonNullable<ModelArtsPoolStatus['resources']>;
export type NodeRow = NonNullable<Resources['available']>[number];

const maxRows = 64;
const maxZones = 32;
const maxName = 128;

interface Entry {
  readonly row: NodeRow;
  readonly zones: Map<string, number>;
}

/** The sum of the counts. */
export function sumNodes(rows: readonly FlavorCount[]): number {
  return count(rows.reduce((sum, row) => sum + count(row.count), 0));
}

/** Rows by flavor and node pool: a flavor may come in several rows, whose counts are then summed. */
export function mergeRows(rows: readonly FlavorCount[], field: string, cuts: Cuts): NodeRow[] | undefined {
  const merged = new Map<string, Entry>();
  for (const facts of rows) {
    const flavor = cutText(facts.flavor, maxName);
    const nodePool = cutText(facts.nodePool ?? '', maxName);
    const key = `${flavor}\n${nodePool}`;
    const entry: Entry = merged.get(key) ?? { row: { flavor, nodePool, count: 0 }, zones: new Map() };
    merged.set(key, entry);
    entry.row.count = count(entry.row.count + count(facts.count));
    if (facts.maxCount !== undefined) {
      entry.row.maxCount = count((entry.row.maxCount ?? 0) + count(facts.maxCount));
    }
    for (const { az, count: nodes } of facts.azs) {
      const zone = cutText(az, maxName);
      entry.zones.set(zone, count((entry.zones.get(zone) ?? 0) + count(nodes)));
    }
  }
  if (merged.size === 0) return undefined;
  const sorted = [...merged].sort(([a], [b]) => byText(a, b)).map(([, entry]) => entry);
  return firstItems(sorted, maxRows, field, cuts).map(({ row, zones }) => ({
    ...row,
    ...azs(zones, field, cuts),
  }));
}

function azs(zones: ReadonlyMap<string, number>, field: string, cuts: Cuts): Pick<NodeRow, 'azs'> {
  if (zones.size === 0) return {};
  const sorted = [...zones].sort(([a], [b]) => byText(a, b));
  return { azs: firstItems(sorted, maxZones, field, cuts).map(([az, nodes]) => ({ az, count: nodes })) };
}
