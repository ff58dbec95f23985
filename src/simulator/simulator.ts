import type { Runtime } from '../runtime/clock.ts';
import type { WorldOperations } from './operations.ts';
import { RequestLog, type RequestReport } from './request-log.ts';
import type { Action, Scenario } from './schema.ts';
import { SimulatorServer } from './server.ts';
import { Simulation } from './simulation.ts';
import { snapshot } from './snapshot.ts';

const loggedRequests = 10_000;

export interface SimulatorOptions {
  runtime: Runtime;
  /** See `parseScenario` for text, and `scenarios/` for ready ones. */
  scenario: Scenario;
  /** 0, the default, takes a free port. */
  port?: number;
  /** Default 127.0.0.1. Whoever reaches the port can change the world: there is no access control on `/_sim/`. */
  host?: string;
  /** World time stands still unless `advance` moves it. Default false: real time × the scenario's speed. */
  manualClock?: boolean;
}

/** A ModelArts, and its IAM, behind one port. */
export interface Simulator {
  /** Base URL of both ModelArts and IAM, without a slash at the end. */
  readonly url: string;
  /** The present world: after `POST /_sim/scenario` another one. */
  readonly world: WorldOperations;
  /** World time in milliseconds since the epoch. */
  now(): number;
  /** Moves world time on by `ms`; everything due by then has happened when it returns. */
  advance(ms: number): void;
  /** Simulated milliseconds a real one; 0 stands still. Has no effect on a manual clock. */
  setSpeed(speed: number): void;
  /** What `Action` objects (timeline, control API) do; returns what each operation returned. */
  act(...actions: readonly Action[]): unknown[];
  /** A plain copy of everything, for assertions: equal worlds give equal copies. */
  state(): unknown;
  requests(): RequestReport;
  resetRequests(): void;
  /** Refuses new connections, ends open ones, resolves when the port is free. */
  stop(): Promise<void>;
}

/** Starts a simulator. Rejects with the system's error when the port cannot be had. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { runtime, manualClock = false, port = 0, host = '127.0.0.1' } = options;
  const begin = (scenario: Scenario): Simulation => new Simulation({ runtime, scenario, manualClock });
  const requests = new RequestLog({ limit: loggedRequests });
  const target = {
    simulation: begin(options.scenario),
    requests,
    restart(scenario: Scenario): void {
      target.simulation = begin(scenario);
    },
  };
  const server = new SimulatorServer({ clock: runtime, target });
  await server.listen(port, host);
  const current = (): Simulation => {
    target.simulation.catchUp();
    return target.simulation;
  };
  return {
    url: server.url,
    get world() {
      return current().world;
    },
    now: () => current().world.now(),
    advance(ms) {
      current().clock.advance(ms);
      current();
    },
    setSpeed: (speed) => current().clock.setSpeed(speed),
    act: (...actions) => actions.map((action) => current().act(action)),
    state: () => snapshot(current().world, { jobs: true }),
    requests: () => requests.report(),
    resetRequests: () => requests.reset(),
    stop: () => server.stop(),
  };
}
