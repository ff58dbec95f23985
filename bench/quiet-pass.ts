import type { Connection, ModelArtsReader } from '../src/api/upstream.ts';
import { settingsOf } from '../src/controller/settings.ts';
import { WorkloadObservations, type KnownWorkload } from '../src/controller/workload-observations.ts';
import { passOverWorkloads } from '../src/controller/workload-pass.ts';
import { isTerminal } from '../src/mirror/workload-phase.ts';
import { ModelArtsClients } from '../src/modelarts/client.ts';
import { systemRuntime } from '../src/runtime/system.ts';
import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import { aProjectWith } from '../test/support/builders.ts';
import { against, type Figure } from './harness.ts';
import { buildPrograms, startSimulatorProgram } from './programs.ts';
import { scenarioOf } from './sizes.ts';

const workloads = 1_000;
const warmUp = 200;
const passes = 400;

/**
 * CPU of one pass over a pool of 1,000 workloads, 250 of them running, in which nothing changed; against one that does not
 * know a page again and decodes it.
 */
export const quietPass = {
  name: 'quiet-pass',
  run: async (): Promise<readonly Figure[]> => {
    const scenario = scenarioOf({ pools: 1, workloads });
    const simulator = await startSimulatorProgram(await buildPrograms(), scenario);
    const pool = scenario.projects[0]?.pools?.[0]?.id ?? '';
    const clients = new ModelArtsClients({ runtime: systemRuntime, endpoints: { allowLocal: true } });
    const reader = clients.open(connection(simulator.url));
    const knowing = await cpuOfPass(reader, pool);
    const forgetful = await cpuOfPass(forgetting(reader), pool);
    await reader.close();
    await simulator.program.stop();
    return [against('quiet-pass/cpu', knowing, 'ms/pass', forgetful)];
  },
};

async function cpuOfPass(reader: ModelArtsReader, pool: string): Promise<number> {
  const observations = new WorkloadObservations();
  const { spec } = aProjectWith({ polling: { maxStaleness: '24h' } });
  const known = new Map<string, KnownWorkload>();
  const { signal } = new AbortController();
  const pass = async (): Promise<void> => {
    const result = await passOverWorkloads(
      {
        reader,
        pool,
        observations,
        spec: spec.workloads,
        deletion: spec.deletion,
        settings: settingsOf(spec),
        known,
        family: { parentOf: () => undefined, isRead: () => true },
        now: systemRuntime.now(),
        monotonic: systemRuntime.monotonic(),
      },
      signal,
    );
    if (result.failure !== undefined) throw result.failure.error;
    for (const uid of result.touched) {
      const { status = '' } = observations.row(uid)?.facts ?? {};
      known.set(uid, { uid, phase: status, terminal: isTerminal(status) });
      observations.compared(uid, true);
    }
  };
  for (let round = 0; round < warmUp; round++) await pass();
  const before = process.cpuUsage();
  for (let round = 0; round < passes; round++) await pass();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / passes;
}

function connection(endpoint: string): Connection {
  return {
    endpoint,
    projectID: demoProjectID,
    credentials: { type: 'token', token: demoToken },
    rateLimit: { requestsPerSecond: 100_000, burst: 100_000 },
  };
}

function forgetting(reader: ModelArtsReader): ModelArtsReader {
  const asked: ModelArtsReader = Object.create(reader) as ModelArtsReader;
  return Object.assign(asked, {
    getStatistics: reader.getStatistics.bind(reader),
    listWorkloads: (...[pool, query, signal]: Parameters<ModelArtsReader['listWorkloads']>) =>
      reader.listWorkloads(pool, { ...query, before: undefined }, signal),
  });
}
