import type { KubernetesObject } from '../src/kubernetes/objects.ts';
import { operations } from '../src/modelarts/endpoints.ts';
import type { ClientObserver } from '../src/modelarts/observer.ts';
import { keepHeapSmall } from '../src/runtime/heap.ts';
import { systemHeap, systemRuntime } from '../src/runtime/system.ts';
import { startOperator } from '../test/support/operator.ts';
import { exposeGC, figure, until, type Bench } from './harness.ts';
import { numberFrom, sizeOf } from './sizes.ts';

type Exchange = Parameters<NonNullable<ClientObserver['onExchange']>>[0];
interface Row {
  readonly uid: string;
  readonly priority: string;
  readonly status: string;
}

/**
 * One running job in each pool changes its priority, again and again. From the moment when the operator had read the
 * answer that says so, until a watch of the apiserver shows it. BENCH_WORKLOADS: 10000; BENCH_CHANGES: 300.
 */
export const changeLatency: Bench = {
  name: 'change-latency',
  run: async (cluster) => {
    const size = sizeOf(numberFrom('BENCH_WORKLOADS', 10_000));
    const changes = numberFrom('BENCH_CHANGES', 300);
    const world = await cluster.worlds.of(cluster, size);
    const changing = new ChangingJobs();
    const ended = new AbortController();
    exposeGC();
    // Its pauses count, as those of the image do.
    void keepHeapSmall(systemRuntime, systemHeap()!, ended.signal);
    const operator = startOperator({
      kubeconfig: cluster.kubeconfig,
      namespaces: [world.namespace],
      onExchange: (exchange) => changing.read(exchange),
    });
    await until('the first turn', 300_000, () => changing.pools.size === size.pools);
    // What the first turns wrote has settled.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    const { namespace, observed } = world;
    const watching = new AbortController();
    const revision = await observed.revision(namespace);
    const watched = (async () => {
      for await (const object of observed.changes(namespace, revision, watching.signal))
        changing.seen(object);
    })();
    for (let round = 0; changing.latencies.length < changes; round++) {
      await world.simulator.act(changing.next(round));
      await until('the changes', 120_000, () => changing.waiting === 0);
    }
    watching.abort();
    await watched;
    await operator.stop();
    ended.abort();
    const sorted = changing.latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    const name = `change-latency/${size.workloads}`;
    return [
      figure(`${name}/changes`, sorted.length, 'changes'),
      figure(`${name}/median`, at(0.5), 'ms'),
      figure(`${name}/p99`, at(0.99), 'ms'),
      figure(`${name}/longest`, at(1), 'ms'),
    ];
  },
};

class ChangingJobs {
  /** A running job of each pool. */
  readonly pools = new Map<string, string>();
  readonly latencies: number[] = [];
  /** The priority that each job was given, and when an answer said so. */
  readonly #wanted = new Map<string, { readonly priority: string; readAt?: number }>();

  get waiting(): number {
    return this.#wanted.size;
  }

  next(round: number): unknown[] {
    return [...this.pools].map(([pool, job]) => {
      const priority = 4 + (round % 5);
      this.#wanted.set(job, { priority: String(priority) });
      return { updateJob: { pool, job, priority } };
    });
  }

  read({ operation, ids, answer, sentAt, durationMs }: Exchange): void {
    const pool = ids['pool'];
    if (operation !== operations.listWorkloads || pool === undefined) return;
    const rows = (answer?.body?.['items'] ?? []) as readonly Row[];
    const known = this.pools.get(pool);
    if (known === undefined) {
      const job = rows.find(({ status }) => status === 'Running')?.uid;
      if (job !== undefined) this.pools.set(pool, job);
      return;
    }
    const wanted = this.#wanted.get(known);
    if (wanted === undefined || wanted.readAt !== undefined) return;
    if (rows.find(({ uid }) => uid === known)?.priority === wanted.priority)
      wanted.readAt = sentAt + durationMs;
  }

  seen(object: KubernetesObject): void {
    const { name = '' } = object.metadata;
    const wanted = this.#wanted.get(name);
    const { status } = object as { status?: { priority?: string } };
    if (wanted?.readAt === undefined || status?.priority !== wanted.priority) return;
    this.latencies.push(performance.now() - wanted.readAt);
    this.#wanted.delete(name);
  }
}
