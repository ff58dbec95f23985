/** What `queue POOL` says. Pure. */
import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { phaseClass } from '../../mirror/workload-phase.ts';
import { jobSummary, queueColumns, type JobSummary } from './job-summary.ts';
import { byPlace } from './place.ts';
import { acceleratorsText, poolTitle, summaryOf, type PoolSummary } from './pool-summary.ts';
import { tableLines } from './table.ts';
import { harmless, type Paint } from './terminal-text.ts';

export interface QueueReport {
  readonly pool: PoolSummary;
  /** The mirrored jobs that wait, by place. */
  readonly jobs: readonly JobSummary[];
  /** Sentences about what the list cannot show. */
  readonly notes: readonly string[];
}

/** `workloads`: of this pool. */
export function queueReport(pool: ModelArtsPool, workloads: readonly ModelArtsWorkload[]): QueueReport {
  const summary = summaryOf(pool);
  const jobs = waiting(workloads).sort(byPlace).map(jobSummary);
  return { pool: summary, jobs, notes: notesOf(summary, jobs) };
}

export function waiting(workloads: readonly ModelArtsWorkload[]): ModelArtsWorkload[] {
  return workloads.filter(({ status }) => phaseClass(status?.phase ?? '') === 'waiting');
}

function notesOf(pool: PoolSummary, jobs: readonly JobSummary[]): string[] {
  const mirrored = jobs.filter(({ phase }) => phase === 'Queue').length;
  const { queued } = pool;
  return [
    ...(pool.notCurrent === undefined ? [] : [`These are the last known values. ${pool.notCurrent}`]),
    ...(queued !== undefined && queued > mirrored
      ? [
          `ModelArts counts ${queued} in the queue, of which ${mirrored} are mirrored; see workloads of the project.`,
        ]
      : []),
    ...(jobs.some(({ place }) => place !== undefined && place.from !== place.to)
      ? ['Beyond place 10 only the band is known that a place lies in.']
      : []),
    ...(jobs.some(({ place, phase }) => place === undefined && phase === 'Queue')
      ? [
          'Where the place is ? ModelArts does not say it, or spec.workloads.queuePosition of the project is None.',
        ]
      : []),
  ];
}

export function queueLines({ pool, jobs, notes }: QueueReport, paint: Paint, now: number): string[] {
  const accelerators = acceleratorsText(pool);
  const head = [
    `${poolTitle(pool)}: ${pool.phase ?? 'phase not known'}`,
    ...(accelerators === '' ? [] : [`${accelerators} allocated`]),
    jobs.length === 1 ? '1 job waits' : `${jobs.length} jobs wait`,
  ];
  return [
    harmless(head.join(', ')),
    ...(jobs.length === 0 ? [] : ['', ...tableLines(queueColumns(now), jobs, { paint })]),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => paint(harmless(note), 'dim'))]),
  ];
}
