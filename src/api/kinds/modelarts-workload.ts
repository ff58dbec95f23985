import type { Static } from 'typebox';
import { count, object, oneOf, optional, setOf, text, time } from '../schema/fields.ts';
import { conditions } from './condition.ts';
import { ageColumn, type Kind } from './kind.ts';
import type { Resource } from './metadata.ts';
import { quantities } from './quantity.ts';
import { poolID, projectRef } from './references.ts';

const spec = object(
  'spec says which job this object shows. It must not change.',
  {
    projectRef: projectRef(),
    poolName: optional(
      poolID(
        'poolName is the id of the pool that the job belongs to. It must be set when source is Workload; a ' +
          'TrainingJobVersion often runs in a pool that this API does not show.',
      ),
    ),
    source: oneOf(
      'source is the ModelArts API that the job is read from: Workload (GET /v2/{project}/pools/{pool}/workloads) or ' +
        'TrainingJobVersion (GET /v1/{project}/training-jobs/versions).',
      ['Workload', 'TrainingJobVersion'],
    ),
    uid: text(
      'uid identifies the job within its project and source: its uid, or where that is missing its jobUUID, or its ' +
        'namespace/name; the version id for a TrainingJobVersion.',
      { minLength: 1, maxLength: 512 },
    ),
  },
  {
    rules: [
      { rule: 'self == oldSelf', message: '`spec` must not change; create another object instead' },
      {
        rule: "self.source != 'Workload' || has(self.poolName)",
        message: "`poolName` must be set when `source` is 'Workload'",
        fieldPath: '.poolName',
      },
    ],
  },
);

const word = (description: string) => optional(text(description, { maxLength: 256 }));

const status = object('status is what ModelArts last said about the job, written by the operator.', {
  conditions: conditions(
    'are the latest observations, as those of a batch/v1 Job: Complete (it ended well), Failed (it ended otherwise; ' +
      'reason Terminated when it was stopped), Running and Queued. How fresh they are, the condition Synced of the ' +
      'pool says.',
  ),
  type: word('type is train, infer, notebook, x-infer or another word of ModelArts.'),
  name: word('name is the name of the cluster object that runs the job.'),
  jobName: word('jobName is the name that people gave the job.'),
  jobID: word('jobID is the id of the job (jobUUID). Several workloads may share it.'),
  phase: word(
    'phase is the status word of ModelArts: Queue, Pending, Creating, Running, Abnormal, Terminating, Completed, ' +
      'Terminated, Failed or another.',
  ),
  priority: word('priority is the priority of the job, a number as text; a higher one goes first.'),
  flavor: word('flavor is the job flavor.'),
  nodeCount: optional(count('nodeCount is the number of nodes that the job runs on.')),
  resources: optional(
    quantities(
      'resources are what the job asks for, by resource name (cpu, memory, nvidia.com/gpu and others), from ' +
        'resourceRequirement.',
    ),
  ),
  accelerator: optional(
    object('accelerator is what the job asks for in GPUs or NPUs; absent when it asks for none.', {
      type: word(
        'type is the kind of accelerator, the last part of its resource name, such as ascend-1980; gpu or npu where ' +
          'ModelArts says no more.',
      ),
      count: optional(count('count is the number of accelerators.')),
      summary: word(
        'summary is one text for the column ACCEL, such as "8 ascend-1980". It is derived and not for programs.',
      ),
    }),
  ),
  gvk: word('gvk is the kind of the cluster object, such as "batch.volcano.sh/v1alpha1, Kind=Job".'),
  hostIPs: optional(
    setOf(
      'hostIPs are the addresses of the nodes that the job runs on; absent before it is placed.',
      text('An IP address.', { maxLength: 64 }),
      { maxItems: 128 },
    ),
  ),
  queuePosition: optional(
    count(
      'queuePosition is the exact place in the queue, 1 being next; absent where it is not known exactly.',
    ),
  ),
  queuePositionAtMost: optional(
    count(
      'queuePositionAtMost is the place in the queue that the job is not behind, set while it is queued: the exact ' +
        'place up to 10, then the end of its band (20, 50, 100, 200, 500 and so on).',
    ),
  ),
  creationTime: optional(
    time('creationTime is when the job was created, in UTC, from createTime or create_time.'),
  ),
  startTime: optional(
    time(
      'startTime is when the job began to run, in UTC, derived from the durations of ModelArts; from start_time.',
    ),
  ),
  completionTime: optional(
    time(
      'completionTime is when the job ended, well or not, in UTC: startTime and the time that it ran; from end_time.',
    ),
  ),
  description: optional(
    text('description is free text that people gave the job, from version_desc.', { maxLength: 1024 }),
  ),
  message: optional(text('message is a text about the phase.', { maxLength: 1024 })),
});

export type ModelArtsWorkloadSpec = Static<typeof spec>;
export type ModelArtsWorkloadStatus = Static<typeof status>;
export type ModelArtsWorkload = Resource<'ModelArtsWorkload', ModelArtsWorkloadSpec, ModelArtsWorkloadStatus>;

export const modelArtsWorkload = {
  kind: 'ModelArtsWorkload',
  plural: 'modelartsworkloads',
  singular: 'modelartsworkload',
  shortName: 'mawl',
  description:
    'ModelArtsWorkload shows one job of a ModelArts resource pool: training, inference or a notebook. The operator ' +
    'makes, fills and deletes it. Nothing is ever written to ModelArts.',
  spec,
  status,
  columns: [
    { name: 'Type', type: 'string', jsonPath: '.status.type' },
    { name: 'Job', type: 'string', jsonPath: '.status.jobName' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Accel', type: 'string', jsonPath: '.status.accelerator.summary' },
    { name: 'Queue', type: 'integer', jsonPath: '.status.queuePositionAtMost' },
    ageColumn,
    // A pool's id is longer than forty characters, and so is the object's name: a line of 120 has no room for both.
    { name: 'Pool', type: 'string', jsonPath: '.spec.poolName', priority: 1 },
    { name: 'Priority', type: 'string', jsonPath: '.status.priority', priority: 1 },
    { name: 'Flavor', type: 'string', jsonPath: '.status.flavor', priority: 1 },
    { name: 'Hosts', type: 'string', jsonPath: '.status.hostIPs', priority: 1 },
    { name: 'Started', type: 'date', jsonPath: '.status.startTime', priority: 1 },
  ],
  selectableFields: [
    '.spec.projectRef.name',
    '.spec.poolName',
    '.spec.source',
    '.status.type',
    '.status.phase',
    '.status.jobName',
    '.status.jobID',
  ],
} as const satisfies Kind;
