/** What `why JOB` says: facts of the mirrors, and what follows from them. Where a number is a band it says so. Pure. */
import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { phaseClass } from '../../mirror/workload-phase.ts';
import { amountText, difference, resourceLabel, sortedResources } from './amounts.ts';
import { jobSummary, queueColumns, type JobSummary } from './job-summary.ts';
import { byPlace, placeOf, placeText, type Place } from './place.ts';
import { poolTitle, summaryOf, type PoolSummary } from './pool-summary.ts';
import { waiting } from './queue-report.ts';
import { fieldLines, tableLines } from './table.ts';
import { harmless, type Paint } from './terminal-text.ts';

export interface WhyReport {
  readonly job: JobSummary;
  readonly pool?: PoolSummary;
  /** One sentence: what the job does. */
  readonly state: string;
  /** What it waits for, a sentence each; empty for a job that does not wait. */
  readonly waitsFor: readonly string[];
  /** Mirrored jobs that are certainly before it. */
  readonly ahead: readonly JobSummary[];
  /** Those whose band overlaps its own: before it or behind. */
  readonly perhapsAhead: readonly JobSummary[];
  readonly notes: readonly string[];
}

export interface WhyFacts {
  readonly workload: ModelArtsWorkload;
  /** Absent: its pool has no mirror. */
  readonly pool?: ModelArtsPool | undefined;
  /** Absent: it could not be read. */
  readonly project?: ModelArtsProject | undefined;
  /** All mirrored jobs of its pool that have not ended. */
  readonly others: readonly ModelArtsWorkload[];
}

export function whyReport({ workload, pool, project, others }: WhyFacts): WhyReport {
  const summary = pool && summaryOf(pool);
  const base = {
    job: jobSummary(workload),
    ...(summary && { pool: summary }),
    state: stateOf(workload),
  };
  const freshness = freshnessOf(summary, project);
  if (phaseClass(workload.status?.phase ?? '') !== 'waiting') {
    return { ...base, waitsFor: [], ahead: [], perhapsAhead: [], notes: freshness };
  }
  const place = placeOf(workload.status);
  const { ahead, perhapsAhead } = splitQueue(workload, place, others);
  return {
    ...base,
    waitsFor: [
      ...poolTroubles(pool),
      ...placeSentences(place, ahead, perhapsAhead),
      ...needs(workload, pool),
    ],
    ahead: ahead.map(jobSummary),
    perhapsAhead: perhapsAhead.map(jobSummary),
    notes: [
      ...freshness,
      ...(place === undefined && project?.spec.workloads?.queuePosition === 'None'
        ? ['Its project mirrors no places (spec.workloads.queuePosition: None).']
        : []),
    ],
  };
}

function stateOf({ status = {} }: ModelArtsWorkload): string {
  const { phase, startTime, completionTime, hostIPs = [] } = status;
  if (phase === undefined) return 'ModelArts has not said its phase.';
  const on =
    hostIPs.length === 0 ? '' : ` on ${hostIPs.length === 1 ? 'one host' : `${hostIPs.length} hosts`}`;
  switch (phaseClass(phase)) {
    case 'waiting':
      return phase === 'Queue' ? 'It waits in the queue.' : `It waits: ${phase}, ModelArts is placing it.`;
    case 'starting':
      return `It waits no more: it has been placed${on} and is being created.`;
    case 'running':
      return `It waits no more: it runs${on}${startTime === undefined ? '' : ` since ${startTime}`}.`;
    case 'interrupted':
      return `It does not wait: ${phase}${on}.`;
    case 'ended':
      return `It has ended: ${phase}${completionTime === undefined ? '' : ` at ${completionTime}`}.`;
    case 'unknown':
      return `Its phase is ${phase}, a word that this version does not know.`;
  }
}

function freshnessOf(pool: PoolSummary | undefined, project: ModelArtsProject | undefined): string[] {
  if (project?.spec.suspend === true) return ['Its project is suspended: these are the last known values.'];
  return pool?.notCurrent === undefined ? [] : [`These are the last known values. ${pool.notCurrent}`];
}

function splitQueue(
  workload: ModelArtsWorkload,
  place: Place | undefined,
  others: readonly ModelArtsWorkload[],
): Record<'ahead' | 'perhapsAhead', ModelArtsWorkload[]> {
  const queue = waiting(others)
    .filter(({ metadata }) => metadata.name !== workload.metadata.name)
    .sort(byPlace);
  if (place === undefined) return { ahead: [], perhapsAhead: [] };
  const where = (other: ModelArtsWorkload): 'ahead' | 'perhaps' | 'behind' => {
    const theirs = placeOf(other.status);
    if (theirs === undefined || theirs.from > place.to) return 'behind';
    if (theirs.to < place.from) return 'ahead';
    return place.from === place.to && theirs.from === theirs.to ? 'behind' : 'perhaps';
  };
  return {
    ahead: queue.filter((other) => where(other) === 'ahead'),
    perhapsAhead: queue.filter((other) => where(other) === 'perhaps'),
  };
}

