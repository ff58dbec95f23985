import { parseDuration } from '../api/kinds/duration.ts';
import type { ResolvedProjectSpec } from '../api/kinds/modelarts-project.ts';

/** The times of a ModelArtsProject in milliseconds: parsed once, where the spec comes in. */
export interface Settings {
  readonly poolIntervalMs: number;
  readonly workloadIntervalMs: number;
  readonly maxStalenessMs: number;
  readonly resourceSpecIntervalMs: number;
  readonly versionIntervalMs: number;
  readonly history: { readonly maxPerPool: number; readonly ttlMs: number; readonly minRetentionMs: number };
}

export function settingsOf(spec: ResolvedProjectSpec): Settings {
  const { polling, workloads, resourceSpecs, trainingJobVersions } = spec;
  return {
    poolIntervalMs: ms(polling.poolInterval),
    workloadIntervalMs: ms(polling.workloadInterval),
    maxStalenessMs: ms(polling.maxStaleness),
    resourceSpecIntervalMs: ms(resourceSpecs.interval),
    versionIntervalMs: ms(trainingJobVersions.interval),
    history: {
      maxPerPool: workloads.history.maxPerPool,
      ttlMs: ms(workloads.history.ttl),
      minRetentionMs: ms(workloads.history.minRetention),
    },
  };
}

/** The apiserver admits well-formed durations only; this is for an object that was stored under another schema. */
function ms(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) throw new RangeError(`not a duration: ${duration}`);
  return parsed;
}
