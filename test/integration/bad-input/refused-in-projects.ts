import {
  notAName,
  notAPoolID,
  project,
  unset,
  values,
  type RefusedRow,
  type Refusal,
  type Spec,
} from './row.ts';

const kind = 'ModelArtsProject';
const row = (field: string, wrong: string, gets: string, tries: readonly Refusal[]): RefusedRow => ({
  kind,
  field,
  wrong,
  gets,
  tries,
});

/** A project with one value in a section of its spec. */
const within =
  (...path: readonly string[]) =>
  (value: unknown) =>
    project(path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Spec);
const field = (...path: readonly string[]): string => `\`spec.${path.join('.')}\``;

function words(path: readonly string[], supported: readonly string[]): RefusedRow {
  const says = `supported values: ${supported.map((each) => `"${each}"`).join(', ')}`;
  return row(field(...path), 'another word', `refused: ${says}`, [
    ...values(within(...path), supported.at(-1), ['Some', says]),
  ]);
}

/** `over`: a duration that is just too long. */
function duration(path: readonly string[], most: string, over: string): RefusedRow {
  const notADuration = "must be a duration such as '30s', '5m' or '1h30m'";
  return row(field(...path), `no duration, below 1s or above ${most}`, 'refused, see durations', [
    ...values(
      within(...path),
      '1m30s',
      ['soon', notADuration],
      ['', notADuration],
      ['30', notADuration],
      [30, 'must be of type string'],
      ['0s', 'must not be shorter than 1s'],
    ),
    ...values(within(...path), most, [over, `must not be longer than ${most}`]),
  ]);
}

function integer(path: readonly string[], least: number, most: number): RefusedRow {
  const gets = `below ${least} or above ${most}, or not whole`;
  return row(field(...path), gets, 'refused', [
    ...values(within(...path), least, [least - 1, `should be greater than or equal to ${least}`]),
    ...values(within(...path), most, [most + 1, `should be less than or equal to ${most}`]),
    ...values(within(...path), most, [least + 0.5, 'must be of type integer']),
  ]);
}

const boolean = (...path: readonly string[]): RefusedRow =>
  row(
    field(...path),
    'not a boolean',
    'refused',
    values(within(...path), true, ['yes', 'must be of type boolean']),
  );

const endpoint = within('endpoint');
const good = 'https://modelarts.example.com:8443/base';
const needsHTTPS = "`endpoint` must begin with 'https://'; 'http://' is for loopback addresses";
const iam = (iamEndpoint: unknown) =>
  project({ credentials: { secretRef: { name: 'credentials' }, iamEndpoint } });

