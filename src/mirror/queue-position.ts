import type { ModelArtsWorkloadStatus } from '../api/kinds/modelarts-workload.ts';

/** Up to here a place in the queue is shown exactly. */
const exactUpTo = 10;

/** The end of the band that a place lies in: the place itself up to 10, then 20, 50, 100, 200, 500 and so on. */
export function bandEnd(position: number): number {
  if (position <= exactUpTo) return position;
  for (let decade = exactUpTo; ; decade *= 10) {
    for (const step of [1, 2, 5]) {
      if (position <= step * decade) return step * decade;
    }
  }
}

/**
 * How a place in the queue is shown. In bands, a queue of n costs each of its jobs O(log n) writes instead of n.
 * `position`: 1 is next; undefined where the job does not wait or ModelArts does not say.
 */
export function shownPosition(
  position: number | undefined,
  mode: 'Banded' | 'Exact' | 'None',
): Pick<ModelArtsWorkloadStatus, 'queuePosition' | 'queuePositionAtMost'> {
  if (position === undefined || mode === 'None' || !Number.isSafeInteger(position) || position < 0) return {};
  if (mode === 'Exact') return { queuePosition: position, queuePositionAtMost: position };
  const atMost = Math.min(bandEnd(position), Number.MAX_SAFE_INTEGER);
  return position <= exactUpTo
    ? { queuePosition: position, queuePositionAtMost: atMost }
    : { queuePositionAtMost: atMost };
}
