import { group } from '../api/kinds/metadata.ts';
import { shortHash } from './digest.ts';

/** The name under which the operator's writes appear in managedFields. */
export const fieldManager = 'modelarts-operator';

export const annotations = {
  /** On a discovered pool: the uid of the project whose discovery made it. */
  discoveredBy: `${group}/discovered-by`,
  /** On a project or pool: any new value polls at once. */
  reconcileRequestedAt: `${group}/reconcile-requested-at`,
  /** On a project: the token of the deletions that a person releases. */
  confirmDeletion: `${group}/confirm-deletion`,
  /** On the Lease of a shard: the replica that asks its holder for it. */
  shardRequestedBy: `${group}/shard-requested-by`,
} as const;

const labels = {
  managedBy: 'app.kubernetes.io/managed-by',
  project: `${group}/project`,
  pool: `${group}/pool`,
} as const;

/** Labels of a mirror that the operator makes. `poolName` is the pool's id, on workloads only. */
export function mirrorLabels(projectName: string, poolName?: string): Record<string, string> {
  return {
    [labels.managedBy]: fieldManager,
    [labels.project]: projectName,
    ...(poolName === undefined ? {} : { [labels.pool]: poolName }),
  };
}

/** A label that is ours to set and to put right. */
export function isOwnLabel(key: string): boolean {
  return key === labels.managedBy || key.startsWith(`${group}/`);
}

/** RFC 1123 subdomain: what Kubernetes takes as the name of an object. */
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const maxName = 253;

function isName(text: string): boolean {
  return text.length <= maxName && subdomain.test(text);
}

/** A name that shows what it is for and that no other text yields. */
function nameFor(text: string): string {
  const readable = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40)
    .replace(/-$/, '');
  const unique = shortHash(text) + shortHash(`${text}\n`);
  return readable === '' ? `x-${unique}` : `${readable}-${unique}`;
}

function distinct(name: string, projectName: string): string {
  return `${name.slice(0, maxName - 9)}-${shortHash(projectName)}`;
}

/** The name of a discovered pool: its id, or when an object of another identity has that, its id and a hash. */
export function poolObjectName(poolName: string, projectName: string, taken: boolean): string {
  const name = isName(poolName) ? poolName : nameFor(poolName);
  return taken ? distinct(name, projectName) : name;
}

/** The name of a workload's mirror. `uid` is its identity: often no uid at all but `namespace/name`. */
export function workloadObjectName(
  source: 'Workload' | 'TrainingJobVersion',
  uid: string,
  projectName: string,
  taken: boolean,
): string {
  if (source === 'TrainingJobVersion') {
    const name = `tjv-${uid}-${shortHash(projectName)}`;
    return isName(name) ? name : `tjv-${nameFor(uid)}-${shortHash(projectName)}`;
  }
  const name = isName(uid) ? uid : nameFor(uid);
  return taken ? distinct(name, projectName) : name;
}

/** The name of a resource specification's mirror. */
export function resourceSpecObjectName(
  jobType: string,
  specID: string,
  projectName: string,
  taken: boolean,
): string {
  const readable = `${projectName}-${jobType}-${specID}`;
  // The parts may hold hyphens themselves: what only looks the same must not share a name.
  const name = isName(readable) ? readable : nameFor(`${projectName}/${jobType}/${specID}`);
  return taken ? `${name.slice(0, maxName - 9)}-${shortHash(`${projectName}/${jobType}/${specID}`)}` : name;
}
