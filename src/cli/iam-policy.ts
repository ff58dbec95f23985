import { stringify } from 'yaml';

import { operations, type OperationName } from '../modelarts/endpoints.ts';
import { permissions, type OptionalPart } from '../modelarts/permissions.ts';
import type { OutputFormat } from './export/documents.ts';

/** A custom policy, as the consoles of Huawei Cloud and Open Telekom Cloud take it. */
export interface IAMPolicy {
  /** 1.1: a policy, not a role. */
  readonly Version: '1.1';
  readonly Statement: readonly [{ readonly Effect: 'Allow'; readonly Action: readonly string[] }];
}

export interface IAMPolicyOptions {
  readonly output: OutputFormat;
  /** What no project reads. */
  readonly skip?: readonly OptionalPart[];
}

/** The least policy of the user whose credential the operator has: the actions of its own list of requests. */
export function iamPolicy(skip: readonly OptionalPart[] = []): IAMPolicy {
  const actions = requests(skip).flatMap((name) => permissions[name].action ?? []);
  return { Version: '1.1', Statement: [{ Effect: 'Allow', Action: [...new Set(actions)].sort() }] };
}

export function policyText({ output, skip }: IAMPolicyOptions): string {
  const policy = iamPolicy(skip);
  return output === 'yaml' ? stringify(policy) : `${JSON.stringify(policy, undefined, 2)}\n`;
}

/** What the reader must know of the policy and cannot see in it, a line each. */
export function policyRemarks({ skip = [] }: IAMPolicyOptions): string[] {
  return requests(skip)
    .filter((name) => permissions[name].basis === 'kin')
    .map(
      (name) =>
        `No document says what ${operations[name]} needs: ${permissions[name].action} is what its kin needs. ` +
        `Where no project reads it, leave it out with --skip ${permissions[name].part}.`,
    );
}

function requests(skip: readonly OptionalPart[]): OperationName[] {
  return (Object.keys(operations) as OperationName[]).filter((name) => {
    const { part } = permissions[name];
    return part === undefined || !skip.includes(part);
  });
}
