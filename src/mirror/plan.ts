import type { Decision, DecisionReason, MetadataPatch, OwnerReference } from './decision.ts';
import type { MirrorRecord } from './world.ts';

/** Answers when it applies. The first rule of a list that answers wins: the list is the specification. */
export type Rule<W, O, S> = (world: W) => Decision<O, S> | undefined;

export function firstAnswer<W, O, S>(rules: readonly Rule<W, O, S>[], world: W): Decision<O, S> | undefined {
  for (const rule of rules) {
    const decision = rule(world);
    if (decision !== undefined) return decision;
  }
  return undefined;
}

export function nothing(reason: DecisionReason): { do: 'nothing'; reason: DecisionReason } {
  return { do: 'nothing', reason };
}

export function wait(reason: DecisionReason, ms: number): { do: 'wait'; reason: DecisionReason; ms: number } {
  return { do: 'wait', reason, ms };
}

export function remove(reason: DecisionReason, mirror: MirrorRecord, orphan = false) {
  return { do: 'delete', reason, name: mirror.name, orphan } as const;
}

/** The patch that gives a mirror these labels and this owner, or undefined when it has them. */
export function metadataPatch(
  mirror: MirrorRecord,
  labels: Readonly<Record<string, string>>,
  owner: OwnerReference | undefined,
  /** The owner that a mirror without `owner` must not have (any more). */
  formerOwnerUID?: string,
): MetadataPatch | undefined {
  const wrong = Object.entries(labels).filter(([key, value]) => mirror.labels[key] !== value);
  const owners = ownerChange(mirror, owner, formerOwnerUID);
  if (wrong.length === 0 && owners === undefined) return undefined;
  return {
    ...(wrong.length === 0 ? {} : { labels: Object.fromEntries(wrong) }),
    ...(owners === undefined ? {} : { ownerReferences: owners }),
  };
}

function ownerChange(
  mirror: MirrorRecord,
  owner: OwnerReference | undefined,
  formerOwnerUID: string | undefined,
): readonly OwnerReference[] | undefined {
  if (owner !== undefined) return mirror.ownerUID === owner.uid ? undefined : [owner];
  return mirror.ownerUID !== undefined && mirror.ownerUID === formerOwnerUID ? [] : undefined;
}
