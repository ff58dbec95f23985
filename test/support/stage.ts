import { apiVersion } from '../../src/api/kinds/metadata.ts';
import type { ModelArtsPool } from '../../src/api/kinds/modelarts-pool.ts';
import type { ModelArtsProject, ModelArtsProjectSpec } from '../../src/api/kinds/modelarts-project.ts';
import type { AssemblyOptions } from '../../src/cli/assembly/operator-assembly.ts';
import { demoProjectID, demoToken } from '../../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../../src/simulator/schema.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { statusBreaches, type CheckedObject } from './check-status.ts';
import { clusterObjects, said, type ClusterObjects } from './cluster-objects.ts';
import { testCluster, type TestCluster } from './control-plane.ts';
import { eventually, limits } from './eventually.ts';
import { fastRuntime, type FastRuntime } from './fast-runtime.ts';
import type { CalmProject } from './calm-scenario.ts';
import { startOperator, type TestOperator } from './operator.ts';

export interface StageOptions {
  readonly scenario: Scenario;
  /** How many times as fast as real time the operator and the simulator live. Default 10. */
  readonly speed?: number;
  readonly seed?: number;
  /** Default: the cluster that the tests share. */
  readonly kubeconfig?: string;
  /** World time moves by `simulator.advance` only. */
  readonly manualClock?: boolean;
  readonly operator?: Partial<Pick<AssemblyOptions, 'endpoints' | 'onExchange' | 'redactor'>>;
  /** Whether the operator runs from the beginning. Default true. */
  readonly start?: boolean;
}

/** Sections of a spec that differ from the stage's own. */
export type SpecSections = {
  readonly [K in keyof ModelArtsProjectSpec]?: Partial<NonNullable<ModelArtsProjectSpec[K]>>;
};

export interface ConnectOptions {
  /** Of the ModelArtsProject and of its Secret. Default `demo`. */
  readonly name?: string;
  readonly token?: string;
  readonly spec?: SpecSections;
  /** Default: waits until all is read. */
  readonly wait?: boolean;
}

/** A simulator, a namespace of its own, and the operator between them: everything real but the cloud. */
export class Stage {
  readonly simulator: Simulator;
  readonly runtime: FastRuntime;
  readonly namespace: string;
  readonly cluster: ClusterObjects;
  readonly kubectl: TestCluster['kubectl'];
  readonly #options: StageOptions;
  readonly #kubeconfig: string;
  #operator: TestOperator | undefined;
  /** Requests of operators that were stopped. */
  #past = { writes: 0, mutating: 0 };

  private constructor(
    options: StageOptions,
    parts: {
      simulator: Simulator;
      runtime: FastRuntime;
      namespace: string;
      kubeconfig: string;
      shared: TestCluster;
    },
  ) {
    this.#options = options;
    this.simulator = parts.simulator;
    this.runtime = parts.runtime;
    this.namespace = parts.namespace;
    this.#kubeconfig = parts.kubeconfig;
    this.cluster = clusterObjects(parts.kubeconfig, parts.namespace);
    this.kubectl = parts.shared.kubectl;
  }

  /** The operator has nothing to read until `connect`. */
  static async open(options: StageOptions): Promise<Stage> {
    const shared = testCluster(options.kubeconfig);
    const runtime = fastRuntime({ speed: options.speed ?? 10, seed: options.seed ?? 1 });
    const { scenario, manualClock = false } = options;
    const [simulator, namespace] = await Promise.all([
      startSimulator({ runtime, scenario, manualClock }),
      shared.uniqueNamespace('stage'),
    ]);
    const { kubeconfig } = shared;
    const stage = new Stage(options, { simulator, runtime, namespace, kubeconfig, shared });
    if (options.start !== false) stage.start();
    return stage;
  }

