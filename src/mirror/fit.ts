import type { Cuts } from './limits.ts';
import { storedSize } from './stored-size.ts';

/** Makes a status smaller in one respect, in place, and names the fields that it cut. */
export type Reducer<S> = (status: S) => readonly string[];

/** Applies the reducers, the least loss first, until the status takes no more than `budget` bytes as stored. */
export function fit<S>(status: S, budget: number, reducers: readonly Reducer<S>[], cuts: Cuts): void {
  for (const reduce of reducers) {
    if (storedSize(status, budget) <= budget) return;
    for (const field of reduce(status)) cuts.add(field);
  }
}
