/**
 * What the controller needs of the world, as it sees it. kubernetes/, modelarts/ and observability/ have these shapes;
 * main.ts joins them. Where a port may be left out, its default does nothing.
 */
import type { SecretContent } from '../api/credentials.ts';
import type { EventDraft, MetadataPatch } from '../mirror/decision.ts';

/** Names one object, and none that comes under its name later. */
export interface ObjectIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Takes keys to be looked at; one that waits already is not taken twice. */
export interface KeyQueue {
  add(key: string, priority?: 'high' | 'normal'): void;
  addAfter(key: string, ms: number): void;
}

/** The cached side of one kind, and its writes. `E` is what the cache keeps of an object, `O` the object, `S` its status. */
export interface MirrorStore<E, O, S> {
  get(namespace: string, name: string): E | undefined;
  byIndex(index: string, value: string): readonly E[];
  /** How many `byIndex` would give. */
  countByIndex(index: string, value: string): number;
  values(): Iterable<E>;
  readonly size: number;
  hasSynced(): boolean;
  synced(signal?: AbortSignal): Promise<void>;
  /** The listener only enqueues. The returned function ends it. */
  onChange(listener: (old: E | undefined, entry: E | undefined) => void): () => void;
  /** Whether this very object is there and not being deleted, by the apiserver: the cache may not have seen its end yet. */
  stands(object: ObjectIdentity, signal: AbortSignal): Promise<boolean>;
  create(object: O, signal: AbortSignal): Promise<O>;
  /** Replaces the status of `entry` at its version and answers with the object as it is stored. */
  replaceStatus(entry: E, status: S, signal: AbortSignal): Promise<O>;
  patchMetadata(entry: E, patch: MetadataPatch, signal: AbortSignal): Promise<O>;
  /** Deletes `entry` with its uid and version as preconditions. What is gone already is success. */
  delete(entry: E, options: { readonly orphan: boolean }, signal: AbortSignal): Promise<void>;
}

export interface SecretReader {
  /** Undefined: there is none. `forbidden`: we may not read it, whether there is one or not. One GET, by name. */
  read(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<(SecretContent & { readonly resourceVersion: string }) | 'forbidden' | undefined>;
}

/** The object that an Event is about. */
export interface EventSubject extends ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface EventSink {
  /** Never blocks and never throws; aggregates and limits by itself. */
  publish(subject: EventSubject, event: EventDraft): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const noLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Counted by the controller. Kinds are `project`, `pool`, `workload`, `resourceSpec`; reasons come from closed sets. */
export interface ControllerMetrics {
  reconciled(kind: string, result: 'success' | 'error' | 'requeue_after', seconds: number): void;
  wrote(kind: string, verb: 'create' | 'status' | 'object' | 'delete', reason: string): void;
  crdOutdated(kind: string, outdated: boolean): void;
  /** Before a worker begins with a key, and after it has ended. */
  active(kind: string, workers: 1 | -1): void;
}

export const noMetrics: ControllerMetrics = {
  reconciled: () => undefined,
  wrote: () => undefined,
  crdOutdated: () => undefined,
  active: () => undefined,
};
