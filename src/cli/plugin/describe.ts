import type { CommandContext } from '../context.ts';
import { describeLines, describeReport } from './describe-report.ts';
import type { Wanted, WhereOptions } from './options.ts';
import { print } from './output.ts';
import { findPool, waitingIn } from './queue.ts';
import { withMirrors } from './with-mirrors.ts';

/** Prints all that is known of a pool, on one page. */
export function describe(wanted: Wanted, options: WhereOptions, context: CommandContext): Promise<number> {
  return withMirrors(options, context, async (open) => {
    const pool = await findPool(wanted, open);
    const report = describeReport(pool, await waitingIn(pool, open.mirrors));
    print(
      report,
      options.output,
      (what, paint) => describeLines(what, paint, context.runtime.now()),
      context,
    );
    return 0;
  });
}
