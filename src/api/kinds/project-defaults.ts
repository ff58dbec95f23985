import type { Static } from 'typebox';
import { applyDefaults } from '../schema/defaults.ts';
import { projectSpec } from './modelarts-project-spec.ts';

/** The spec with every default filled in: what `withDefaults` returns. */
export type ResolvedProjectSpec = Static<typeof projectSpec>;

type Written<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Written<T[K]> | undefined }
    : T;
type RequiredField = 'endpoint' | 'projectID' | 'credentials';

/**
 * The spec as a user wrote it, or as an apiserver with an older CRD returns it: whatever has a default may be
 * missing. Read it through `withDefaults`.
 */
export type ModelArtsProjectSpec = Pick<ResolvedProjectSpec, RequiredField> &
  Written<Omit<ResolvedProjectSpec, RequiredField>>;
/** The spec with every default filled in, whichever of them the apiserver already did. Changes nothing in `written`. */
export function withDefaults(written: ModelArtsProjectSpec): ResolvedProjectSpec {
  return applyDefaults(projectSpec, written) as ResolvedProjectSpec;
}
