/** What `describe POOL` says: a pool, its amounts, its jobs and its conditions on one page. Pure. */
import type { Condition } from '../../api/kinds/condition.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { amountText, resourceLabel, sortedResources } from './amounts.ts';
import { queueColumns } from './job-summary.ts';
import { queueReport, type QueueReport } from './queue-report.ts';
import { fieldLines, tableLines, type Column } from './table.ts';
import { harmless, type Paint, type Tone } from './terminal-text.ts';

export interface DescribeReport extends QueueReport {
  readonly status: ModelArtsPoolStatus;
}

export function describeReport(pool: ModelArtsPool, active: readonly ModelArtsWorkload[]): DescribeReport {
  return { ...queueReport(pool, active), status: pool.status ?? {} };
}

/** The queue's first jobs; `queue` shows all. */
const shownOfQueue = 5;

export function describeLines(
  { pool, status, jobs, notes }: DescribeReport,
  paint: Paint,
  now: number,
): string[] {
  const { driver, scopes, workspaceID, type, billingMode, parent, restrictions, networkName } = status;
  const more = jobs.length - shownOfQueue;
  return [
    ...fieldLines(
      [
        ['Pool', { text: `${pool.namespace}/${pool.name}`, tone: 'strong' }],
        ['Display name', pool.displayName],
        ['Pool id', pool.poolName],
        ['Project', pool.project],
        ['Phase', pool.phase],
        ['Message', status.message],
        ['Type', type],
        ['Parent', parent],
        ['Workspace', workspaceID],
        ['Network', networkName],
        ['Billing mode', billingMode],
        ['Serves', scopes?.map(({ type, state }) => (state ? `${type} (${state})` : type)).join(', ')],
        ['GPU driver', driverText(driver?.gpu)],
        ['NPU driver', driverText(driver?.npu)],
        ['Restrictions', restrictions?.flags?.join(', ')],
      ],
      paint,
    ),
    ...section('Nodes', nodeColumns, nodeRows(status), paint),
    ...section('Resources', amountColumns, amountRows(status), paint),
    ...section('Jobs', countColumns, countRows(status), paint),
    ...section('Queue', queueColumns(now), jobs.slice(0, shownOfQueue), paint),
    ...(more > 0 ? [`and ${more} more: kubectl modelarts queue ${pool.namespace}/${pool.name}`] : []),
    ...section('Conditions', conditionColumns, status.conditions ?? [], paint),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => paint(harmless(note), 'dim'))]),
  ];
}

function section<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    paint(`${title}:`, 'strong'),
    ...tableLines(columns, rows, { paint }).map((line) => `  ${line}`),
  ];
}

function driverText(
  driver:
    | { version?: string | undefined; state?: string | undefined; desiredVersion?: string | undefined }
    | undefined,
): string | undefined {
  if (driver === undefined) return undefined;
  const { version, state, desiredVersion } = driver;
  const wanted =
    desiredVersion === undefined || desiredVersion === version ? '' : `, ${desiredVersion} is wanted`;
  return `${[version, state].filter((part) => part !== undefined).join(' ')}${wanted}`;
}

interface NodeRow {
  readonly flavor: string;
  readonly nodePool: string;
  readonly state: string;
  readonly count: number;
  readonly zones: string;
}

const nodeColumns: readonly Column<NodeRow>[] = [
  { header: 'FLAVOR', cell: ({ flavor }) => flavor },
  { header: 'NODE POOL', cell: ({ nodePool }) => nodePool, optional: true },
  { header: 'STATE', cell: ({ state }) => state },
  { header: 'COUNT', cell: ({ count }) => count },
  { header: 'ZONES', cell: ({ zones }) => zones, optional: true },
];

function nodeRows({ resources = {} }: ModelArtsPoolStatus): NodeRow[] {
  return (['desired', 'available', 'creating', 'abnormal', 'deleting'] as const).flatMap((state) =>
    (resources[state] ?? [])
      .filter(({ count }) => count > 0)
      .map(({ flavor, nodePool = '', count, azs = [] }) => {
        return {
          flavor,
          nodePool,
          state,
          count,
          zones: azs.map(({ az, count }) => `${az} ${count}`).join(', '),
        };
      }),
  );
}

interface AmountRow {
  readonly resource: string;
  readonly amounts: readonly (string | undefined)[];
}

const amountColumns: readonly Column<AmountRow>[] = [
  { header: 'RESOURCE', cell: ({ resource }) => resource },
  ...['CAPACITY', 'ALLOCATED', 'FREE'].map((header, at) => ({
    header,
    cell: ({ amounts }: AmountRow) => amounts[at] ?? '?',
  })),
];

function amountRows({ capacity, allocated, free }: ModelArtsPoolStatus): AmountRow[] {
  return sortedResources(capacity, allocated).map((resource) => ({
    resource: resourceLabel(resource),
    amounts: [capacity, allocated, free].map((amounts) =>
      // What the placed jobs did not ask for is free whole.
      amounts === allocated && amounts !== undefined
        ? (amountText(resource, amounts[resource]) ?? '0')
        : amountText(resource, amounts?.[resource]),
    ),
  }));
}

interface CountRow {
  readonly type: string;
  readonly counts: string;
  readonly total: number | undefined;
}

const countColumns: readonly Column<CountRow>[] = [
  { header: 'TYPE', cell: ({ type }) => type },
  { header: 'TOTAL', cell: ({ total }) => total },
  { header: 'BY STATUS', cell: ({ counts }) => counts },
];

function countRows({ workloads }: ModelArtsPoolStatus): CountRow[] {
  const text = (byStatus: Readonly<Record<string, number>> = {}): string =>
    Object.entries(byStatus)
      .map(([status, count]) => `${status} ${count}`)
      .join(', ');
  if (workloads === undefined) return [];
  const { byType = [], byStatus, total } = workloads;
  return [
    ...byType.map(({ type, total, byStatus }) => ({ type, total, counts: text(byStatus) })),
    { type: 'all', total, counts: text(byStatus) },
  ];
}

const conditionColumns: readonly Column<Condition>[] = [
  { header: 'TYPE', cell: ({ type }) => type },
  { header: 'STATUS', cell: ({ type, status }) => ({ text: status, tone: toneOf(type, status) }) },
  { header: 'SINCE', cell: ({ lastTransitionTime }) => lastTransitionTime },
  { header: 'REASON', cell: ({ reason }) => reason },
  { header: 'MESSAGE', cell: ({ message }) => message },
];

/** `Reconciling` and `Stalled` are there only while they are true. */
function toneOf(type: string, status: Condition['status']): Tone {
  if (type === 'Reconciling' || type === 'Stalled') return 'warn';
  return status === 'True' ? 'good' : status === 'False' ? 'bad' : 'warn';
}