export const refusedInProjects: readonly RefusedRow[] = [
  row(
    '`metadata.name`',
    'longer than 63 characters',
    'refused: `metadata.name` must be at most 63 characters long',
    [
      {
        bad: project({}, 'a'.repeat(64)),
        says: '`metadata.name` must be at most 63 characters long',
        good: project({}, 'a'.repeat(63)),
      },
    ],
  ),
  row(
    '`spec.endpoint`',
    'no absolute URL, or no host',
    "refused: `endpoint` must be an absolute URL such as 'https://modelarts.example.com'",
    values(
      endpoint,
      good,
      ['modelarts example', "`endpoint` must be an absolute URL such as 'https://modelarts.example.com'"],
      ['modelarts.example.com', '`endpoint` must be an absolute URL'],
      ['https:///path', '`endpoint` must be an absolute URL'],
    ),
  ),
  row(
    '`spec.endpoint`',
    '`http://` to another host than a loopback address, or another scheme',
    "refused: `endpoint` must begin with 'https://'; 'http://' is for loopback addresses, or where `tls.allowInsecureHTTP` is true",
    [
      ...values(endpoint, good, ['http://modelarts.example.com', needsHTTPS]),
      ...values(endpoint, 'http://127.0.0.1:8080', ['http://127.0.0.1@example.com', needsHTTPS]),
      ...values(endpoint, 'http://localhost:8080/', ['http://localhost.example.com', needsHTTPS]),
      ...values(endpoint, 'http://[::1]:8080', ['http://[::2]:8080', needsHTTPS]),
      {
        bad: project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: false } }),
        says: needsHTTPS,
        good: project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: true } }),
      },
      {
        bad: project({ endpoint: 'ftp://a.example.com', tls: { allowInsecureHTTP: true } }),
        says: needsHTTPS,
        good: project(),
      },
    ],
  ),
  row(
    '`spec.endpoint`',
    'a user name or password in it',
    'refused: `endpoint` must not hold a user name or password; put credentials in the Secret',
    values(endpoint, good, [
      'https://user:word@a.example.com',
      '`endpoint` must not hold a user name or password; put credentials in the Secret',
    ]),
  ),
  row(
    '`spec.endpoint`',
    'a query or a fragment',
    'refused: `endpoint` must not have a query or a fragment',
    values(
      endpoint,
      good,
      ['https://a.example.com?x=1', '`endpoint` must not have a query or a fragment'],
      ['https://a.example.com#x', '`endpoint` must not have a query or a fragment'],
    ),
  ),
  row(
    '`spec.endpoint`',
    'longer than 512 characters',
    'refused',
    values(endpoint, good, [`https://${'a'.repeat(512)}`, 'may not be more than 512']),
  ),
  row('`spec.projectID`', 'shorter than 32 or longer than 36 characters', 'refused', [
    ...values(within('projectID'), 'a'.repeat(32), ['a'.repeat(31), 'should be at least 32 chars long']),
    ...values(within('projectID'), '01234567-89ab-cdef-0123-456789abcdef', [
      'a'.repeat(37),
      'may not be more than 36',
    ]),
  ]),
  row(
    '`spec.projectID`',
    'other characters than letters, digits and `-`',
    "refused: must be an id of letters, digits and '-'",
    values(within('projectID'), 'a'.repeat(32), [
      `../${'a'.repeat(32)}`,
      "must be an id of letters, digits and '-'",
    ]),
  ),
  row('`spec.projectID`', 'changed', 'refused: `projectID` must not change; create another object instead', [
    {
      from: project(),
      bad: project({ projectID: 'f'.repeat(32) }),
      says: '`projectID` must not change; create another object instead',
      good: project({ suspend: true }),
    },
  ]),
  row(
    '`spec.region`',
    'other characters than letters, digits, `-` and `_`',
    "refused: must be a region name of letters, digits, '-' and '_'",
    [
      {
        bad: project({ region: 'eu de' }),
        says: "must be a region name of letters, digits, '-' and '_'",
        good: unset(project(), 'region'),
      },
    ],
  ),
  row(
    '`spec.region`',
    'changed, added or removed',
    'refused: `region` must not change; create another object instead',
    [
      {
        from: project(),
        bad: project({ region: 'region-2' }),
        says: '`region` must not change; create another object instead',
        good: project({ userID: 'a' }),
      },
      {
        from: unset(project(), 'region'),
        bad: project(),
        says: '`region` must not change',
        good: unset(project({ userID: 'a' }), 'region'),
      },
      {
        from: project(),
        bad: unset(project(), 'region'),
        says: '`region` must not change',
        good: project({ userID: 'a' }),
      },
    ],
  ),
  row(
    '`spec.userID`',
    'other characters than letters, digits, `-` and `_`',
    "refused: must be an id of letters, digits, '-' and '_'",
    values(within('userID'), '0a1b', ['a\r\nb', "must be an id of letters, digits, '-' and '_'"]),
  ),
  row(
    '`spec.credentials.secretRef.name`',
    'not the name of an object',
    "refused: must be a name of lower case letters, digits, '-' and '.', that begins and ends with a letter or digit",
    values(within('credentials', 'secretRef', 'name'), 'a-b.c', ['A_b', notAName], ['-a', notAName]),
  ),
  row('`spec.credentials.iamEndpoint`', 'as `spec.endpoint`', 'as `spec.endpoint`', [
    ...values(iam, 'https://iam.example.com', [
      'http://iam.example.com',
      "`credentials.iamEndpoint` must begin with 'https://'",
    ]),
    ...values(
      iam,
      'http://localhost:1',
      ['iam', '`iamEndpoint` must be an absolute URL'],
      ['https://user:word@iam.example.com', '`iamEndpoint` must not hold a user name or password'],
      ['https://iam.example.com?x=1', '`iamEndpoint` must not have a query or a fragment'],
    ),
  ]),
  row(
    '`spec.tls.caBundle`',
    'not base64',
    'refused: must be of type byte',
    values(within('tls', 'caBundle'), 'LS0tLS1CRUdJTg==', ['-----BEGIN', 'must be of type byte']),
  ),
  boolean('tls', 'allowInsecureHTTP'),
  words(['discovery', 'mode'], ['All', 'Declared']),
  row(
    '`spec.discovery.workspaces`',
    'empty',
    'refused: should have at least 1 items',
    values(within('discovery', 'workspaces'), ['0', '7a'], [[], 'should have at least 1 items']),
  ),
  row(
    '`spec.discovery.workspaces`',
    '`*` beside others',
    "refused: '*' must be the only item of `workspaces`",
    values(
      within('discovery', 'workspaces'),
      ['*'],
      [['*', '0'], "'*' must be the only item of `workspaces`"],
    ),
  ),
  row(
    '`spec.discovery.workspaces`',
    'other characters',
    "refused: must be a workspace id of letters, digits, '-' and '_', or '*'",
    values(
      within('discovery', 'workspaces'),
      ['0'],
      [['a b'], "must be a workspace id of letters, digits, '-' and '_', or '*'"],
    ),
  ),
  row(
    '`spec.discovery.workspaces`',
    'twice the same',
    'refused: Duplicate value',
    values(within('discovery', 'workspaces'), ['0', '1'], [['0', '0'], 'Duplicate value']),
  ),
  row(
    '`spec.discovery.poolNames`',
    'not a pool id',
    "refused: must be a pool id of letters, digits, '-', '_' and '.', that begins and ends with a letter or digit",
    values(within('discovery', 'poolNames'), ['pool-a'], [['../x'], notAPoolID]),
  ),
  row('`spec.discovery.poolNames`', 'twice the same, or more than 500', 'refused', [
    ...values(
      within('discovery', 'poolNames'),
      ['pool-a', 'pool-b'],
      [['pool-a', 'pool-a'], 'Duplicate value'],
      [Array.from({ length: 501 }, (_, i) => `pool-${i}`), 'must have at most 500 items'],
    ),
  ]),
  words(['workloads', 'mode'], ['All', 'Active', 'None']),
  row(
    '`spec.workloads.types`',
    'not a word',
    "refused: must be a word of letters, digits, '-' and '_'",
    values(
      within('workloads', 'types'),
      ['train', 'x-infer'],
      [['a b'], "must be a word of letters, digits, '-' and '_'"],
    ),
  ),
  integer(['workloads', 'history', 'maxPerPool'], 0, 10_000),
  duration(['workloads', 'history', 'ttl'], '8760h', '8761h'),
  duration(['workloads', 'history', 'minRetention'], '168h', '169h'),
  words(['workloads', 'queuePosition'], ['Banded', 'Exact', 'None']),
  words(['trainingJobVersions', 'mode'], ['Auto', 'Enabled', 'Disabled']),
  duration(['trainingJobVersions', 'interval'], '24h', '24h1s'),
  words(['resourceSpecs', 'mode'], ['Auto', 'Enabled', 'Disabled']),
  row('`spec.resourceSpecs.jobTypes`', 'empty, more than 8, or not words', 'refused', [
    ...values(
      within('resourceSpecs', 'jobTypes'),
      ['train'],
      [[], 'should have at least 1 items'],
      [Array.from({ length: 9 }, (_, i) => `type-${i}`), 'must have at most 8 items'],
      [['a b'], 'must be a word'],
    ),
  ]),
  duration(['resourceSpecs', 'interval'], '168h', '169h'),
  duration(['polling', 'poolInterval'], '1h', '61m'),
  duration(['polling', 'workloadInterval'], '1h', '61m'),
  duration(['polling', 'maxStaleness'], '24h', '25h'),
  integer(['rateLimit', 'requestsPerSecond'], 1, 1000),
  integer(['rateLimit', 'burst'], 1, 1000),
  integer(['deletion', 'confirmations'], 1, 100),
  integer(['deletion', 'maxPercent'], 0, 100),
  words(['deletion', 'policy'], ['Delete', 'Retain']),
  boolean('suspend'),
];
