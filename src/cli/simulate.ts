import { readFile } from 'node:fs/promises';

import type { Runtime } from '../runtime/clock.ts';
import { parseScenario, ScenarioError } from '../simulator/scenario.ts';
import { demoScenario } from '../simulator/scenarios/demo.ts';
import type { Scenario } from '../simulator/schema.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { CliFailure } from './failure.ts';
import type { SimulateOptions } from './options.ts';
import { portFailure, replayRecording } from './replay.ts';

export interface SimulateContext {
  readonly runtime: Runtime;
  readonly stdout: (text: string) => void;
  /** Where what is no answer to the command goes. */
  readonly logStream: NodeJS.WritableStream;
  /** Ends the simulator. */
  readonly signal: AbortSignal;
}

interface Running {
  stop(): Promise<void>;
}

/** Serves a simulated ModelArts until the signal aborts, then resolves with 0; rejects with CliFailure. */
export async function simulate(options: SimulateOptions, context: SimulateContext): Promise<number> {
  const { signal } = context;
  const { replay } = options;
  const starting =
    replay === undefined
      ? startScenario(options, context)
      : replayRecording({ ...options, replay, say: (text) => context.logStream.write(text) }, context);
  const running = await starting;
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await running.stop();
  return 0;
}

async function startScenario(options: SimulateOptions, context: SimulateContext): Promise<Running> {
  const scenario = options.scenario === undefined ? demoScenario : await readScenario(options.scenario);
  const { runtime, stdout } = context;
  const simulator = await startSimulator({ runtime, scenario, port: options.port }).catch(
    portFailure(options.port),
  );
  if (options.speed !== undefined) simulator.setSpeed(options.speed);
  stdout(introduction(simulator.url, scenario));
  return simulator;
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
