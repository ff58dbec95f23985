/**
 * A key names one mirror by its identity, never by its object's name. It is a plain text because the work queue
 * dedupes by equality.
 */
export type MirrorKey =
  | { readonly kind: 'project'; readonly namespace: string; readonly project: string }
  | { readonly kind: 'pool'; readonly namespace: string; readonly project: string; readonly poolName: string }
  | {
      readonly kind: 'resourceSpec';
      readonly namespace: string;
      readonly project: string;
      readonly jobType: string;
      readonly specID: string;
    }
  | {
      readonly kind: 'workload';
      readonly namespace: string;
      readonly project: string;
      readonly source: 'Workload' | 'TrainingJobVersion';
      /** Last, because it is upstream's text and may hold any character. */
      readonly uid: string;
    };

/** Namespaces, object names and types of jobs hold no `/`, so the parts cannot run into each other. */
export function formatKey(key: MirrorKey): string {
  switch (key.kind) {
    case 'project':
      return `project/${key.namespace}/${key.project}`;
    case 'pool':
      return `pool/${key.namespace}/${key.project}/${key.poolName}`;
    case 'resourceSpec':
      return `resourceSpec/${key.namespace}/${key.project}/${key.jobType}/${key.specID}`;
    case 'workload':
      return `workload/${key.namespace}/${key.project}/${key.source}/${key.uid}`;
  }
}

export function parseKey(text: string): MirrorKey {
  const [kind = '', namespace = '', project = '', ...rest] = text.split('/');
  if (kind === 'project') return { kind, namespace, project };
  if (kind === 'pool') return { kind, namespace, project, poolName: rest.join('/') };
  if (kind === 'resourceSpec') {
    const [jobType = '', ...specID] = rest;
    return { kind, namespace, project, jobType, specID: specID.join('/') };
  }
  const [source, ...uid] = rest;
  if (kind === 'workload' && (source === 'Workload' || source === 'TrainingJobVersion')) {
    return { kind, namespace, project, source, uid: uid.join('/') };
  }
  throw new TypeError(`not a mirror key: ${text}`);
}

/** What the queue is fair between: `namespace/project`. */
export function groupOf(text: string): string {
  const [, namespace, project] = text.split('/', 3);
  return `${namespace}/${project}`;
}
