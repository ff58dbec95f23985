import type { ObjectMeta } from '../../api/kinds/metadata.ts';
import { annotations } from '../../mirror/identity.ts';
import { byText } from '../../mirror/text.ts';

export interface MirrorObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: object;
  readonly status?: object;
}

/** Plain JSON whose keys are sorted. */
export type ExportedObject = MirrorObject;

/**
 * A mirror without what a cluster adds to it and without the time at which somebody looked: two exports of the same
 * state of ModelArts are equal byte for byte, and equal to what the operator wrote. `lastTransitionTime` goes for
 * that; since when a job runs or is over is in its startTime and completionTime.
 */
export function exportedObject({ apiVersion, kind, metadata, spec, status }: MirrorObject): ExportedObject {
  const { [annotations.discoveredBy]: _project, ...notes } = metadata.annotations ?? {};
  const { name, namespace, labels } = metadata;
  return sorted({
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      ...(Object.keys(notes).length > 0 && { annotations: notes }),
    },
    spec,
    ...(status !== undefined && { status: withoutTransitions(status) }),
  }) as ExportedObject;
}

/** By kind, then by name: code units, whatever the locale. */
export function compareObjects(a: ExportedObject, b: ExportedObject): number {
  return byText(a.kind, b.kind) || byText(a.metadata.name, b.metadata.name);
}

function withoutTransitions(status: object): object {
  if (!('conditions' in status) || !Array.isArray(status.conditions)) return status;
  const conditions = status.conditions.map((condition: Readonly<Record<string, unknown>>) => {
    const { lastTransitionTime: _time, ...rest } = condition;
    return rest;
  });
  return { ...status, conditions };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => byText(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
