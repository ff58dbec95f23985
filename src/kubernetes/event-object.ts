import { microTime } from './micro-time.ts';
import type { KubernetesObject, ResourceDefinition } from './objects.ts';

export const eventResource: ResourceDefinition = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/** core/v1 ObjectReference. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** What a caller says happened. */
export interface EventNote {
  /** The object that it is about. */
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, from a closed list; at most 128 characters. */
  readonly reason: string;
  /** What was done or tried, CamelCase; at most 128 characters. */
  readonly action: string;
  /** For people. Cut to 1,024 bytes, which is what the server takes. */
  readonly note: string;
}

/** events.k8s.io/v1 Event: the part that is written. */
export interface EventObject extends KubernetesObject, EventNote {
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly series?: { readonly count: number; readonly lastObservedTime: string };
}

const maxNoteBytes = 1024;
const maxNameLength = 253;

/** `suffix` tells events of one object apart. */
export function eventObject(
  event: EventNote,
  reporter: { readonly controller: string; readonly instance: string },
  nowMs: number,
  suffix: string,
): EventObject {
  const { regarding } = event;
  const stem = regarding.name.slice(0, maxNameLength - suffix.length - 1).replace(/[^a-z0-9]+$/, '');
  return {
    ...event,
    note: cutBytes(event.note, maxNoteBytes),
    // An event about a cluster-scoped object must be in this namespace; the server refuses any other.
    metadata: { name: `${stem}.${suffix}`, namespace: regarding.namespace ?? 'default' },
    eventTime: microTime(nowMs),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
  };
}

/** At most `max` bytes of UTF-8, no character split, the cut shown. */
export function cutBytes(text: string, max: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= max) return text;
  const ellipsis = '…';
  let end = max - Buffer.byteLength(ellipsis);
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString('utf8') + ellipsis;
}
