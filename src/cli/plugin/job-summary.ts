/** What the commands say of a job. Pure. */
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { placeOf, placeText, type Place } from './place.ts';
import type { Column } from './table.ts';

export interface JobSummary {
  readonly namespace: string;
  readonly name: string;
  readonly jobName?: string;
  readonly jobID?: string;
  readonly type?: string;
  readonly phase?: string;
  readonly priority?: string;
  readonly nodeCount?: number;
  readonly accelerator?: string;
  readonly place?: Place;
  readonly creationTime?: string;
}

export function jobSummary({ metadata, status = {} }: ModelArtsWorkload): JobSummary {
  const { jobName, jobID, type, phase, priority, nodeCount, accelerator, creationTime } = status;
  const place = placeOf(status);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(jobName !== undefined && { jobName }),
    ...(jobID !== undefined && { jobID }),
    ...(type !== undefined && { type }),
    ...(phase !== undefined && { phase }),
    ...(priority !== undefined && { priority }),
    ...(nodeCount !== undefined && { nodeCount }),
    ...(accelerator?.summary !== undefined && { accelerator: accelerator.summary }),
    ...(place !== undefined && { place }),
    ...(creationTime !== undefined && { creationTime }),
  };
}

/** Columns of a queue. `now`: wall milliseconds, for how long a job has waited. */
export function queueColumns(now: number): readonly Column<JobSummary>[] {
  return [
    { header: 'PLACE', cell: ({ place }) => placeText(place) ?? '?' },
    { header: 'JOB', cell: ({ jobName }) => jobName },
    { header: 'TYPE', cell: ({ type }) => type },
    { header: 'PHASE', cell: ({ phase }) => phase },
    { header: 'PRIORITY', cell: ({ priority }) => priority },
    { header: 'NODES', cell: ({ nodeCount }) => nodeCount, optional: true },
    { header: 'ACCEL', cell: ({ accelerator }) => accelerator },
    { header: 'WAITING', cell: ({ creationTime }) => ageText(creationTime, now) },
    { header: 'WORKLOAD', cell: ({ name }) => name },
  ];
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** `3d`, `5h12m`, `40s`: the two largest units, the second only where the first is small. */
export function ageText(since: string | undefined, now: number): string | undefined {
  const from = since === undefined ? Number.NaN : Date.parse(since);
  if (Number.isNaN(from)) return undefined;
  const seconds = Math.max(0, Math.floor((now - from) / 1000));
  const at = units.findIndex(([, size]) => seconds >= size);
  const [unit, size] = units[at] ?? ['s', 1];
  const next = units[at + 1];
  const first = Math.floor(seconds / size);
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1]);
  return rest > 0 && first < 10 && next !== undefined
    ? `${first}${unit}${rest}${next[0]}`
    : `${first}${unit}`;
}
