import { largeScenario } from '../src/simulator/scenarios/large.ts';
import type { Scenario } from '../src/simulator/schema.ts';

export interface Size {
  readonly pools: number;
  readonly workloads: number;
}

/** `BENCH_POOLS` of them; else at most 1,000 workloads a pool, and at least five pools. */
export function sizeOf(workloads: number): Size {
  const pools = numberFrom('BENCH_POOLS', Math.max(5, Math.ceil(workloads / 1000)));
  return { pools, workloads: pools * Math.floor(workloads / pools) };
}

export function scenarioOf({ pools, workloads }: Size): Scenario {
  return largeScenario({ pools, workloads: workloads / pools });
}

/** Numbers from the environment: `BENCH_WORKLOADS=5000,20000`. */
export function numbersFrom(name: string, standard: readonly number[]): readonly number[] {
  const text = process.env[name];
  if (text === undefined || text === '') return standard;
  const numbers = text.split(',').map(Number);
  if (numbers.some((number) => !Number.isFinite(number) || number <= 0)) {
    throw new Error(`${name} must be numbers above 0 with commas between them, and is ${text}`);
  }
  return numbers;
}

export function numberFrom(name: string, standard: number): number {
  return numbersFrom(name, [standard])[0] ?? standard;
}
