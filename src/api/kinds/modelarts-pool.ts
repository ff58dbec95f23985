import type { Static } from 'typebox';
import { count, integer, mapOf, object, optional, setOf, tableOf, text, time } from '../schema/fields.ts';
import { conditions } from './condition.ts';
import { ageColumn, conditionColumn, type Kind } from './kind.ts';
import type { Resource } from './metadata.ts';
import { quantities } from './quantity.ts';
import { immutable, poolID, projectRef } from './references.ts';

const spec = object('spec says which pool of which project this object shows.', {
  projectRef: projectRef(),
  poolName: poolID(
    'poolName is the id of the pool (its metadata.name in ModelArts, not its display name), at most 63 characters ' +
      'that a label value may hold. It must not change.',
    [immutable('poolName')],
  ),
});

const word = (description: string) => optional(text(description, { maxLength: 256 }));

function driver(kind: 'gpu' | 'npu') {
  const upstream = kind.toUpperCase();
  return optional(
    object(`${kind} is the ${upstream} driver; absent in a pool without such accelerators.`, {
      version: word(`version is the ${upstream} driver version in use, from status.driver.${kind}.version.`),
      state: word(
        `state is the state of the ${upstream} driver (Creating, Upgrading, Running, Abnormal or another word of ` +
          `ModelArts), from status.driver.${kind}.state.`,
      ),
      desiredVersion: word(
        `desiredVersion is the ${upstream} driver version that is wanted, from spec.driver.${kind}Version.`,
      ),
    }),
  );
}

const nodeRow = object('Nodes of one flavor and node pool.', {
  flavor: text('flavor is the name of the flavor.', { maxLength: 128 }),
  nodePool: text('nodePool is the name of the node pool; empty where the row names none.', {
    maxLength: 128,
    default: '',
  }),
  count: count('count is the number of nodes.'),
  maxCount: optional(count('maxCount is the number of nodes up to which the row may grow.')),
  azs: optional(
    tableOf(
      'azs are the nodes by availability zone.',
      ['az'],
      object('Nodes in one availability zone.', {
        az: text('az is the name of the availability zone.', { maxLength: 128 }),
        count: count('count is the number of nodes in the zone.'),
      }),
      { maxItems: 32 },
    ),
  ),
});

const nodeRows = (field: string, meaning: string, upstream: string) =>
  optional(
    tableOf(
      `${field} are the nodes ${meaning}, by flavor and node pool, from ${upstream}.`,
      ['flavor', 'nodePool'],
      nodeRow,
      { maxItems: 64 },
    ),
  );

const nodeSum = (field: string, meaning: string) =>
  optional(count(`${field} is the number of nodes ${meaning}, the sum over resources.${field}.`));

const byStatus = (whose: string) =>
  optional(
    mapOf(
      `byStatus is the number of ${whose} by status word of ModelArts (Queue, Running, Completed and others).`,
      count('A number of workloads.'),
      { maxProperties: 64 },
    ),
  );

