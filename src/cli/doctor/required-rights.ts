import { group } from '../../api/kinds/metadata.ts';
import { kinds } from '../../api/kinds/registry.ts';

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
}

const plurals = kinds.map(({ plural }) => plural);
const mirrors = plurals.filter((plural) => plural !== 'modelartsprojects');

/** What manifests/rbac.yaml grants, with the Lease in this place. A test holds the two to each other. */
export function requiredRights(lease: LeasePlace): Right[] {
  const each = (of: Omit<Right, 'verb'>, ...verbs: readonly string[]): Right[] =>
    verbs.map((verb) => ({ ...of, verb }));
  const leases = { group: 'coordination.k8s.io', resource: 'leases', namespace: lease.namespace };
  return [
    ...each({ group, resource: 'modelartsprojects' }, 'get', 'list', 'watch'),
    ...mirrors.flatMap((resource) =>
      each({ group, resource }, 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete'),
    ),
    ...plurals.flatMap((resource) =>
      each({ group, resource, subresource: 'status' }, 'get', 'update', 'patch'),
    ),
    ...each({ group: '', resource: 'secrets' }, 'get'),
    ...each({ group: 'events.k8s.io', resource: 'events' }, 'create', 'patch'),
    ...each(leases, 'create'),
    ...each({ ...leases, name: lease.name }, 'get', 'update'),
  ];
}
