/** What `top` and the other commands say of a pool. Pure. */
import type { Condition } from '../../api/kinds/condition.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import { findCondition } from '../../mirror/conditions.ts';
import { byText } from '../../mirror/text.ts';
import { acceleratorsOf, amountText, resourceLabel, usageText } from './amounts.ts';
import { tableLines, type Column, type TableLook } from './table.ts';
import { cutTo, harmless, type Tone } from './terminal-text.ts';

export interface PoolSummary {
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
  /** The pool's id in ModelArts. */
  readonly poolName: string;
  readonly displayName?: string;
  readonly phase?: string;
  readonly ready: Condition['status'];
  readonly nodes?: ModelArtsPoolStatus['nodes'];
  readonly capacity?: Readonly<Record<string, string>>;
  readonly allocated?: Readonly<Record<string, string>>;
  readonly free?: Readonly<Record<string, string>>;
  readonly running?: number;
  readonly queued?: number;
  /** Why the values may be old: `Synced` is not `True`. */
  readonly notCurrent?: string;
}

export function summaryOf({ metadata, spec, status = {} }: ModelArtsPool): PoolSummary {
  const { displayName, phase, nodes, capacity, allocated, free, workloads } = status;
  const notCurrent = notCurrentOf(status.conditions);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    project: spec.projectRef.name,
    poolName: spec.poolName,
    ...(displayName !== undefined && { displayName }),
    ...(phase !== undefined && { phase }),
    ready: findCondition(status.conditions, 'Ready')?.status ?? 'Unknown',
    ...(nodes !== undefined && { nodes }),
    ...(capacity !== undefined && { capacity }),
    ...(allocated !== undefined && { allocated }),
    ...(free !== undefined && { free }),
    ...(workloads !== undefined && {
      running: workloads.byStatus?.['Running'] ?? 0,
      queued: workloads.byStatus?.['Queue'] ?? 0,
    }),
    ...(notCurrent !== undefined && { notCurrent }),
  };
}

/** `Unreachable: ModelArts does not answer.`; undefined while the last read was complete. */
function notCurrentOf(conditions: readonly Condition[] | undefined): string | undefined {
  const synced = findCondition(conditions, 'Synced');
  if (synced?.status === 'True') return undefined;
  return synced === undefined ? 'not read yet' : `${synced.reason}: ${synced.message}`;
}

/** The name that people gave it, where it has one, and the object's. */
export function poolTitle({ namespace, name, displayName }: PoolSummary): string {
  return displayName === undefined ? `${namespace}/${name}` : `${displayName} (${namespace}/${name})`;
}

/** By namespace and name. */
export function byName(a: PoolSummary, b: PoolSummary): number {
  return byText(a.namespace, b.namespace) || byText(a.name, b.name);
}

/** On a screen ids would leave no room for the rest: there a pool has the name that people gave it, or what fits of the other. */
const nameOnScreen = 28;

function columnsOf(manyNamespaces: boolean, onScreen: boolean): readonly Column<PoolSummary>[] {
  return [
    ...(manyNamespaces ? [{ header: 'NAMESPACE', cell: ({ namespace }: PoolSummary) => namespace }] : []),
    {
      header: 'POOL',
      cell: ({ name, displayName = name }) => (onScreen ? cutTo(harmless(displayName), nameOnScreen) : name),
    },
    { header: 'PHASE', cell: ({ phase = '?', ready }) => ({ text: phase, tone: readyTones[ready] }) },
    { header: 'NODES', cell: ({ nodes }) => nodes?.summary },
    { header: 'ACCEL', cell: acceleratorsText },
    { header: 'FREE', cell: freeText },
    { header: 'CPU', cell: (pool) => usageText('cpu', pool) },
    { header: 'MEMORY', cell: (pool) => usageText('memory', pool) },
    { header: 'RUNNING', cell: ({ running }) => running },
    {
      header: 'QUEUED',
      cell: ({ queued }) =>
        queued === undefined ? undefined : { text: String(queued), tone: queued > 0 ? 'warn' : undefined },
    },
    ...(onScreen
      ? []
      : [{ header: 'NAME', cell: ({ displayName }: PoolSummary) => displayName, optional: true } as const]),
    {
      header: 'NOT CURRENT',
      cell: ({ notCurrent = '' }) => ({ text: notCurrent, tone: 'bad' }),
      optional: true,
    },
  ];
}

const readyTones: Readonly<Record<Condition['status'], Tone>> = {
  True: 'good',
  False: 'bad',
  Unknown: 'warn',
};

/** `12/16 gpu`: allocated of capacity, each kind. */
export function acceleratorsText(pool: PoolSummary): string {
  return acceleratorsOf(pool.capacity, pool.allocated)
    .map((resource) => `${usageText(resource, pool)} ${resourceLabel(resource)}`)
    .join(', ');
}

/** The free accelerators of each kind, in the same order. */
function freeText(pool: PoolSummary): string {
  return acceleratorsOf(pool.capacity, pool.allocated)
    .map((resource) => amountText(resource, pool.free?.[resource]) ?? '?')
    .join(', ');
}

/** A table of pools. `manyNamespaces`: with a column for them; with a `width`: as a screen shows it. */
export function poolLines(
  pools: readonly PoolSummary[],
  { manyNamespaces, ...look }: TableLook & { readonly manyNamespaces: boolean },
): string[] {
  if (pools.length === 0) return ['No pools are mirrored here.'];
  return tableLines(columnsOf(manyNamespaces, look.width !== undefined), [...pools].sort(byName), look);
}
