import type { Draws } from '../../simulation/draws.ts';

/** Which version or uid an operation names: that of now, one that was, one that never was, or none. */
export type Named = 'current' | 'stale' | 'wrong' | 'none';

export interface Operation {
  readonly do: 'create' | 'get' | 'list' | 'replace' | 'replaceStatus' | 'patch' | 'delete';
  /** Index of the resource, and of the name. */
  readonly resource: number;
  readonly name: number;
  readonly version: Named;
  readonly uid: Named;
  /** Makes the content differ, or not. */
  readonly value: number;
  readonly limit: number;
}

const kinds = ['create', 'create', 'get', 'list', 'replace', 'replaceStatus', 'patch', 'delete'] as const;

export function randomOperation(draws: Draws): Operation {
  return {
    do: draws.pick(kinds),
    resource: draws.whole(0, 2),
    name: draws.whole(0, 3),
    version: draws.pick(['current', 'current', 'current', 'stale', 'none']),
    uid: draws.pick(['current', 'current', 'none', 'wrong']),
    value: draws.whole(0, 2),
    limit: draws.whole(1, 3),
  };
}
