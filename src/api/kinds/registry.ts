import type { Kind } from './kind.ts';
import { modelArtsPool } from './modelarts-pool.ts';
import { modelArtsProject } from './modelarts-project.ts';
import { modelArtsResourceSpec } from './modelarts-resource-spec.ts';
import { modelArtsWorkload } from './modelarts-workload.ts';

/** Every kind of ours, one line each. */
export const kinds = [
  modelArtsProject,
  modelArtsPool,
  modelArtsWorkload,
  modelArtsResourceSpec,
] as const satisfies readonly Kind[];

export type KindName = (typeof kinds)[number]['kind'];
