import { operations, type Operation } from './endpoints.ts';

/**
 * What a recording may hold of a field. A field without a rule is foreign to us: only its kind and size are written.
 * An object of rules holds for an object and for each object of a list; a word holds for a value and for each of a list.
 */
export type Rule =
  /** Words, numbers and times that ModelArts defines: as they are. */
  | 'plain'
  /** Names somebody or something: as it is, or scrambled. */
  | 'id'
  /** Written for people: as it is but for what looks like a secret; scrambled, only its length. */
  | 'text'
  /** Addresses of nodes, in one text or a list: as they are, or scrambled. */
  | 'addresses'
  /** Amounts or counts by a name that ModelArts defines. */
  | 'amounts'
  /** Labels or annotations: see `labelRule`. */
  | 'labels'
  | { readonly [field: string]: Rule };

const labelRules: Readonly<Record<string, Rule>> = {
  'os.modelarts/name': 'id',
  'os.modelarts/workspace.id': 'id',
  'os.modelarts/resource.id': 'id',
  'os.modelarts/tenant.domain.id': 'id',
  'os.modelarts/billing.mode': 'plain',
  'os.modelarts/period.num': 'plain',
  'os.modelarts/period.type': 'plain',
  'os.modelarts/auto.renew': 'plain',
};

/** For the value of a label or an annotation that is shown at all. */
export function labelRule(key: string): Rule {
  return Object.hasOwn(labelRules, key) ? (labelRules[key] ?? 'text') : 'text';
}

const said = { code: 'plain', message: 'text', title: 'text' } as const;

/** How an answer says that a call failed, in all families. */
const failure = {
  ...said,
  error: said,
  is_success: 'plain',
  error_code: 'plain',
  errorCode: 'plain',
  error_msg: 'text',
  errorMsg: 'text',
  error_message: 'text',
  request_id: 'id',
} as const;

const envelope = {
  kind: 'plain',
  apiVersion: 'plain',
  total: 'plain',
  count: 'plain',
  metadata: { continue: 'id', remainingItemCount: 'plain' },
} as const;

const nodeCounts = {
  flavor: 'plain',
  nodePool: 'id',
  count: 'plain',
  maxCount: 'plain',
  azs: { az: 'plain', count: 'plain' },
} as const;
const driver = { version: 'plain', state: 'plain' } as const;

const pool = {
  kind: 'plain',
  apiVersion: 'plain',
  metadata: { name: 'id', creationTimestamp: 'plain', labels: 'labels', annotations: 'labels' },
  spec: {
    type: 'plain',
    scope: 'plain',
    resources: nodeCounts,
    network: { name: 'id' },
    jobFlavors: 'plain',
    driver: { gpuVersion: 'plain', npuVersion: 'plain', updateStrategy: 'plain' },
    controlMode: 'plain',
  },
  status: {
    phase: 'plain',
    message: 'text',
    parent: 'id',
    root: 'id',
    resources: {
      creating: nodeCounts,
      available: nodeCounts,
      abnormal: nodeCounts,
      deleting: nodeCounts,
    },
    scope: { scopeType: 'plain', state: 'plain', message: 'text' },
    driver: { gpu: driver, npu: driver },
  },
} as const;

const workload = {
  kind: 'plain',
  apiVersion: 'plain',
  type: 'plain',
  namespace: 'id',
  name: 'id',
  jobName: 'id',
  uid: 'id',
  jobUUID: 'id',
  flavor: 'plain',
  status: 'plain',
  resourceRequirement: 'amounts',
  priority: 'plain',
  runningDuration: 'plain',
  pendingDuration: 'plain',
  pendingPosition: 'plain',
  createTime: 'plain',
  gvk: 'plain',
  hostIps: 'addresses',
  isDeleted: 'plain',
  // How many there are counts.
  nodes: {},
} as const;

const statistics = {
  total: 'plain',
  items: { type: 'plain', total: 'plain', status: 'amounts' },
} as const;

const version = {
  version_id: 'id',
  version_name: 'id',
  status: 'plain',
  create_time: 'plain',
  start_time: 'plain',
  end_time: 'plain',
  duration: 'plain',
  version_desc: 'text',
  pool_id: 'id',
  flavor_code: 'plain',
  npu_num: 'plain',
  gpu_num: 'plain',
} as const;

const resourceSpec = {
  spec_id: 'plain',
  spec_code: 'plain',
  core: 'plain',
  cpu: 'plain',
  gpu_num: 'plain',
  gpu_type: 'plain',
  max_num: 'plain',
  unit_num: 'plain',
  storage: 'plain',
  interface_type: 'plain',
  no_resource: 'plain',
} as const;

const measured = { value: 'amounts', maxValue: 'amounts', timestamp: 'plain', window: 'plain' } as const;
const cards = { type: 'plain', size: 'plain', memory: 'plain' } as const;

const rules: Readonly<Record<Operation, Rule>> = {
  [operations.listPools]: { ...failure, ...envelope, items: pool },
  [operations.getPool]: { ...failure, ...pool },
  [operations.listWorkloads]: { ...failure, ...envelope, items: workload },
  [operations.getStatistics]: { ...failure, statistics, statics: statistics, total: 'plain' },
  [operations.getRuntimeMetrics]: {
    ...failure,
    ...envelope,
    items: { metadata: { name: 'id' }, table: { allocated: measured, capacity: measured } },
  },
  [operations.listWorkspaces]: {
    ...failure,
    workspaces: { id: 'id', name: 'id', status: 'plain' },
    total_count: 'plain',
    count: 'plain',
  },
  [operations.listTrainingJobVersions]: {
    ...failure,
    versions: version,
    offset: 'plain',
    limit: 'plain',
    total_count: 'plain',
  },
  [operations.listResourceSpecs]: { ...failure, specs: resourceSpec, spec_total_count: 'plain' },
  [operations.listResourceFlavors]: {
    ...failure,
    ...envelope,
    items: {
      kind: 'plain',
      apiVersion: 'plain',
      metadata: { name: 'plain' },
      spec: { cpu: 'plain', memory: 'plain', gpu: cards, npu: cards },
    },
  },
  // Never recorded: it holds the user, and its answer the token.
  [operations.createToken]: {},
};

export function bodyRule(operation: Operation): Rule {
  return rules[operation];
}

const queryRules: Readonly<Record<string, Rule>> = {
  workspaceId: 'id',
  workspace_id: 'id',
  labelSelector: 'id',
  continue: 'id',
};

export function queryRule(name: string): Rule {
  return queryRules[name] ?? 'plain';
}