const status = object('status is what ModelArts last said about the pool, written by the operator.', {
  conditions: conditions(
    'are the latest observations: Ready (the pool can run jobs), Synced (the last read of the pool was complete), ' +
      'DriverReady (every accelerator driver runs; absent without one), and only while true Reconciling (ModelArts ' +
      'is at work on the pool) and Stalled (a person must act).',
  ),
  observedGeneration: optional(
    count('observedGeneration is the metadata.generation that this status was written for.'),
  ),
  lastHandledReconcileAt: optional(
    text(
      'lastHandledReconcileAt is the value of the annotation modelarts-operator.dev/reconcile-requested-at that was ' +
        'last acted upon.',
      { maxLength: 256 },
    ),
  ),
  displayName: word('displayName is the name that people gave the pool, from the label os.modelarts/name.'),
  type: word(
    'type is Dedicate (physical), Logical (a sub-pool) or another word of ModelArts, from spec.type.',
  ),
  workspaceID: word(
    'workspaceID is the workspace of the pool, from the label os.modelarts/workspace.id; 0 is the default workspace.',
  ),
  networkName: word('networkName is the id of the network of the pool, from spec.network.name.'),
  description: optional(
    text('description is free text from the annotation os.modelarts/description.', { maxLength: 1024 }),
  ),
  billingMode: word(
    'billingMode is 0 (pay per use), 1 (yearly or monthly) or another word of ModelArts, from the annotation ' +
      'os.modelarts/billing.mode.',
  ),
  creationTime: optional(
    time('creationTime is when the pool was created, in UTC, from metadata.creationTimestamp.'),
  ),
  parent: word('parent is the id of the parent pool; absent for a physical pool. From status.parent.'),
  root: word('root is the id of the root pool; a physical pool names itself. From status.root.'),
  jobFlavors: optional(
    setOf(
      'jobFlavors are the job flavors that the pool allows, from spec.jobFlavors.',
      text('A job flavor.', { maxLength: 128 }),
      { maxItems: 128 },
    ),
  ),
  phase: word(
    'phase is the phase of the pool as ModelArts says it (Creating, Running, Abnormal, Deleting, Error and others), ' +
      'from status.phase.',
  ),
  message: optional(
    text('message is the text of ModelArts about the phase, from status.message.', { maxLength: 2048 }),
  ),
  driver: optional(
    object('driver is the state of the accelerator drivers; absent in a pool without accelerators.', {
      gpu: driver('gpu'),
      npu: driver('npu'),
      updateStrategy: word(
        'updateStrategy is force (at once, may disturb jobs) or idle (when a node is free), from ' +
          'spec.driver.updateStrategy.',
      ),
      summary: word(
        'summary is one text for the column DRIVER, such as "gpu Running". It is derived and not for programs.',
      ),
    }),
  ),
  scopes: optional(
    tableOf(
      'scopes are the kinds of jobs that the pool serves, from status.scope.',
      ['type'],
      object('One kind of jobs.', {
        type: text('type is Train, Infer, Notebook or another word of ModelArts, from scopeType.', {
          maxLength: 128,
        }),
        state: word('state is Enabling, Enabled, Disabling, Disabled or another word of ModelArts.'),
      }),
      { maxItems: 32 },
    ),
  ),
  resources: optional(
    object(
      'resources are the nodes in each state. Rows of equal flavor and node pool are one, their counts added.',
      {
        creating: nodeRows('creating', 'that are being created', 'status.resources.creating'),
        available: nodeRows('available', 'that can run jobs', 'status.resources.available'),
        abnormal: nodeRows('abnormal', 'that are out of order', 'status.resources.abnormal'),
        deleting: nodeRows('deleting', 'that are being deleted', 'status.resources.deleting'),
        desired: nodeRows('desired', 'that are wanted', 'spec.resources'),
      },
    ),
  ),
  nodes: optional(
    object('nodes are the sums over resources, for columns and alerts.', {
      desired: nodeSum('desired', 'that are wanted'),
      creating: nodeSum('creating', 'that are being created'),
      available: nodeSum('available', 'that can run jobs'),
      abnormal: nodeSum('abnormal', 'that are out of order'),
      deleting: nodeSum('deleting', 'that are being deleted'),
      summary: word(
        'summary is available over desired nodes, such as "2/2", for the column NODES. It is derived and not for ' +
          'programs.',
      ),
    }),
  ),
  restrictions: optional(
    object('restrictions are what is blocked for the pool, from spec.controlMode; absent when nothing is.', {
      value: optional(
        integer('value is the bit mask as ModelArts sends it.', {
          minimum: 0,
          maximum: Number.MAX_SAFE_INTEGER,
        }),
      ),
      flags: optional(
        setOf(
          'flags are the bits of value by name; an undocumented bit has its value in its name, such as Bit32.',
          text('The name of one bit.', { maxLength: 64 }),
          { maxItems: 64 },
        ),
      ),
    }),
  ),
  workloads: optional(
    object('workloads are the numbers of jobs in the pool, from its workload statistics.', {
      total: optional(count('total is the number of jobs, ended ones included.')),
      byStatus: byStatus('jobs'),
      byType: optional(
        tableOf(
          'byType are the same numbers for each type of job.',
          ['type'],
          object('The numbers of one type of job.', {
            type: text('type is train, infer, notebook or another word of ModelArts.', { maxLength: 128 }),
            total: optional(count('total is the number of jobs of the type.')),
            byStatus: byStatus('jobs of the type'),
          }),
          { maxItems: 32 },
        ),
      ),
    }),
  ),
  capacity: optional(
    quantities(
      'capacity is what all available nodes have together, by resource name, from the runtime metrics of ModelArts or ' +
        'else from the flavors of the nodes; absent where it is not known.',
    ),
  ),
  allocated: optional(
    quantities(
      'allocated is what placed jobs that have not ended asked for together, by resource name such as ' +
        'nvidia.com/gpu, huawei.com/ascend-1980, cpu or memory; from the runtime metrics of ModelArts where not every ' +
        'such job is mirrored, and absent where those are not known.',
    ),
  ),
  free: optional(
    quantities('free is capacity less allocated, never negative; absent where either is not known.'),
  ),
  labels: optional(
    mapOf(
      'labels are the labels of the pool in ModelArts, without ordering and personal data.',
      text('A label value.', { maxLength: 512 }),
      { maxProperties: 64 },
    ),
  ),
  annotations: optional(
    mapOf(
      'annotations are the annotations of the pool in ModelArts, without ordering and personal data.',
      text('An annotation value.', { maxLength: 2048 }),
      { maxProperties: 64 },
    ),
  ),
});

export type ModelArtsPoolSpec = Static<typeof spec>;
export type ModelArtsPoolStatus = Static<typeof status>;
export type ModelArtsPool = Resource<'ModelArtsPool', ModelArtsPoolSpec, ModelArtsPoolStatus>;

export const modelArtsPool = {
  kind: 'ModelArtsPool',
  plural: 'modelartspools',
  singular: 'modelartspool',
  shortName: 'mapool',
  description:
    'ModelArtsPool shows one ModelArts resource pool. The operator makes one for each pool that it discovers; one ' +
    'that a user writes is filled in the same way and never deleted by the operator. Nothing is ever written to ' +
    'ModelArts.',
  spec,
  status,
  columns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    conditionColumn('Ready', 'Ready'),
    { name: 'Nodes', type: 'string', jsonPath: '.status.nodes.summary' },
    { name: 'Driver', type: 'string', jsonPath: '.status.driver.summary' },
    { name: 'Running', type: 'integer', jsonPath: '.status.workloads.byStatus.Running' },
    { name: 'Queued', type: 'integer', jsonPath: '.status.workloads.byStatus.Queue' },
    ageColumn,
    { name: 'Type', type: 'string', jsonPath: '.status.type', priority: 1 },
    { name: 'Workspace', type: 'string', jsonPath: '.status.workspaceID', priority: 1 },
    { name: 'NPU', type: 'string', jsonPath: '.status.driver.npu.version', priority: 1 },
    { name: 'GPU', type: 'string', jsonPath: '.status.driver.gpu.version', priority: 1 },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      priority: 1,
    },
  ],
  selectableFields: [
    '.spec.projectRef.name',
    '.spec.poolName',
    '.status.phase',
    '.status.type',
    '.status.workspaceID',
  ],
} as const satisfies Kind;
