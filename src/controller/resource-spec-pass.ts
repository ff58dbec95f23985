/** One pass over the resource specifications that a project is offered. Reads only. */
import type { DecodeIssue } from '../api/facts.ts';
import type { ModelArtsReader } from '../api/upstream.ts';
import type { ResourceSpecObservations, SpecGuard } from './resource-spec-observations.ts';

export interface ResourceSpecPass {
  readonly reader: ModelArtsReader;
  readonly jobTypes: readonly string[];
  readonly observations: ResourceSpecObservations;
  readonly guard: SpecGuard;
}

/**
 * One list a type of job. A type that fails costs the others nothing; at the end the pass rejects with what was said
 * about the first that did.
 */
export async function passOverResourceSpecs(
  pass: ResourceSpecPass,
  signal: AbortSignal,
): Promise<readonly DecodeIssue[]> {
  const { reader, jobTypes, observations, guard } = pass;
  const issues: DecodeIssue[] = [];
  const errors: unknown[] = [];
  for (const jobType of jobTypes) {
    try {
      const answer = await reader.listResourceSpecs(jobType, signal);
      observations.apply(jobType, answer.value, guard);
      issues.push(...answer.issues);
    } catch (error) {
      if (signal.aborted) throw error;
      errors.push(error);
    }
  }
  observations.guard(guard);
  if (errors.length > 0) throw errors[0];
  return issues;
}
