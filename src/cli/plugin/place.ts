/** Places in the queue of a pool, as far as mirrors tell them. Pure. */
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../../api/kinds/modelarts-workload.ts';
import { bandEnd } from '../../mirror/queue-position.ts';
import { byText } from '../../mirror/text.ts';

/** First and last place that the job may have; equal where it is known exactly. 1 is next. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Undefined where ModelArts does not say, the job does not wait, or places are not mirrored. */
export function placeOf(status: ModelArtsWorkloadStatus | undefined): Place | undefined {
  const { queuePosition, queuePositionAtMost } = status ?? {};
  if (queuePosition !== undefined) return { from: queuePosition, to: queuePosition };
  if (queuePositionAtMost === undefined) return undefined;
  return { from: bandStart(queuePositionAtMost), to: queuePositionAtMost };
}

/** The first place of the band that ends here: after 20 comes 21 to 50. */
function bandStart(end: number): number {
  let start = 1;
  for (let next = bandEnd(start); next < end; next = bandEnd(start)) start = next + 1;
  return start;
}

/** `3`, or `21-50` for a band. */
export function placeText(place: Place | undefined): string | undefined {
  if (place === undefined) return undefined;
  return place.from === place.to ? String(place.from) : `${place.from}-${place.to}`;
}

/** By place, those without one last; then by age and name, so that the order is the same each time. */
export function byPlace(a: ModelArtsWorkload, b: ModelArtsWorkload): number {
  const [x, y] = [placeOf(a.status), placeOf(b.status)];
  const last = Number.MAX_SAFE_INTEGER;
  return (
    (x?.from ?? last) - (y?.from ?? last) ||
    (x?.to ?? last) - (y?.to ?? last) ||
    byText(a.status?.creationTime ?? '', b.status?.creationTime ?? '') ||
    byText(a.metadata.name, b.metadata.name)
  );
}
