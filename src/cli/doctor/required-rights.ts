import { group } from '../../api/kinds/metadata.ts';
import { kinds } from '../../api/kinds/registry.ts';
import { shardLeaseName } from '../shard-lease-name.ts';

/** One thing that the operator does in a cluster. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  /** Absent: in each namespace that it works in. */
  readonly namespace?: string;
  readonly name?: string;
}

export interface LeasePlace {
  readonly namespace: string;
  readonly name: string;
  /** Over how many Leases the projects are divided (`--shards`). 1: one Lease of this very name. */
  readonly shards: number;
}

/** The names of the Leases that replicas hold there. */
export function leaseNames({ name, shards }: LeasePlace): string[] {
  return shards === 1 ? [name] : Array.from({ length: shards }, (_, shard) => shardLeaseName(name, shard));
}

const plurals = kinds.map(({ plural }) => plural);
const mirrors = plurals.filter((plural) => plural !== 'modelartsprojects');

/** What manifests/base/rbac.yaml grants, with the Leases in this place. A test holds the two to each other. */
export function requiredRights(lease: LeasePlace): Right[] {
  const each = (of: Omit<Right, 'verb'>, ...verbs: readonly string[]): Right[] =>
    verbs.map((verb) => ({ ...of, verb }));
  const leases = { group: 'coordination.k8s.io', resource: 'leases', namespace: lease.namespace };
  return [
    ...each({ group, resource: 'modelartsprojects' }, 'list', 'watch'),
    ...mirrors.flatMap((resource) => each({ group, resource }, 'list', 'watch', 'create', 'patch', 'delete')),
    ...plurals.flatMap((resource) => each({ group, resource, subresource: 'status' }, 'update')),
    ...each({ group: '', resource: 'secrets' }, 'get'),
    ...each({ group: 'events.k8s.io', resource: 'events' }, 'create', 'patch'),
    ...each(leases, 'create', ...(lease.shards > 1 ? ['list'] : [])),
    ...leaseNames(lease).flatMap((name) => each({ ...leases, name }, 'get', 'update')),
  ];
}
