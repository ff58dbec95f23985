import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { microTime } from './micro-time.ts';
import { compareResourceVersions, type KubernetesObject, type ResourceDefinition } from './objects.ts';
import type { CallOptions, ResourceClient } from './resource-client.ts';
import type { Clock } from './runtime.ts';

export const leaseResource: ResourceDefinition = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** More would need as many contenders that ask within milliseconds. */
const releaseTries = 5;

/** coordination.k8s.io/v1 Lease. */
export interface LeaseObject extends KubernetesObject {
  spec?: LeaseSpec;
}

export interface LeaseSpec {
  /** Empty or absent: nobody holds it. */
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

export interface LeaseOptions {
  /** Its `admitWrite` must let everything pass: taking the lease cannot wait for having it. */
  readonly client: ResourceClient<LeaseObject>;
  readonly namespace: string;
  readonly name: string;
  /** Unique for each process, not only for each host: a restarted process is another one. */
  readonly identity: string;
  readonly clock: Clock;
  /** What the holder promises to renew within; a multiple of 1,000 ms. */
  readonly durationMs: number;
  /** The annotation by which another contender asks for the lease. Absent: nobody asks. */
  readonly requestAnnotation?: string;
}

/**
 * One contender's view of a Lease. Clocks of different machines are never compared: whether the holder is alive is
 * judged by when *this* process saw the record change last, on its monotonic clock (as client-go does).
 */
export class Lease {
  readonly #options: LeaseOptions;
  #record: LeaseObject | undefined;
  #changedAt: number;
  #validUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#changedAt = options.clock.monotonic();
  }

  get name(): string {
    return this.#options.name;
  }

  /** Who held it when it was last looked at; empty when nobody did. */
  get holder(): string {
    return this.#record?.spec?.holderIdentity ?? '';
  }

  /** When this process saw the record change last, ms of the monotonic clock: a live holder changes it at each renewal. */
  get changedAt(): number {
    return this.#changedAt;
  }

  get mine(): boolean {
    return this.holder === this.#options.identity;
  }

  /** Who asked the holder for it last; empty when nobody did. Whoever takes the lease ends that. */
  get requestedBy(): string {
    const { requestAnnotation } = this.#options;
    return (requestAnnotation && this.#record?.metadata.annotations?.[requestAnnotation]) || '';
  }

  /**
   * Since when others may take it, ms of the monotonic clock, as far as this process saw: it was released, or its time ran
   * out. Undefined while its holder may be alive.
   */
  get freeSince(): number | undefined {
    if (this.holder === '') return this.#changedAt;
    const end = this.#changedAt + this.#recordedMs();
    return this.#options.clock.monotonic() >= end ? end : undefined;
  }

  /**
   * Until when nobody else can take it, in ms of the monotonic clock; minus infinity when it is not held. Counted from
   * when the last successful renewal was *sent*: whoever watches the lease saw it later.
   */
  get validUntil(): number {
    return this.#validUntil;
  }

  /** Takes or renews the lease; false when another holds it or was quicker. Rejects when the server could not be asked. */
  async acquireOrRenew(deadlineMs: number): Promise<boolean> {
    const call = { deadlineMs };
    const startedAt = this.#options.clock.monotonic();
    // The holder knows the record, and saves the read; a conflict shows that he did not.
    if (this.mine && this.#record && (await this.#write(this.#record, call, startedAt))) return true;
    try {
      this.#observe(await this.#options.client.get(this.#options, call));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Whoever held it may not have noticed yet that somebody deleted it.
      return this.#isAnothers() ? false : this.#create(call, startedAt);
    }
    if (this.#isAnothers()) return false;
    return this.#write(this.#record as LeaseObject, call, startedAt);
  }

  /** Takes in what a list has shown of it. What is older than what is known already is not taken in. */
  observe(record: LeaseObject): void {
    const known = this.#record?.metadata.resourceVersion;
    const seen = record.metadata.resourceVersion ?? '';
    if (known !== undefined && (compareResourceVersions(seen, known) ?? 0) < 0) return;
    this.#observe(record);
  }

  /** Asks the holder for it, on the record that was seen last; the holder decides. */
  async request(deadlineMs: number): Promise<void> {
    const { identity, requestAnnotation, client } = this.#options;
    if (requestAnnotation === undefined || !this.#record) return;
    const annotations = { ...this.#record.metadata.annotations, [requestAnnotation]: identity };
    const metadata = { ...this.#record.metadata, annotations };
    try {
      this.#observe(await client.replace({ ...this.#record, metadata }, { deadlineMs }));
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  /** Gives the lease up, so that the next contender need not wait for it to run out. */
  async release(deadlineMs: number): Promise<void> {
    const { client, clock } = this.#options;
    this.#validUntil = Number.NEGATIVE_INFINITY;
    // A conflict is another holder, or one who has asked for the lease just now.
    for (let tries = 0; this.mine && this.#record && tries < releaseTries; tries++) {
      const now = microTime(clock.now());
      const spec = {
        ...this.#record.spec,
        holderIdentity: '',
        leaseDurationSeconds: 1,
        renewTime: now,
        acquireTime: now,
      };
      try {
        return this.#observe(await client.replace({ ...this.#record, spec }, { deadlineMs }));
      } catch (error) {
        if (isNotFound(error)) return;
        if (!isConflict(error)) throw error;
        this.#observe(await client.get(this.#options, { deadlineMs }));
      }
    }
  }

  #isAnothers(): boolean {
    return !this.mine && this.freeSince === undefined;
  }

  #recordedMs(): number {
    return (this.#record?.spec?.leaseDurationSeconds ?? 0) * 1000;
  }

  async #create(call: CallOptions, startedAt: number): Promise<boolean> {
    const { namespace, name } = this.#options;
    try {
      const made = await this.#options.client.create(
        { metadata: { namespace, name }, spec: this.#mySpec(undefined) },
        call,
      );
      this.#held(made, startedAt);
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async #write(record: LeaseObject, call: CallOptions, startedAt: number): Promise<boolean> {
    try {
      const spec = this.#mySpec(record.spec);
      const metadata = this.mine ? record.metadata : this.#unasked(record.metadata);
      this.#held(await this.#options.client.replace({ ...record, metadata, spec }, call), startedAt);
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  #unasked({ annotations, ...metadata }: LeaseObject['metadata']): LeaseObject['metadata'] {
    const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== this.#options.requestAnnotation);
    return kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) };
  }

  #mySpec(old: LeaseSpec | undefined): LeaseSpec {
    const now = microTime(this.#options.clock.now());
    const renewal = old?.holderIdentity === this.#options.identity;
    return {
      ...old,
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.round(this.#options.durationMs / 1000),
      renewTime: now,
      acquireTime: renewal ? (old.acquireTime ?? now) : now,
      leaseTransitions: (old?.leaseTransitions ?? 0) + (renewal || old === undefined ? 0 : 1),
    };
  }

  #held(record: LeaseObject, startedAt: number): void {
    this.#observe(record);
    this.#validUntil = startedAt + this.#options.durationMs;
  }

  #observe(record: LeaseObject): void {
    // Of the spec: somebody who asks for the lease is no sign of life of its holder.
    if (JSON.stringify(record.spec) !== JSON.stringify(this.#record?.spec)) {
      this.#changedAt = this.#options.clock.monotonic();
    }
    this.#record = record;
    if (!this.mine) this.#validUntil = Number.NEGATIVE_INFINITY;
  }
}
