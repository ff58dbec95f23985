import { compileValidator, type Validation, type ValidatorOptions } from '../schema/validator.ts';
import {
  customResourceDefinition,
  rootSchema,
  type CustomResourceDefinition,
} from './custom-resource-definition.ts';
import type { Kind } from './kind.ts';
import { modelArtsPool, type ModelArtsPool } from './modelarts-pool.ts';
import { modelArtsProject, type ModelArtsProject } from './modelarts-project.ts';
import { modelArtsResourceSpec, type ModelArtsResourceSpec } from './modelarts-resource-spec.ts';
import { modelArtsWorkload, type ModelArtsWorkload } from './modelarts-workload.ts';

/** Every kind of ours, one line each. */
export const kinds = [
  modelArtsProject,
  modelArtsPool,
  modelArtsWorkload,
  modelArtsResourceSpec,
] as const satisfies readonly Kind[];

/** The TypeScript type of each kind's objects, one line each. */
export interface ObjectOf {
  ModelArtsProject: ModelArtsProject;
  ModelArtsPool: ModelArtsPool;
  ModelArtsWorkload: ModelArtsWorkload;
  ModelArtsResourceSpec: ModelArtsResourceSpec;
}

export type KindName = keyof ObjectOf;

/** The CustomResourceDefinitions of all kinds, as `crds/` holds them and `modelarts-operator crds` prints them. */
export function customResourceDefinitions(): CustomResourceDefinition[] {
  return kinds.map(customResourceDefinition);
}

/**
 * Says what is wrong with an object of a kind. Each kind's validator is compiled when it is first asked for, which
 * takes tenths of a second: keep the function that this returns.
 */
export function createValidator(
  options: ValidatorOptions = {},
): (kind: KindName, object: unknown) => Validation {
  const compiled = new Map<KindName, (object: unknown) => Validation>();
  return (name, object) => {
    let validate = compiled.get(name);
    if (validate === undefined) {
      const kind = kinds.find((candidate) => candidate.kind === name);
      if (kind === undefined) throw new TypeError(`There is no kind ${name}`);
      validate = compileValidator(rootSchema(kind), options);
      compiled.set(name, validate);
    }
    return validate(object);
  };
}
