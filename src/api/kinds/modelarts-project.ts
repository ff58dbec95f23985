import type { Static } from 'typebox';
import { count, mapOf, object, optional, text, time } from '../schema/fields.ts';
import { conditions } from './condition.ts';
import { ageColumn, conditionColumn, type Kind } from './kind.ts';
import type { Resource } from './metadata.ts';
import { projectSpec } from './modelarts-project-spec.ts';
import type { ModelArtsProjectSpec } from './project-defaults.ts';

export { withDefaults, type ModelArtsProjectSpec, type ResolvedProjectSpec } from './project-defaults.ts';

const mirrors = (field: string) => optional(count(`${field} is the number of mirrors of that kind.`));

const status = object('status is how the mirroring of the project goes, written by the operator.', {
  conditions: conditions(
    'are the latest observations: Ready (reading works, at least in part), Authenticated (ModelArts accepted the ' +
      'credential), Synced (the last reads were complete) and DeletionBlocked (more mirrors than allowed would go).',
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
  lastSyncTime: optional(
    time(
      'lastSyncTime is about when the last complete read ended, in UTC, written at most every maxStaleness.',
    ),
  ),
  pools: mirrors('pools'),
  workloads: mirrors('workloads'),
  resourceSpecs: mirrors('resourceSpecs'),
  apiFeatures: optional(
    mapOf(
      'apiFeatures say which calls ModelArts answers here, one word for each, such as poolList: Partial.',
      text('How far the call is offered.', { maxLength: 64 }),
      { maxProperties: 32 },
    ),
  ),
  effective: optional(
    object(
      'effective are the intervals in use; longer than those of polling where the budget is too small.',
      {
        poolInterval: optional(
          text('poolInterval is the time between two reads of the pools, a duration.', { maxLength: 32 }),
        ),
        workloadInterval: optional(
          text('workloadInterval is the time between two reads of the jobs of a pool, a duration.', {
            maxLength: 32,
          }),
        ),
      },
    ),
  ),
  refusedSecretVersion: optional(
    text(
      'refusedSecretVersion is the resourceVersion of the Secret that ModelArts refused; it is not tried again soon.',
      { maxLength: 128 },
    ),
  ),
});

export type ModelArtsProjectStatus = Static<typeof status>;
export type ModelArtsProject = Resource<'ModelArtsProject', ModelArtsProjectSpec, ModelArtsProjectStatus>;

export const modelArtsProject = {
  kind: 'ModelArtsProject',
  plural: 'modelartsprojects',
  singular: 'modelartsproject',
  shortName: 'maproj',
  description:
    'ModelArtsProject is a connection to one project of ModelArts, written by a user. The operator mirrors the pools ' +
    'and jobs of the project into the same namespace. Nothing is ever written to ModelArts.',
  spec: projectSpec,
  status,
  rules: [
    {
      rule: 'size(self.metadata.name) <= 63',
      message: '`metadata.name` must be at most 63 characters long',
    },
  ],
  columns: [
    conditionColumn('Ready', 'Ready'),
    conditionColumn('Synced', 'Synced'),
    { name: 'Pools', type: 'integer', jsonPath: '.status.pools' },
    { name: 'Workloads', type: 'integer', jsonPath: '.status.workloads' },
    ageColumn,
    { name: 'Project', type: 'string', jsonPath: '.spec.projectID', priority: 1 },
    { name: 'Endpoint', type: 'string', jsonPath: '.spec.endpoint', priority: 1 },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      priority: 1,
    },
  ],
  selectableFields: ['.spec.projectID'],
} as const satisfies Kind;
