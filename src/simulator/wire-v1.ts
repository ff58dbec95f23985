import type { FullDialect } from './dialect.ts';
import { gpuCard } from './flavors.ts';
import { mergePatch } from './merge-patch.ts';
import type { SimJob, SimPool, SimProject } from './model.ts';
import { present, type Json } from './wire-text.ts';

/** Reference section 4.3: the code that a v1 job shows for a workload's status. */
export const versionStatus: Readonly<Record<string, number>> = {
  Creating: 1,
  Pending: 4,
  Queue: 7,
  Running: 8,
  Terminating: 9,
  Completed: 10,
  Failed: 11,
  Terminated: 12,
  Abnormal: 14,
};

/** Written as a bare number by `encodeJson`: JavaScript has no such number. */
const bigPrefix = '#digits:';

/** Milliseconds from start to end, or to now. */
export function versionDuration(job: SimJob, now: number): number {
  return job.startedAt === 0 ? 0 : (job.endedAt || now) - job.startedAt;
}

/** Reference section 4.2: one row of `versions`. */
export function versionBody(pool: SimPool, job: SimJob, now: number, dialect: FullDialect): Json {
  const code = versionStatus[job.status] ?? 0;
  const cards = job.need.cards * job.nodeCount;
  const none = dialect.versionEmpty === 'missing' ? undefined : dialect.versionEmpty === 'null' ? null : 0;
  // The samples print 0 for a time that is not yet, also where the description is null.
  const time = (at: number): unknown => (at !== 0 ? at : dialect.versionEmpty === 'missing' ? undefined : 0);
  return present({
    version_id: dialect.versionNumbers === 'big' ? `${bigPrefix}90071992547${job.versionID}` : job.versionID,
    version_name: job.jobName,
    status: dialect.versionNumbers === 'text' ? String(code) : code,
    create_time: job.createdAt,
    start_time: time(job.startedAt),
    end_time: time(job.endedAt),
    duration: versionDuration(job, now),
    version_desc: none === 0 ? '' : none,
    pool_id: pool.id,
    flavor_code: job.flavor,
    npu_num: job.need.card !== '' && job.need.card !== gpuCard ? cards : 0,
    gpu_num: job.need.card === gpuCard ? cards : 0,
  });
}

/** Reference section 5. */
export function resourceSpecsBody(project: SimProject, jobType: string | null, dialect: FullDialect): Json {
  const amount = (n: number): string | number => (dialect.specNumbers === 'text' ? String(n) : n);
  const specs = project.resourceSpecs
    .map((spec, index) => ({ spec, id: index + 1 }))
    .filter(
      ({ spec }) =>
        jobType === null || (spec.jobTypes ?? ['train', 'inference']).some((type) => type === jobType),
    )
    .map(({ spec, id }) => {
      const body = {
        spec_id: id,
        core: amount(spec.cores),
        cpu: amount(spec.memoryGiB),
        gpu_num: spec.gpus ?? 0,
        gpu_type: spec.gpuType ?? '',
        spec_code: spec.code,
        unit_num: Math.max(1, spec.gpus ?? 1),
        max_num: spec.maxNodes ?? 1,
        storage: '',
        interface_type: 1,
        no_resource: spec.soldOut ?? false,
      };
      return mergePatch(body, spec.wire ?? {});
    });
  return { specs, is_success: true, spec_total_count: specs.length };
}

export function encodeJson(body: unknown): string {
  return JSON.stringify(body).replace(/"#digits:(\d+)"/g, '$1');
}
