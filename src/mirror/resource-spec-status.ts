import type { ResourceSpecFacts } from '../api/facts.ts';
import type { Condition } from '../api/kinds/condition.ts';
import type { ModelArtsResourceSpecStatus } from '../api/kinds/modelarts-resource-spec.ts';
import { nextConditions, type ConditionDraft } from './conditions.ts';
import { count } from './limits.ts';
import { parseQuantity } from './quantity.ts';
import { cutText } from './text.ts';
import type { ResourceSpecRecord } from './world.ts';

type Mirror = Pick<ResourceSpecRecord, 'status' | 'generation'>;

const type = 'Available';

/** The status of a specification that was read. */
export function offeredStatus(
  mirror: Mirror,
  facts: ResourceSpecFacts,
  stale: string | undefined,
  now: number,
): ModelArtsResourceSpecStatus {
  const number = (value: number | undefined) => (value === undefined ? undefined : count(value));
  const short = (value: string | undefined, max: number) =>
    value === undefined ? undefined : cutText(value, max);
  return {
    conditions: withAvailable(mirror, stale === undefined ? available(facts.soldOut) : unknown(stale), now),
    cpuCores: number(facts.cpuCores),
    memory: facts.memory !== undefined && parseQuantity(facts.memory) ? facts.memory : undefined,
    gpuCount: number(facts.gpuCount),
    gpuType: short(facts.gpuType, 128),
    maxNodes: number(facts.maxNodes),
    pricingUnits: number(facts.pricingUnits),
    storage: short(facts.storage, 64),
    interfaceType: number(facts.interfaceType),
  };
}

/** The status of a specification that was not read for too long: the last values stay. */
export function staleStatus(mirror: Mirror, why: string, now: number): ModelArtsResourceSpecStatus {
  return { ...mirror.status, conditions: withAvailable(mirror, unknown(why), now) };
}

/** The status of a specification that ModelArts no longer lists; the last values stay. */
export function notOfferedStatus(mirror: Mirror, now: number): ModelArtsResourceSpecStatus {
  const message = 'ModelArts no longer lists this specification. The values shown are the last known ones.';
  const draft: ConditionDraft = { type, status: 'False', reason: 'NotOffered', message };
  return { ...mirror.status, conditions: withAvailable(mirror, draft, now) };
}

/** The opposite of `no_resource`. */
function available(soldOut: boolean | undefined): ConditionDraft {
  switch (soldOut) {
    case false:
      return {
        type,
        status: 'True',
        reason: 'ResourcesAvailable',
        message: 'ModelArts has resources of this specification for new jobs.',
      };
    case true:
      return {
        type,
        status: 'False',
        reason: 'SoldOut',
        message: 'ModelArts has no resources of this specification for new jobs at present.',
      };
    case undefined:
      return {
        type,
        status: 'Unknown',
        reason: 'NotReported',
        message: 'ModelArts does not say whether it has resources of this specification.',
      };
  }
}

function unknown(why: string): ConditionDraft {
  return {
    type,
    status: 'Unknown',
    reason: 'Stale',
    message: `The specifications could not be read for too long. ${why}`,
  };
}

function withAvailable(mirror: Mirror, draft: ConditionDraft, now: number): Condition[] {
  return nextConditions(mirror.status.conditions, [draft], mirror.generation, now);
}
