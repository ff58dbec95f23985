import { apiVersion } from '../../src/api/kinds/metadata.ts';
import type { Condition } from '../../src/api/kinds/condition.ts';
import type { ModelArtsPool, ModelArtsPoolStatus } from '../../src/api/kinds/modelarts-pool.ts';
import type {
  ModelArtsProject,
  ModelArtsProjectSpec,
  ModelArtsProjectStatus,
} from '../../src/api/kinds/modelarts-project.ts';
import type { ModelArtsWorkload, ModelArtsWorkloadStatus } from '../../src/api/kinds/modelarts-workload.ts';

/** Mirrors as the operator would have written them, for what reads them. */

export function aCondition(
  type: string,
  status: Condition['status'],
  reason = 'AnyReason',
  message = '',
): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-02T03:04:05Z' };
}

const wellRead = [aCondition('Ready', 'True', 'Running'), aCondition('Synced', 'True', 'ReadComplete')];

export function poolObject(
  name: string,
  status: ModelArtsPoolStatus = {},
  namespace = 'team',
): ModelArtsPool {
  return {
    apiVersion,
    kind: 'ModelArtsPool',
    metadata: { name, namespace },
    spec: { projectRef: { name: 'eu' }, poolName: `${name}-id` },
    status: { phase: 'Running', conditions: wellRead, ...status },
  };
}

export function workloadObject(
  name: string,
  status: ModelArtsWorkloadStatus = {},
  namespace = 'team',
): ModelArtsWorkload {
  return {
    apiVersion,
    kind: 'ModelArtsWorkload',
    metadata: { name, namespace },
    spec: { projectRef: { name: 'eu' }, poolName: 'pool-id', source: 'Workload', uid: name },
    status: { phase: 'Queue', jobName: `${name}-job`, ...status },
  };
}

export function projectObject(
  name: string,
  spec: Partial<ModelArtsProjectSpec> = {},
  status: ModelArtsProjectStatus = {},
): ModelArtsProject {
  return {
    apiVersion,
    kind: 'ModelArtsProject',
    metadata: { name, namespace: 'team' },
    spec: {
      endpoint: 'https://modelarts.example.com',
      projectID: '0123456789abcdef0123456789abcdef',
      credentials: { secretRef: { name: 'secret' } },
      ...spec,
    },
    status,
  };
}