  get operator(): TestOperator {
    if (this.#operator === undefined) throw new Error('the operator does not run');
    return this.#operator;
  }

  start(): void {
    this.#operator = startOperator({
      kubeconfig: this.#kubeconfig,
      runtime: this.runtime,
      namespaces: [this.namespace],
      ...this.#options.operator,
    });
    // What stands there for a moment only is seen, too.
    const { stores } = this.#operator;
    const { seen } = this.cluster;
    stores.projects.onChange((_old, entry) => entry && seen.object(entry.object));
    stores.pools.onChange((_old, entry) => seen.conditions('ModelArtsPool', entry?.status.conditions));
    stores.resourceSpecs.onChange((_old, entry) =>
      seen.conditions('ModelArtsResourceSpec', entry?.status.conditions),
    );
  }

  /** As SIGTERM would. */
  async stop(): Promise<void> {
    await this.#end((operator) => operator.stop());
  }

  /** As SIGKILL would, as far as the outside can tell: every socket breaks at once, whatever is under way on it. */
  async crash(): Promise<void> {
    await this.#end((operator) => operator.kill());
  }

  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  async #end(how: (operator: TestOperator) => Promise<void>): Promise<void> {
    const { operator } = this;
    this.#operator = undefined;
    await how(operator);
    const counts = await countsOf(operator);
    this.#past.writes += counts.writes;
    this.#past.mutating += counts.mutating;
  }

  /** A ModelArtsProject with its Secret, polled every second of the stage's time. */
  async connect(options: ConnectOptions = {}): Promise<void> {
    const { name = 'demo', token = demoToken, wait = true } = options;
    await this.putSecret(name, { token });
    await this.cluster.projects.create(this.project(name, options.spec));
    if (wait) await this.synced(name);
  }

  /** Each of them under its own name and token, without waiting. */
  async connectAll(projects: readonly CalmProject[], spec: SpecSections): Promise<void> {
    for (const { name, projectID, token } of projects)
      await this.connect({ name, token, wait: false, spec: { ...spec, projectID } });
  }

  /** What `connect` creates. */
  project(name: string, sections: SpecSections = {}): ModelArtsProject {
    const spec: ModelArtsProjectSpec = {
      endpoint: this.simulator.url,
      projectID: demoProjectID,
      credentials: { secretRef: { name } },
      polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '5s' },
      rateLimit: { requestsPerSecond: 1000, burst: 1000 },
      workloads: { history: { ttl: '8760h', minRetention: '1s' } },
    };
    return { apiVersion, kind: 'ModelArtsProject', metadata: { name }, spec: merged(spec, sections) };
  }

  /** Creates the Secret, or changes it to these keys. */
  async putSecret(
    name: string,
    keys: Readonly<Record<string, string | Uint8Array>>,
    type = 'Opaque',
  ): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(keys).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    const before = await this.cluster.secrets.find(name);
    const gone = Object.keys(before?.data ?? {}).filter((key) => !(key in data));
    if (before === undefined) await this.cluster.secrets.create({ metadata: { name }, type, data });
    else
      await this.cluster.secrets.patch(name, {
        data: { ...data, ...Object.fromEntries(gone.map((key) => [key, null])) },
      });
  }

  /** Every pool and job that the project selects was read and written. */
  async synced(name = 'demo'): Promise<ModelArtsProject> {
    const project = await eventually(async () => {
      const project = await this.cluster.projects.get(name);
      const all = ['Ready', 'Synced'].map((type) => said(project, type) ?? `no ${type}`);
      if (!all.every((word) => word.startsWith('True/'))) throw new Error(all.join(', '));
      return project;
    });
    await this.settled(name);
    return project;
  }

  /** Nothing waits to be written: another whole read of the project has been acted upon. */
  async settled(name = 'demo'): Promise<void> {
    await this.operator.operator.sync(AbortSignal.timeout(limits.collected), `${this.namespace}/${name}`);
  }

  /** Nothing is on its way any more, Events included: another whole read of the project brought no write. */
  async atRest(name = 'demo'): Promise<void> {
    await eventually(async () => {
      const writes = await this.writes();
      await this.settled(name);
      return (await this.writes()) === writes;
    });
  }

  pool(name: string): Promise<ModelArtsPool | undefined> {
    return this.cluster.pools.find(name);
  }

  /** Requests of all the stage's operators to the apiserver that were not reads: what it refused included. */
  async writes(): Promise<number> {
    const now = this.#operator && (await countsOf(this.#operator));
    return this.#past.writes + (now?.writes ?? 0);
  }

  /** What every run must leave behind, whatever it was about. Throws what it finds. */
  async check(): Promise<void> {
    const { projects, pools, workloads, resourceSpecs, events } = this.cluster;
    await events.all();
    const lists = await Promise.all([projects.all(), pools.all(), workloads.all(), resourceSpecs.all()]);
    const objects = lists.flat();
    const breaches = objects.flatMap((object: CheckedObject & { metadata: { name: string } }) =>
      // A mirror that was just made has no status until the next pass.
      object.status?.conditions === undefined
        ? []
        : statusBreaches(object).map((breach) => `${object.metadata.name}: ${breach}`),
    );
    if (this.#operator !== undefined) {
      const { mutating } = await countsOf(this.#operator);
      if (mutating + this.#past.mutating > 0)
        breaches.push('the operator tried a request that is no read (invariant 9)');
    }
    if (this.simulator.requests().mutating > 0)
      breaches.push('ModelArts got a request that is no read (invariant 9)');
    if (breaches.length > 0) throw new Error(breaches.join('\n'));
  }

  /** Checks, and leaves nothing behind. */
  async close(): Promise<void> {
    try {
      await this.check();
    } finally {
      if (this.#operator !== undefined) await this.stop();
      await this.simulator.stop();
      await this.cluster.close();
      await this.kubectl(['delete', 'namespace', this.namespace, '--wait=false']);
    }
  }
}

async function countsOf(operator: TestOperator): Promise<{ writes: number; mutating: number }> {
  const { registry } = operator.metrics;
  const sum = async (name: string, counted: (labels: Partial<Record<string, unknown>>) => boolean) => {
    const metric = await registry.getSingleMetric(name)?.get();
    if (metric === undefined) throw new Error(`there is no metric ${name}`);
    return metric.values
      .filter(({ labels }) => counted(labels))
      .reduce((total, { value }) => total + value, 0);
  };
  return {
    writes: await sum('rest_client_requests_total', ({ method }) => method !== 'GET'),
    mutating: await sum('modelarts_operator_upstream_mutating_requests_total', () => true),
  };
}

function merged(spec: ModelArtsProjectSpec, sections: SpecSections): ModelArtsProjectSpec {
  const result: Record<string, unknown> = { ...spec };
  for (const [key, section] of Object.entries(sections)) {
    const before = result[key];
    const nested = typeof section === 'object' && typeof before === 'object';
    result[key] = nested ? { ...before, ...section } : section;
  }
  return result as unknown as ModelArtsProjectSpec;
}
