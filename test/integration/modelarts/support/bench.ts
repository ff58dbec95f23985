import { ModelArtsClients, type ModelArtsClientsOptions } from '../../../../src/modelarts/client.ts';
import type { Connection, ModelArtsReader } from '../../../../src/api/upstream.ts';
import type { TryReport } from '../../../../src/modelarts/observer.ts';
import type { Runtime } from '../../../../src/runtime/clock.ts';
import { systemRuntime } from '../../../../src/runtime/system.ts';
import { demoProjectID, demoScenario, demoToken } from '../../../../src/simulator/scenarios/demo.ts';
import type { ProjectSpec } from '../../../../src/simulator/schema.ts';
import { startSimulator, type Simulator } from '../../../../src/simulator/simulator.ts';

/** A hundred times faster than life, so that waits of seconds do not slow the tests while sockets stay real. */
export function quickRuntime(): Runtime {
  const factor = 100;
  return {
    now: () => systemRuntime.now(),
    monotonic: () => systemRuntime.monotonic() * factor,
    timer: (ms, callback) => systemRuntime.timer(ms / factor, callback),
    next: () => 0.5,
  };
}

export interface Opened {
  readonly reader: ModelArtsReader;
  readonly tries: readonly TryReport[];
  readonly clients: ModelArtsClients;
}

/** Readers and what they read from, all taken away again by `clear`. */
export class Bench {
  readonly #steps: (() => Promise<unknown>)[] = [];

  /** Has this done by `clear`, the latest first. */
  afterwards(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async clear(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }

  /** Of the demo project, with its token, unless said otherwise. */
  open(
    connection: Partial<Connection> & { endpoint: string },
    options: Partial<ModelArtsClientsOptions> = {},
  ): Opened {
    const tries: TryReport[] = [];
    const clients = new ModelArtsClients({
      runtime: quickRuntime(),
      endpoints: { allowLocal: true },
      observer: { onTry: (report) => tries.push(report) },
      ...options,
      // By the quick clock this is ten seconds: a busy machine is no reason to try again.
      patience: { tryMs: 1_000_000, ...options.patience },
    });
    const reader = clients.open({
      projectID: demoProjectID,
      credentials: { type: 'token', token: demoToken },
      rateLimit: { requestsPerSecond: 100, burst: 100 },
      ...connection,
    });
    this.afterwards(() => reader.close());
    return { reader, tries, clients };
  }

  /** The demo at the time of now, in which nothing happens by itself. */
  async simulate(over: Partial<ProjectSpec> = {}, runtime: Runtime = systemRuntime): Promise<Simulator> {
    const [demo, ...others] = demoScenario.projects;
    const simulator = await startSimulator({
      runtime,
      scenario: {
        ...demoScenario,
        projects: [{ ...demo!, ...over }, ...others],
        start: new Date(runtime.now()).toISOString(),
      },
      manualClock: true,
    });
    this.afterwards(() => simulator.stop());
    return simulator;
  }
}

export const never: AbortSignal = new AbortController().signal;

/** Any read. */
export const listPools = (reader: ModelArtsReader): ReturnType<ModelArtsReader['listPools']> =>
  reader.listPools({ workspaceID: '0' }, never);
