import type { ModelArtsPool } from '../api/kinds/modelarts-pool.ts';
import { Store } from '../kubernetes/store.ts';
import type { StoreEntry } from '../kubernetes/store-entry.ts';
import type { ResourceClient } from '../kubernetes/resource-client.ts';
import { describeError } from '../observability/describe-error.ts';
import { sleep } from '../runtime/wait.ts';
import type { CommandContext, Terminal } from './context.ts';
import { paintFor } from './plugin/output.ts';
import { summaryOf, type PoolSummary } from './plugin/pool-summary.ts';
import { screenOf } from './top-screen.ts';

/** Of the other screen of a terminal, so that what was there before comes back; and no cursor on it. */
const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const redrawMs = 1_000;
/** A watch that was lost is tried again at least this often: whoever heard of no failure for longer is connected. */
const troubleLastsMs = 40_000;

interface PoolEntry extends StoreEntry {
  readonly summary: PoolSummary;
}

export interface LiveOptions {
  readonly pools: ResourceClient<ModelArtsPool>;
  /** Absent: all. */
  readonly namespaces: readonly string[] | undefined;
  readonly terminal: Terminal;
}

/**
 * Redraws the pools each second, as a watch tells them, until the command is told to stop or nobody looks any more.
 * Failures of the watch are survived, and said on the screen.
 */
export async function watchPools(options: LiveOptions, context: CommandContext): Promise<void> {
  const { runtime, stdout } = context;
  const { pools, namespaces, terminal } = options;
  let trouble: { readonly text: string; readonly at: number } | undefined;
  const store = new Store<ModelArtsPool, PoolEntry>({
    client: pools,
    runtime,
    namespaces,
    project: (pool) => ({
      namespace: pool.metadata.namespace ?? '',
      name: pool.metadata.name,
      uid: pool.metadata.uid ?? '',
      resourceVersion: pool.metadata.resourceVersion ?? '',
      summary: summaryOf(pool),
    }),
    onError: (error) => (trouble = { text: describeError(error), at: runtime.monotonic() }),
  });
  const draw = (): void => {
    const isLost = trouble !== undefined && runtime.monotonic() - trouble.at < troubleLastsMs;
    stdout(
      screenOf({
        pools: [...store.values()].map(({ summary }) => summary),
        manyNamespaces: namespaces?.length !== 1,
        trouble: isLost ? trouble?.text : undefined,
        now: runtime.now(),
        paint: paintFor(context),
        ...terminal.size(),
      }),
    );
  };
  const stopped = AbortSignal.any([context.signal, context.outputClosed]);
  const left = new AbortController();
  const running = store.run(AbortSignal.any([stopped, left.signal]));
  stdout(enter);
  try {
    await store.synced(stopped);
    for (;;) {
      draw();
      await sleep(runtime, redrawMs, stopped);
    }
  } catch (error) {
    if (!stopped.aborted) throw error;
  } finally {
    stdout(leave);
    left.abort();
    await running;
  }
}
