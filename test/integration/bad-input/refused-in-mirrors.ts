import {
  notAName,
  notAPoolID,
  pool,
  project,
  resourceSpec,
  unset,
  values,
  workload,
  type RefusedRow,
  type Refusal,
  type Resource,
  type Spec,
} from './row.ts';

const rowsOf =
  (kind: RefusedRow['kind']) =>
  (field: string, wrong: string, gets: string, tries: readonly Refusal[]): RefusedRow => ({
    kind,
    field,
    wrong,
    gets,
    tries,
  });
const ofPool = rowsOf('ModelArtsPool');
const ofWorkload = rowsOf('ModelArtsWorkload');
const ofSpec = rowsOf('ModelArtsResourceSpec');

const named = (make: (spec: Spec) => Resource) => (name: unknown) => make({ projectRef: { name } });
const notAnObject = (make: (spec: Spec) => Resource): Refusal[] =>
  values(named(make), 'vision-1.eu', ['A', notAName], ['a'.repeat(64), 'may not be more than 63']);
const changed = (from: Resource, bad: Resource, field: string, good = from): Refusal => ({
  from,
  bad,
  good,
  says: `\`${field}\` must not change; create another object instead`,
});
const texts = (field: string, most: number): Refusal[] =>
  values(
    (value) => resourceSpec({ [field]: value }),
    'a'.repeat(most),
    ['', 'should be at least 1 chars long'],
    ['a'.repeat(most + 1), `may not be more than ${most}`],
  );

export const refusedInMirrors: readonly RefusedRow[] = [
  ofPool(
    '`spec.projectRef.name`',
    'not the name of an object, or longer than 63 characters',
    'refused',
    notAnObject(pool),
  ),
  ofPool(
    '`spec.projectRef.name`',
    'changed',
    'refused: `projectRef` must not change; create another object instead',
    [changed(pool(), pool({ projectRef: { name: 'other' } }), 'projectRef')],
  ),
  ofPool(
    '`spec.poolName`',
    'not a pool id',
    "refused: must be a pool id of letters, digits, '-', '_' and '.', that begins and ends with a letter or digit",
    values((poolName) => pool({ poolName }), 'Pool_a.b-c', ['../pools', notAPoolID]),
  ),
  ofPool('`spec.poolName`', 'longer than 63 characters', 'refused', [
    ...values((poolName) => pool({ poolName }), 'a'.repeat(63), ['a'.repeat(64), 'may not be more than 63']),
  ]),
  ofPool('`spec.poolName`', 'changed', 'refused: `poolName` must not change; create another object instead', [
    changed(pool(), pool({ poolName: 'pool-b' }), 'poolName'),
  ]),
  ofWorkload('`spec`', 'changed', 'refused: `spec` must not change; create another object instead', [
    changed(workload(), workload({ uid: 'u-2' }), 'spec'),
  ]),
  ofWorkload('`spec.projectRef.name`', 'not the name of an object', 'refused', notAnObject(workload)),
  ofWorkload(
    '`spec.poolName`',
    'not a pool id',
    'refused',
    values((poolName) => workload({ poolName }), 'pool-a', ['../pools', notAPoolID]),
  ),
  ofWorkload(
    '`spec.poolName`',
    'missing, and the source is `Workload`',
    "refused: `poolName` must be set when `source` is 'Workload'",
    [
      {
        bad: unset(workload(), 'poolName'),
        says: "`poolName` must be set when `source` is 'Workload'",
        good: unset(workload({ source: 'TrainingJobVersion' }), 'poolName'),
      },
    ],
  ),
  ofWorkload(
    '`spec.source`',
    'another word',
    'refused: supported values: "Workload", "TrainingJobVersion"',
    values((source) => workload({ source }), 'TrainingJobVersion', [
      'Job',
      'supported values: "Workload", "TrainingJobVersion"',
    ]),
  ),
  ofWorkload('`spec.uid`', 'empty, or longer than 512 characters', 'refused', [
    ...values(
      (uid) => workload({ uid }),
      'namespace/name',
      ['', 'should be at least 1 chars long'],
      ['a'.repeat(513), 'may not be more than 512'],
    ),
  ]),
  ofSpec('`spec.projectRef.name`', 'not the name of an object', 'refused', notAnObject(resourceSpec)),
  ofSpec('`spec.jobType`', 'missing, empty, longer than 32 characters', 'refused', [
    { bad: unset(resourceSpec(), 'jobType'), says: 'spec.jobType: Required value', good: resourceSpec() },
    ...texts('jobType', 32),
  ]),
  ofSpec('`spec.jobType`', 'changed', 'refused: `jobType` must not change; create another object instead', [
    changed(resourceSpec(), resourceSpec({ jobType: 'inference' }), 'jobType'),
  ]),
  ofSpec('`spec.specCode`', 'empty, or longer than 128 characters', 'refused', texts('specCode', 128)),
  ofSpec('`spec.specID`', 'empty, or longer than 64 characters', 'refused', texts('specID', 64)),
  ofSpec('`spec.specID`', 'changed', 'refused: `specID` must not change; create another object instead', [
    changed(resourceSpec(), resourceSpec({ specID: '3' }), 'specID', resourceSpec({ specCode: 'other' })),
  ]),
];

/** Said on the page in words, because they hold for every kind. */
export const refusedAnywhere: readonly (Refusal & { readonly what: string })[] = [
  {
    what: 'a field that the kind does not have',
    bad: project({ endpiont: 'x' }),
    says: 'unknown field "spec.endpiont"',
    good: project(),
  },
  ...(
    [
      [project(), 'endpoint'],
      [project(), 'credentials'],
      [project(), 'projectID'],
      [pool(), 'poolName'],
      [pool(), 'projectRef'],
      [workload(), 'uid'],
      [resourceSpec(), 'specCode'],
    ] as const
  ).map(([good, field]) => ({
    what: `a missing ${field} of a ${good.kind}`,
    bad: unset(good, field),
    says: `spec.${field}: Required value`,
    good,
  })),
];
