import type { Runtime } from '../runtime/clock.ts';
import { durationMs } from './duration.ts';
import { Gateway } from './gateway.ts';
import { Iam } from './iam.ts';
import { WorldError } from './operations.ts';
import type { Action, Scenario } from './schema.ts';
import { WorldClock } from './world-clock.ts';
import { World } from './world.ts';

/** A scenario that runs: a world, the clock that drives it, and those who guard it. */
export class Simulation {
  readonly world: World;
  readonly clock: WorldClock;
  readonly gateway = new Gateway();
  readonly iam: Iam;
  /** What the timeline asked for and the world could not do, oldest first. */
  readonly problems: string[] = [];

  /** `pace`: see World. */
  constructor(options: { runtime: Runtime; scenario: Scenario; manualClock: boolean; pace?: number }) {
    const { runtime, scenario, pace = 1 } = options;
    const start = scenario.start === undefined ? runtime.now() : Date.parse(scenario.start);
    const seed = scenario.seed ?? 1;
    this.clock = new WorldClock({
      clock: runtime,
      start,
      speed: scenario.speed ?? 1,
      manual: options.manualClock,
    });
    this.world = new World({ seed, start: Math.floor(start), pace });
    this.iam = new Iam({ seed });
    for (const project of scenario.projects) this.world.addProject(project);
    for (const rule of scenario.faults ?? []) this.world.fault(rule);
    for (const event of scenario.events ?? []) this.#plan(event.do, durationMs(event.at), event.every);
  }

  /** Lets the world catch up with the clock; to be called before anything is read. */
  catchUp(): void {
    this.world.advanceTo(this.clock.now());
  }

  act(action: Action): unknown {
    const [name, args] = Object.entries(action)[0] as [keyof Action, unknown];
    return (this.world[name] as (this: World, args: unknown) => unknown).call(this.world, args);
  }

  #plan(actions: readonly Action[], ms: number, every: string | undefined): void {
    this.world.after(ms, () => {
      for (const action of actions) this.#try(action);
      if (every !== undefined) this.#plan(actions, Math.max(1000, durationMs(every)), every);
    });
  }

  /** A timeline goes on when one of its steps finds nothing to do it to. */
  #try(action: Action): void {
    try {
      this.act(action);
    } catch (error) {
      if (!(error instanceof WorldError)) throw error;
      this.problems.push(`${Object.keys(action)[0]}: ${error.message}`);
      if (this.problems.length > 100) this.problems.shift();
    }
  }
}
