import type { CommandContext } from './context.ts';
import type { TopOptions } from './plugin/options.ts';
import { paintFor, print } from './plugin/output.ts';
import { byName, poolLines, summaryOf } from './plugin/pool-summary.ts';
import { withMirrors } from './plugin/with-mirrors.ts';
import { watchPools } from './top-live.ts';

/**
 * A table of pools: what they have, what is allocated, what waits. On a terminal it is kept up to date until it is told
 * to stop; elsewhere, and for programs, it is printed once. Resolves with 0.
 */
export function top(options: TopOptions, context: CommandContext): Promise<number> {
  return withMirrors(options, context, async ({ mirrors, namespace }) => {
    // Once in any case: where it cannot be read at all, a sentence says more than a screen.
    const pools = (await mirrors.listPools(namespace)).map(summaryOf).sort(byName);
    const { terminal } = context;
    const manyNamespaces = namespace === undefined;
    if (terminal === undefined || options.once || options.output !== 'table') {
      const paint = paintFor(context);
      print({ pools }, options.output, (found) => poolLines(found.pools, { manyNamespaces, paint }), context);
      return 0;
    }
    const namespaces = namespace === undefined ? undefined : [namespace];
    await watchPools({ pools: mirrors.pools, namespaces, terminal }, context);
    return 0;
  });
}
