/**
 * The closed catalogue of reasons: what may stand in a condition's `reason` and in an Event's. They are API: people
 * write alerts and scripts against them, so one is only ever added. The documentation's tables are made from here.
 */

/** Why reading failed (invariant 4), by the meaning of the error and not by its status code. */
const syncReasons = {
  Unauthorized: 'ModelArts or IAM refused the credential (401).',
  Forbidden: 'The credential is valid but may not do this (403).',
  Throttled: 'ModelArts asked for fewer requests (429, or 500 ModelArts.5039).',
  Unreachable: 'No usable answer came: network, TLS, a timeout, 408 or 5xx.',
  InvalidResponse: 'An answer is not what the API documents; the message names the part.',
  NotFound: 'ModelArts does not know what was asked for: the project, the workspace, the API or the pool.',
  BadRequest: 'ModelArts refused the request as wrong (400); it stays wrong until the spec changes.',
} as const;

/** Why no connection can be made. Found in the cluster, without asking ModelArts. */
export const configurationReasons = {
  SecretNotFound:
    'The Secret that `credentials.secretRef` names does not exist, or the operator may not read it.',
  InvalidSecret: 'The Secret does not hold the keys of exactly one kind of credential.',
  SecretTypeRefused: 'The Secret is of a type that is never sent to a cloud.',
  EndpointNotAllowed: 'The endpoint is outside the hosts that this operator may speak to.',
  InvalidSpec: 'The spec passed the apiserver but cannot be used; the message names the field.',
} as const;

/** The words of ModelArts for a pool's phase (reference 1.5.1). A phase that is not here is `UnknownPhase`. */
const phaseReasons = {
  Creating: 'ModelArts is creating it.',
  Running: 'It works.',
  Abnormal: 'ModelArts reports a malfunction; it may recover.',
  Deleting: 'ModelArts is deleting it.',
  Error: 'ModelArts reports an error; a person must act.',
  CreationFailed: 'Creating it failed; a person must act.',
  ScalingFailed: 'Enlarging it failed; a person must act.',
  Waiting: 'It has not been started: an order is unpaid or not approved.',
} as const;

/** The words of ModelArts for a workload's status (reference 2.5) that are not pool phases too. */
const workloadReasons = {
  Queue: "The job waits in the pool's queue.",
  Pending: 'The job is being scheduled.',
  Terminating: 'The job is being stopped.',
  Completed: 'The job ended by itself, without a failure.',
  Terminated: 'The job was stopped before it ended.',
  Failed: 'The job failed.',
} as const;

const ownReasons = {
  ReadComplete: 'The last read was complete.',
  NotReadYet: 'Nothing has been read since the object was created or the operator first saw it.',
  Suspended: 'The project says `suspend: true`: nothing is read.',
  Stale: 'Reading has failed for so long that the last known state says nothing any more.',
  UnknownPhase:
    'ModelArts reports a phase that this version does not know; the message and `status.phase` show it.',
  UnknownState: 'ModelArts reports a driver state that cannot be a reason; `status.driver` shows it.',
  Upgrading: 'A driver is being upgraded.',
  NodesCreating: 'Nodes are being added.',
  NodesDeleting: 'Nodes are being removed.',
  DriverCreating: 'A driver is being installed.',
  DriverUpgrading: 'A driver is being upgraded.',
  PoolNotFound:
    'ModelArts no longer has this pool; the object stays because a person declared or retained it.',
  ProjectNotFound:
    'On a pool: there is no such ModelArtsProject. On a project: ModelArts does not know the project id, or the credential is for another one.',
  Duplicate: 'An older object is declared for the same pool; that one is kept up to date.',
  PartialFailure: 'A part could not be read (a workspace, some pools); the first three are named.',
  BudgetStretched:
    'All is read, but the request budget is too small for the wanted intervals; see `status.effective`.',
  Accepted: 'The last answer accepted the credential.',
  Reading: 'Reading works, at least in part.',
  MaxPercentExceeded:
    'More would be deleted at once than `deletion.maxPercent` allows; the message prints the command that releases it.',
  NothingBlocked: 'No deletion is held back.',
  ResourcesAvailable: 'ModelArts has resources of this specification for new jobs.',
  SoldOut: 'ModelArts has no resources of this specification for new jobs.',
  NotReported: 'ModelArts did not say whether it has resources of this specification.',
  NotOffered:
    'ModelArts no longer offers this specification; the object goes, or stays because it is retained.',
} as const;

/** Every condition reason, with the sentence that says when it is used. */
export const conditionReasons = {
  ...syncReasons,
  ...configurationReasons,
  ...phaseReasons,
  ...workloadReasons,
  ...ownReasons,
} as const;

export type SyncReason = keyof typeof syncReasons;
export type ConfigurationReason = keyof typeof configurationReasons;
export type PhaseReason = keyof typeof phaseReasons;
export type ConditionReason = keyof typeof conditionReasons;

/** Every Event reason of ours, with the sentence that says when it is used. */
const ownEventReasons = {
  PhaseChanged: 'The phase of a pool changed.',
  DriverStateChanged: 'The state of a driver changed.',
  DriverVersionChanged: 'The running version of a driver changed.',
  NodesChanged: 'The number of available, wanted or abnormal nodes changed.',
  RestrictionsChanged: 'The restrictions (control mode) of a pool changed.',
  PoolNotFound: 'ModelArts no longer has the pool.',
  SyncFailed: 'Reading began to fail; the note says why.',
  SyncRecovered: 'Reading works again.',
  DeletionBlocked: 'Deletions are held back until a person releases them.',
  CRDOutdated: 'The installed CRD is older than the operator and drops fields.',
  Duplicate: 'An older object is declared for the same pool.',
} as const;

/** Why a project's `Ready` turned False: each is an Event reason as well. */
export type ProjectFailureReason = ConfigurationReason | 'Unauthorized' | 'Forbidden' | 'ProjectNotFound';

export type EventReason = keyof typeof ownEventReasons | ProjectFailureReason;

export const eventReasons: Readonly<Record<EventReason, string>> = {
  ...ownEventReasons,
  ...configurationReasons,
  Unauthorized: syncReasons.Unauthorized,
  Forbidden: syncReasons.Forbidden,
  ProjectNotFound: 'ModelArts does not know the project id, or the credential is for another one.',
};

/** The pool phases that ModelArts documents, in the order in which a pool goes through them. */
export const poolPhases = Object.keys(phaseReasons) as readonly PhaseReason[];

export function isConditionReason(reason: string): reason is ConditionReason {
  return Object.hasOwn(conditionReasons, reason);
}

/** What the apiserver accepts as `reason` of a metav1.Condition, and what fits a table. */
const reasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]{0,62}[A-Za-z0-9_])?$/;

/** A word of ModelArts as a reason: as it is where a reason may look like that, else `fallback`. */
export function wordAsReason(word: string, fallback: 'UnknownPhase' | 'UnknownState'): string {
  return reasonPattern.test(word) ? word : fallback;
}
