import type { CommandContext } from '../context.ts';
import type { ModelArtsPool } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkload } from '../../api/kinds/modelarts-workload.ts';
import { choosePool } from './find.ts';
import type { Mirrors } from './mirrors.ts';
import type { Wanted, WhereOptions } from './options.ts';
import { print } from './output.ts';
import { queueLines, queueReport } from './queue-report.ts';
import { placeOfSearch, withMirrors, type OpenMirrors } from './with-mirrors.ts';

/** Prints the jobs that wait in a pool, by place. */
export function queue(wanted: Wanted, options: WhereOptions, context: CommandContext): Promise<number> {
  return withMirrors(options, context, async (open) => {
    const pool = await findPool(wanted, open);
    const report = queueReport(pool, await waitingIn(pool, open.mirrors));
    print(report, options.output, (what, paint) => queueLines(what, paint, context.runtime.now()), context);
    return 0;
  });
}

/** Rejects with CliFailure unless one pool is meant. */
export async function findPool(wanted: Wanted, open: OpenMirrors): Promise<ModelArtsPool> {
  const { namespace, where } = placeOfSearch(wanted, open);
  return choosePool(await open.mirrors.listPools(namespace), wanted.name, where);
}

/** The mirrored jobs of a pool that wait. */
export async function waitingIn(pool: ModelArtsPool, mirrors: Mirrors): Promise<ModelArtsWorkload[]> {
  const { spec, metadata } = pool;
  const lists = await Promise.all(
    ['Queue', 'Pending'].map((phase) =>
      mirrors.listWorkloads(metadata.namespace, {
        'spec.projectRef.name': spec.projectRef.name,
        'spec.poolName': spec.poolName,
        'status.phase': phase,
      }),
    ),
  );
  return lists.flat();
}