function poolTroubles(pool: ModelArtsPool | undefined): string[] {
  if (pool === undefined) return ['Its pool is not mirrored: nothing is known of what is free there.'];
  const { phase, message, restrictions, nodes } = pool.status ?? {};
  const many = (count: number, what: string): string =>
    `${count} of its nodes ${count === 1 ? 'is' : 'are'} ${what}.`;
  return [
    ...(phase === undefined || phase === 'Running'
      ? []
      : [`The pool is in phase ${phase}${message === undefined ? '' : `: ${message}`}.`]),
    ...(restrictions?.flags === undefined
      ? []
      : [`The pool is restricted: ${restrictions.flags.join(', ')}.`]),
    ...(nodes?.abnormal ? [many(nodes.abnormal, 'out of order')] : []),
    ...(nodes?.creating ? [many(nodes.creating, 'being created')] : []),
    ...(nodes?.deleting ? [many(nodes.deleting, 'being deleted')] : []),
  ];
}

function placeSentences(
  place: Place | undefined,
  ahead: readonly ModelArtsWorkload[],
  perhapsAhead: readonly ModelArtsWorkload[],
): string[] {
  if (place === undefined) return ['Its place in the queue is not known: nobody can be said to be ahead.'];
  if (place.to === 1) return ['It is next in the queue.'];
  const exact = place.from === place.to;
  const unseen = place.from - 1 - ahead.length - perhapsAhead.length;
  return [
    exact
      ? `It is number ${place.from} in the queue: ${jobs(place.from - 1)} ahead.`
      : `It is between ${place.from} and ${place.to} in the queue (beyond 10 only bands are known): ` +
        `${place.from - 1} to ${place.to - 1} jobs are ahead.`,
    ...(unseen > 0 ? [`At least ${unseen} of those ahead ${unseen === 1 ? 'is' : 'are'} not mirrored.`] : []),
  ];
}

const jobs = (count: number): string => (count === 1 ? '1 job is' : `${count} jobs are`);

/** What it asks for against what there is. */
function needs({ status = {} }: ModelArtsWorkload, pool: ModelArtsPool | undefined): string[] {
  const { capacity, free } = pool?.status ?? {};
  const asked = Object.entries(status.resources ?? {});
  if (pool === undefined) return [];
  if (asked.length === 0) return ['ModelArts does not say what it asks for.'];
  if (free === undefined) return ['What is free in the pool is not known.'];
  const sentences: string[] = [];
  let unknown = false;
  for (const resource of sortedResources(status.resources)) {
    const wants = status.resources?.[resource];
    const label = resourceLabel(resource);
    const text = (quantity: string | undefined): string => `${amountText(resource, quantity) ?? '?'}`;
    const overCapacity = difference(wants, capacity?.[resource]);
    const missing = difference(wants, free[resource]);
    if (missing === undefined) unknown = true;
    else if (overCapacity !== undefined && overCapacity > 0)
      sentences.push(
        `It asks for ${text(wants)} ${label}, more than the ${text(capacity?.[resource])} of all available nodes ` +
          'together: the pool must grow before it can start.',
      );
    else if (missing > 0)
      sentences.push(`It asks for ${text(wants)} ${label}, and ${text(free[resource])} are free.`);
  }
  if (sentences.length > 0) return sentences;
  return unknown
    ? ['What is free in the pool is not known for all that it asks for.']
    : [
        'As much as it asks for is free in the pool as a whole. What is free on single nodes, and what the scheduler ' +
          'keeps for others, ModelArts does not say.',
      ];
}

export function whyLines(report: WhyReport, paint: Paint, now: number): string[] {
  const { job, pool, state, waitsFor, ahead, perhapsAhead, notes } = report;
  const table = (title: string, rows: readonly JobSummary[]): string[] =>
    rows.length === 0 ? [] : ['', paint(title, 'strong'), ...tableLines(queueColumns(now), rows, { paint })];
  return [
    ...fieldLines(
      [
        ['Job', { text: job.jobName ?? job.name, tone: 'strong' }],
        ['Workload', `${job.namespace}/${job.name}`],
        ['Pool', pool && poolTitle(pool)],
        ['Type', job.type],
        ['Priority', job.priority],
        ['Asks for', asksFor(job)],
        ['Place', placeText(job.place)],
      ],
      paint,
    ),
    '',
    harmless(state),
    ...waitsFor.map((sentence) => `  - ${harmless(sentence)}`),
    ...table('Ahead of it', ahead),
    ...table('In the same band, ahead of it or behind', perhapsAhead),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => paint(harmless(note), 'dim'))]),
  ];
}

function asksFor({ nodeCount, accelerator }: JobSummary): string | undefined {
  const nodes = nodeCount === undefined ? undefined : `${nodeCount} ${nodeCount === 1 ? 'node' : 'nodes'}`;
  const parts = [accelerator, nodes].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' on ');
}
