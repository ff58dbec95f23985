import { isAlreadyExists, isConflict, isNotFound } from './errors.ts';
import { microTime } from './micro-time.ts';
import type { KubernetesObject, ResourceDefinition } from './objects.ts';
import type { CallOptions, ResourceClient } from './resource-client.ts';
import type { Clock } from './runtime.ts';

export const leaseResource: ResourceDefinition = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

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
}

/**
 * One contender's view of a Lease. Clocks of different machines are never compared: whether the holder is alive is
 * judged by when *this* process saw the record change last, on its monotonic clock (as client-go does).
 */
export class Lease {
  readonly #options: LeaseOptions;
  #record: LeaseObject | undefined;
  #changedAt = 0;
  #validUntil = Number.NEGATIVE_INFINITY;

  constructor(options: LeaseOptions) {
    this.#options = options;
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
      return this.#create(call, startedAt);
    }
    if (!this.mine && this.holder !== '' && !this.#expired()) return false;
    return this.#write(this.#record as LeaseObject, call, startedAt);
  }

  /** Gives the lease up, so that the next contender need not wait for it to run out. */
  async release(deadlineMs: number): Promise<void> {
    if (!this.mine || !this.#record) return;
    this.#validUntil = Number.NEGATIVE_INFINITY;
    const now = microTime(this.#options.clock.now());
    const spec = {
      ...this.#record.spec,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: now,
    };
    try {
      this.#observe(await this.#options.client.replace({ ...this.#record, spec }, { deadlineMs }));
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
    }
  }

  #expired(): boolean {
    const ms = (this.#record?.spec?.leaseDurationSeconds ?? 0) * 1000;
    return this.#options.clock.monotonic() >= this.#changedAt + ms;
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
      this.#held(await this.#options.client.replace({ ...record, spec }, call), startedAt);
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
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
    if (record.metadata.resourceVersion !== this.#record?.metadata.resourceVersion) {
      this.#changedAt = this.#options.clock.monotonic();
    }
    this.#record = record;
    if (!this.mine) this.#validUntil = Number.NEGATIVE_INFINITY;
  }
}
