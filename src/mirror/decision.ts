/**
 * What `plan()` may answer: one action, with the reason for it. The controller carries it out and nothing else; an
 * action that is not in this union does not exist.
 */
import type { EventReason } from '../api/reasons.ts';

/** Why a mirror leaves the cluster. There is no fifth reason (invariant 3); `OwnerDeleted` is the garbage collector's. */
export type DeletionReason = 'UpstreamGone' | 'NotSelected' | 'HistoryPruned';

/** Why `plan()` decided as it did: a closed set, safe as a metric label. */
export type DecisionReason =
  | DeletionReason
  | 'InSync'
  | 'NotReadYet'
  | 'NotMirrored'
  | 'Suspended'
  | 'ProjectMissing'
  | 'OwnerMissing'
  | 'BeingDeleted'
  | 'Duplicate'
  | 'TakenOver'
  | 'DeletionUnconfirmed'
  | 'DeletionBlocked'
  | 'DeletionAnnounced'
  | 'WorkloadsFirst'
  | 'Retained'
  | 'MinRetention'
  | 'MetadataDiffers'
  | 'StatusDiffers';

export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: EventReason;
  /** A sentence in the past tense that names the value; no times, no counters. */
  readonly note: string;
}

/** `O` is the object of the kind, `S` its status. */
export type Decision<O, S> =
  | { readonly do: 'nothing'; readonly reason: DecisionReason }
  /** Look again after `ms` even if nothing changes. */
  | { readonly do: 'wait'; readonly reason: DecisionReason; readonly ms: number }
  /** Create this object (without status; the next pass writes that). */
  | { readonly do: 'create'; readonly reason: DecisionReason; readonly object: O }
  /** Replace the status of the mirror `name`, at the version that was planned on. */
  | {
      readonly do: 'status';
      readonly reason: DecisionReason;
      readonly name: string;
      readonly status: S;
      readonly events: readonly EventDraft[];
    }
  /** Merge these labels, annotations and owner references into the mirror `name`, at the version that was planned on. */
  | {
      readonly do: 'object';
      readonly reason: DecisionReason;
      readonly name: string;
      readonly metadata: MetadataPatch;
    }
  /** Delete the mirror `name` with its uid and the version that was planned on. */
  | {
      readonly do: 'delete';
      readonly reason: DecisionReason;
      readonly name: string;
      readonly orphan: boolean;
    };

/** A JSON merge patch of `metadata`: null removes a key. */
export interface MetadataPatch {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: boolean;
  readonly blockOwnerDeletion: boolean;
}
