import { readFile } from 'node:fs/promises';

import type { Runtime } from '../runtime/clock.ts';
import { parseScenario, ScenarioError } from '../simulator/scenario.ts';
import { demoScenario } from '../simulator/scenarios/demo.ts';
import type { Scenario } from '../simulator/schema.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { CliFailure } from './failure.ts';
import type { SimulateOptions } from './options.ts';

export interface SimulateContext {
  readonly runtime: Runtime;
  readonly stdout: (text: string) => void;
  /** Ends the simulator. */
  readonly signal: AbortSignal;
}

/** Serves a simulated ModelArts until the signal aborts, then resolves with 0; rejects with CliFailure. */
export async function simulate(options: SimulateOptions, context: SimulateContext): Promise<number> {
  const scenario = options.scenario === undefined ? demoScenario : await readScenario(options.scenario);
  const { runtime, stdout, signal } = context;
  const simulator = await startSimulator({ runtime, scenario, port: options.port }).catch(
    (error: unknown) => {
      throw new CliFailure(
        `cannot serve the simulator on port ${options.port}; choose another with --port, or 0 for a free one`,
        { cause: error },
      );
    },
  );
  if (options.speed !== undefined) simulator.setSpeed(options.speed);
  stdout(introduction(simulator.url, scenario));
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await simulator.stop();
  return 0;
}

async function readScenario(file: string): Promise<Scenario> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliFailure(`cannot read the scenario ${file}; name a YAML or JSON file with --scenario`, {
      exitCode: 2,
      cause: error,
    });
  });
  try {
    return parseScenario(text);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new CliFailure(`the scenario ${file} does not hold: ${error.message}`, { exitCode: 2 });
  }
}

/** Tokens of a scenario open nothing but the simulator. */
function introduction(url: string, { projects }: Scenario): string {
  const lines = projects.map(
    ({ id, tokens = [] }) => `project ${id}, ${tokens[0] === undefined ? 'no token' : `token ${tokens[0]}`}`,
  );
  const [first] = projects;
  const token = first?.tokens?.[0];
  return [
    `ModelArts and IAM: ${url}`,
    ...lines,
    `control API: ${url}/_sim/state, see docs/simulator.md`,
    ...(first !== undefined && token !== undefined
      ? [`try: curl -H 'X-Auth-Token: ${token}' ${url}/v2/${first.id}/pools`]
      : []),
    '',
  ].join('\n');
}
