import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { byText } from '../../mirror/text.ts';
import type { CommandContext } from '../context.ts';
import { chooseJob } from './find.ts';
import type { Wanted, WhereOptions } from './options.ts';
import { print } from './output.ts';
import { waitingIn } from './queue.ts';
import { whyLines, whyReport } from './why-report.ts';
import { placeOfSearch, withMirrors, type OpenMirrors } from './with-mirrors.ts';

/** How a job may be named, in this order: `spec.uid` is in its object's name. */
const namesOfJobs = ['metadata.name', 'status.jobID', 'status.jobName'] as const;
/** Of so many the names are looked at for a hint. */
const hintedJobs = 500;

/** Prints what a job waits for, and who is ahead of it. */
export function why(wanted: Wanted, options: WhereOptions, context: CommandContext): Promise<number> {
  return withMirrors(options, context, async (open) => {
    const workload = await findJob(wanted, open);
    const { namespace } = workload.metadata;
    const { poolName, projectRef } = workload.spec;
    const [pools, projects] = await Promise.all([
      poolName === undefined
        ? []
        : open.mirrors.listPools(namespace, {
            'spec.poolName': poolName,
            'spec.projectRef.name': projectRef.name,
          }),
      open.mirrors.listProjects(namespace),
    ]);
    // Of several declared for one pool, the oldest is kept up to date.
    const pool = pools.sort((a, b) => byText(creation(a), creation(b)))[0];
    const report = whyReport({
      workload,
      pool,
      project: projects.find(({ metadata }) => metadata.name === projectRef.name),
      others: pool === undefined ? [] : await waitingIn(pool, open.mirrors),
    });
    print(report, options.output, (what, paint) => whyLines(what, paint, context.runtime.now()), context);
    return 0;
  });
}

async function findJob(wanted: Wanted, open: OpenMirrors): Promise<ModelArtsWorkload> {
  const { namespace, where } = placeOfSearch(wanted, open);
  for (const field of namesOfJobs) {
    const found = await open.mirrors.listWorkloads(namespace, { [field]: wanted.name });
    if (found.length > 0) return chooseJob(found, wanted.name, where, []);
  }
  const some = await open.mirrors.listWorkloads(namespace, {}, hintedJobs);
  const names = some.flatMap(({ metadata, status }) => [status?.jobName ?? metadata.name, metadata.name]);
  return chooseJob([], wanted.name, where, names);
}

const creation = ({ metadata }: { readonly metadata: { readonly creationTimestamp?: string } }): string =>
  metadata.creationTimestamp ?? '';
