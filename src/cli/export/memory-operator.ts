import type { SecretContent } from '../../api/credentials.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../../api/kinds/modelarts-pool.ts';
import type { ModelArtsProject, ModelArtsProjectStatus } from '../../api/kinds/modelarts-project.ts';
import type {
  ModelArtsResourceSpec,
  ModelArtsResourceSpecStatus,
} from '../../api/kinds/modelarts-resource-spec.ts';
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../../api/kinds/modelarts-workload.ts';
import type { ModelArtsConnector } from '../../api/upstream.ts';
import type { ProjectEntry } from '../../controller/gather.ts';
import { groupOf } from '../../controller/keys.ts';
import { Operator } from '../../controller/operator.ts';
import { noMetrics, type Logger } from '../../controller/ports.ts';
import { WorkQueue } from '../../kubernetes/work-queue.ts';
import type { PoolRecord, ResourceSpecRecord, WorkloadRecord } from '../../mirror/world.ts';
import type { Runtime } from '../../runtime/clock.ts';
import {
  cachedPools,
  cachedProjects,
  cachedResourceSpecs,
  cachedWorkloads,
} from '../assembly/cached-kinds.ts';
import { QueueWorkLoop } from '../assembly/queue-work-loop.ts';
import { MemoryStore } from './memory-store.ts';

export interface MemoryOperatorOptions {
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly modelarts: ModelArtsConnector;
  readonly project: ModelArtsProject;
  /** Whatever Secret the project names. */
  readonly secret: SecretContent;
}

const workers = 4;

function createStores(runtime: Runtime) {
  return {
    projects: new MemoryStore<ProjectEntry, ModelArtsProject, ModelArtsProjectStatus>(
      cachedProjects,
      runtime,
    ),
    pools: new MemoryStore<PoolRecord, ModelArtsPool, ModelArtsPoolStatus>(cachedPools, runtime),
    workloads: new MemoryStore<WorkloadRecord, ModelArtsWorkload, ModelArtsWorkloadStatus>(
      cachedWorkloads(),
      runtime,
    ),
    resourceSpecs: new MemoryStore<ResourceSpecRecord, ModelArtsResourceSpec, ModelArtsResourceSpecStatus>(
      cachedResourceSpecs,
      runtime,
    ),
  };
}

export type MemoryStores = ReturnType<typeof createStores>;

/** The operator itself, over a cluster that is no more than a few maps with one ModelArtsProject in them. */
export class MemoryOperator {
  readonly stores: MemoryStores;
  readonly #operator: Operator;
  readonly #project: ModelArtsProject;

  constructor(options: MemoryOperatorOptions) {
    const { runtime, log, modelarts, secret } = options;
    this.#project = options.project;
    this.stores = createStores(runtime);
    this.#operator = new Operator({
      stores: this.stores,
      runStores: (signal) =>
        new Promise((resolve) => {
          if (signal.aborted) return resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
      work: new QueueWorkLoop(new WorkQueue<string>({ runtime, group: groupOf }), workers),
      secrets: { read: () => Promise.resolve({ ...secret, resourceVersion: '1' }) },
      modelarts,
      events: { publish: () => undefined },
      metrics: noMetrics,
      log,
      runtime,
    });
  }

  /**
   * Runs until `during` has ended, or the signal aborts, which rejects. `during` gets what makes one full pass: true
   * when all of the project was read.
   */
  async run<T>(signal: AbortSignal, during: (pass: () => Promise<boolean>) => Promise<T>): Promise<T> {
    const ending = new AbortController();
    const stopped = AbortSignal.any([signal, ending.signal]);
    await this.stores.projects.create(this.#project);
    const running = this.#operator.run(stopped);
    // It resolves only when it is told to stop, and rejects when it cannot go on: either ends the pass.
    const ended = running.then((): never => {
      throw signal.reason;
    });
    ended.catch(() => undefined);
    try {
      return await Promise.race([
        during(async () => (await this.#operator.sync(stopped)).length === 0),
        ended,
      ]);
    } finally {
      ending.abort(new Error('the work is done'));
      await running.catch(() => undefined);
    }
  }
}
