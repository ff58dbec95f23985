import { packedTime, unpackedTime } from './time.ts';
import type { WorkloadRecord } from './world.ts';

/** What the mirrors of one pool have in common while they are in one phase. */
export type CommonValues = Pick<
  WorkloadRecord,
  | 'namespace'
  | 'project'
  | 'source'
  | 'poolName'
  | 'ownerUID'
  | 'labels'
  | 'generation'
  | 'deleting'
  | 'phase'
  | 'type'
>;

/**
 * A record as the cache keeps it, for each of maybe 100,000 mirrors: what they have in common is kept once for all of
 * them, and what is their own as small as it gets. Gives back exactly what it was made of.
 */
export class KeptWorkload implements WorkloadRecord {
  readonly name: string;
  readonly identity: string;
  readonly digest: number;
  readonly #common: CommonValues;
  readonly #uid: bigint | string;
  readonly #version: number | string;
  // Seconds: V8 keeps whole ones within the object, and milliseconds as an object each.
  readonly #createdAt: number;
  readonly #startTime: number | undefined;
  readonly #completionTime: number | undefined;
  readonly #phaseSince: number | undefined;

  constructor(record: WorkloadRecord, common: CommonValues) {
    this.name = record.name;
    // Most mirrors are named by their identity: one text instead of two that are equal.
    this.identity = record.identity === record.name ? record.name : record.identity;
    this.digest = record.digest;
    this.#common = common;
    this.#uid = packedUID(record.uid);
    this.#version = packedVersion(record.resourceVersion);
    this.#createdAt = record.createdAt / 1000;
    this.#startTime = packedTime(record.startTime);
    this.#completionTime = packedTime(record.completionTime);
    this.#phaseSince = packedTime(record.phaseSince);
  }

  get namespace(): string {
    return this.#common.namespace;
  }
  get project(): string {
    return this.#common.project;
  }
  get source(): string {
    return this.#common.source;
  }
  get poolName(): string | undefined {
    return this.#common.poolName;
  }
  get ownerUID(): string | undefined {
    return this.#common.ownerUID;
  }
  get labels(): Readonly<Record<string, string>> {
    return this.#common.labels;
  }
  get generation(): number {
    return this.#common.generation;
  }
  get deleting(): boolean {
    return this.#common.deleting;
  }
  get phase(): string | undefined {
    return this.#common.phase;
  }
  get type(): string | undefined {
    return this.#common.type;
  }
  get uid(): string {
    return unpackedUID(this.#uid);
  }
  get resourceVersion(): string {
    return String(this.#version);
  }
  get createdAt(): number {
    return Math.round(this.#createdAt * 1000);
  }
  get startTime(): number | undefined {
    return unpackedTime(this.#startTime);
  }
  get completionTime(): number | undefined {
    return unpackedTime(this.#completionTime);
  }
  get phaseSince(): number | undefined {
    return unpackedTime(this.#phaseSince);
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** 16 bytes where it is a UUID, as those of the apiserver are; else the text. */
function packedUID(uid: string): bigint | string {
  return uuid.test(uid) ? BigInt(`0x${uid.replaceAll('-', '')}`) : uid;
}

function unpackedUID(uid: bigint | string): string {
  if (typeof uid === 'string') return uid;
  const hex = uid.toString(16).padStart(32, '0');
  const ends = [8, 12, 16, 20, 32];
  return ends.map((end, part) => hex.slice(ends[part - 1] ?? 0, end)).join('-');
}

/** A number where it is the decimal text of one, as etcd's revisions are. */
function packedVersion(version: string): number | string {
  const number = Number(version);
  return Number.isSafeInteger(number) && String(number) === version ? number : version;
}
