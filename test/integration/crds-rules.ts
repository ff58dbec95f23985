/** Objects of our kinds and, for each rule of theirs, one that breaks it beside one that does not. */
type Spec = Record<string, unknown>;
export interface Resource {
  kind: string;
  metadata: { name: string };
  spec: Spec;
}

export const project = (spec: Spec = {}, name = 'project'): Resource => ({
  kind: 'ModelArtsProject',
  metadata: { name },
  spec: {
    endpoint: 'https://modelarts.example.com',
    projectID: '0123456789abcdef0123456789abcdef',
    region: 'region-1',
    credentials: { secretRef: { name: 'credentials' } },
    ...spec,
  },
});
export const pool = (spec: Spec = {}, name = 'pool'): Resource => ({
  kind: 'ModelArtsPool',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', ...spec },
});
export const workload = (spec: Spec = {}, name = 'workload'): Resource => ({
  kind: 'ModelArtsWorkload',
  metadata: { name },
  spec: { projectRef: { name: 'project' }, poolName: 'pool-a-0123', source: 'Workload', uid: 'u-1', ...spec },
});
export const resourceSpec = (spec: Spec = {}, name = 'resource-spec'): Resource => ({
  kind: 'ModelArtsResourceSpec',
  metadata: { name },
  spec: {
    projectRef: { name: 'project' },
    jobType: 'train',
    specCode: 'modelarts.vm.cpu.2u',
    specID: '2',
    ...spec,
  },
});
const unset = (resource: Resource, field: string): Resource => ({
  ...resource,
  spec: Object.fromEntries(Object.entries(resource.spec).filter(([name]) => name !== field)),
});
const credentials = (iamEndpoint: string): Spec => ({ secretRef: { name: 'credentials' }, iamEndpoint });
const polling = (poolInterval: unknown): Resource => project({ polling: { poolInterval } });
const needsHTTPS = "must begin with 'https://'; 'http://' is for loopback addresses";
const notADuration = "must be a duration such as '30s', '5m' or '1h30m'";
const notAName = "must be a name of lower case letters, digits, '-' and '.'";
const notAPoolID = "must be a pool id of letters, digits, '-', '_' and '.'";

/** Each rule: what breaks it, what the apiserver then says, and what comes close and is taken. */
export const onCreate: [string, Resource, string, Resource][] = [
  [
    'endpoint: https',
    project({ endpoint: 'http://modelarts.example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'https://modelarts.example.com:8443/base' }),
  ],
  [
    'endpoint: http on loopback',
    project({ endpoint: 'http://127.0.0.1@example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://127.0.0.1:8080' }),
  ],
  [
    'endpoint: http on loopback by name',
    project({ endpoint: 'http://localhost.example.com' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://localhost:8080/' }),
  ],
  [
    'endpoint: http on loopback of IPv6',
    project({ endpoint: 'http://[::2]:8080' }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://[::1]:8080' }),
  ],
  [
    'endpoint: http where allowed',
    project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: false } }),
    `\`endpoint\` ${needsHTTPS}`,
    project({ endpoint: 'http://a.example.com', tls: { allowInsecureHTTP: true } }),
  ],
  [
    'endpoint: no other scheme',
    project({ endpoint: 'ftp://a.example.com', tls: { allowInsecureHTTP: true } }),
    `\`endpoint\` ${needsHTTPS}`,
    project(),
  ],
  [
    'endpoint: a URL',
    project({ endpoint: 'modelarts example' }),
    "`endpoint` must be an absolute URL such as 'https://modelarts.example.com'",
    project(),
  ],
  [
    'endpoint: a host',
    project({ endpoint: 'https:///path' }),
    '`endpoint` must be an absolute URL',
    project(),
  ],
  [
    'endpoint: no user name',
    project({ endpoint: 'https://user:word@a.example.com' }),
    '`endpoint` must not hold a user name or password',
    project(),
  ],
  [
    'endpoint: no query',
    project({ endpoint: 'https://a.example.com?x=1' }),
    '`endpoint` must not have a query or a fragment',
    project(),
  ],
  [
    'endpoint: no fragment',
    project({ endpoint: 'https://a.example.com#x' }),
    '`endpoint` must not have a query or a fragment',
    project(),
  ],
  [
    'endpoint: its length',
    project({ endpoint: `https://${'a'.repeat(512)}` }),
    'may not be more than 512',
    project(),
  ],
  ['endpoint: required', unset(project(), 'endpoint'), 'spec.endpoint: Required value', project()],
  [
    'iamEndpoint: https',
    project({ credentials: credentials('http://iam.example.com') }),
    `\`credentials.iamEndpoint\` ${needsHTTPS}`,
    project({ credentials: credentials('https://iam.example.com') }),
  ],
  [
    'iamEndpoint: a URL',
    project({ credentials: credentials('iam') }),
    '`iamEndpoint` must be an absolute URL',
    project({ credentials: credentials('http://localhost:1') }),
  ],
  ['credentials: required', unset(project(), 'credentials'), 'spec.credentials: Required value', project()],
  ['secretRef.name: a name', project({ credentials: { secretRef: { name: 'A_b' } } }), notAName, project()],
  [
    'projectID: long enough',
    project({ projectID: 'a'.repeat(31) }),
    'should be at least 32 chars long',
    project({ projectID: 'a'.repeat(32) }),
  ],
  [
    'projectID: short enough',
    project({ projectID: 'a'.repeat(37) }),
    'may not be more than 36',
    project({ projectID: '01234567-89ab-cdef-0123-456789abcdef' }),
  ],
  [
    'projectID: safe in a path',
    project({ projectID: `../${'a'.repeat(32)}` }),
    "must be an id of letters, digits and '-'",
    project(),
  ],
  [
    'region: a name',
    project({ region: 'eu de' }),
    "must be a region name of letters, digits, '-' and '_'",
    unset(project(), 'region'),
  ],
  [
    'userID: safe in a header',
    project({ userID: 'a\r\nb' }),
    "must be an id of letters, digits, '-' and '_'",
    project({ userID: '0a1b' }),
  ],
  [
    'caBundle: base64',
    project({ tls: { caBundle: '-----BEGIN' } }),
    'must be of type byte',
    project({ tls: { caBundle: 'LS0tLS1CRUdJTg==' } }),
  ],
  [
    'workspaces: * alone',
    project({ discovery: { workspaces: ['*', '0'] } }),
    "'*' must be the only item of `workspaces`",
    project({ discovery: { workspaces: ['*'] } }),
  ],
  [
    'workspaces: at least one',
    project({ discovery: { workspaces: [] } }),
    'should have at least 1 items',
    project({ discovery: { workspaces: ['0', '7a'] } }),
  ],
  [
    'workspaces: ids',
    project({ discovery: { workspaces: ['a b'] } }),
    "must be a workspace id of letters, digits, '-' and '_', or '*'",
    project(),
  ],
  [
    'discovery.mode: our words',
    project({ discovery: { mode: 'Some' } }),
    'supported values: "All", "Declared"',
    project({ discovery: { mode: 'Declared' } }),
  ],
  [
    'poolNames: pool ids',
    project({ discovery: { poolNames: ['../x'] } }),
    notAPoolID,
    project({ discovery: { poolNames: ['pool-a'] } }),
  ],
  [
    'poolNames: distinct',
    project({ discovery: { poolNames: ['a', 'a'] } }),
    'Duplicate value: "a"',
    project(),
  ],
  [
    'workloads.mode: our words',
    project({ workloads: { mode: 'Some' } }),
    'supported values: "All", "Active", "None"',
    project({ workloads: { mode: 'None' } }),
  ],
  [
    'workloads.types: words',
    project({ workloads: { types: ['a&b'] } }),
    "must be a word of letters, digits, '-' and '_'",
    project({ workloads: { types: ['x-infer'] } }),
  ],
  [
    'queuePosition: our words',
    project({ workloads: { queuePosition: 'Rough' } }),
    'supported values: "Banded", "Exact", "None"',
    project({ workloads: { queuePosition: 'Exact' } }),
  ],
  [
    'maxPerPool: bounds',
    project({ workloads: { history: { maxPerPool: -1 } } }),
    'should be greater than or equal to 0',
    project({ workloads: { history: { maxPerPool: 0 } } }),
  ],
  [
    'ttl: its upper bound',
    project({ workloads: { history: { ttl: '8761h' } } }),
    'must not be longer than 8760h',
    project({ workloads: { history: { ttl: '8760h' } } }),
  ],
  [
    'trainingJobVersions.mode: our words',
    project({ trainingJobVersions: { mode: 'On' } }),
    'supported values: "Auto", "Enabled", "Disabled"',
    project({ trainingJobVersions: { mode: 'Disabled' } }),
  ],
  ['poolInterval: a duration', polling('soon'), notADuration, polling('1m30s')],
  ['poolInterval: not empty', polling(''), notADuration, polling('1s')],
  ['poolInterval: with a unit', polling('30'), notADuration, polling('30s')],
  ['poolInterval: a text', polling(30), 'must be of type string', polling('30s')],
  ['poolInterval: its lower bound', polling('0s'), 'must not be shorter than 1s', polling('1s')],
  ['poolInterval: its upper bound', polling('61m'), 'must not be longer than 1h', polling('60m')],
  [
    'requestsPerSecond: its lower bound',
    project({ rateLimit: { requestsPerSecond: 0 } }),
    'should be greater than or equal to 1',
    project({ rateLimit: { requestsPerSecond: 1 } }),
  ],
  [
    'burst: its upper bound',
    project({ rateLimit: { burst: 1001 } }),
    'should be less than or equal to 1000',
    project({ rateLimit: { burst: 1000 } }),
  ],
  [
    'requestsPerSecond: whole',
    project({ rateLimit: { requestsPerSecond: 1.5 } }),
    'must be of type integer',
    project(),
  ],
  [
    'confirmations: its lower bound',
    project({ deletion: { confirmations: 0 } }),
    'should be greater than or equal to 1',
    project({ deletion: { confirmations: 1 } }),
  ],
  [
    'maxPercent: its upper bound',
    project({ deletion: { maxPercent: 101 } }),
    'should be less than or equal to 100',
    project({ deletion: { maxPercent: 0 } }),
  ],
  [
    'deletion.policy: our words',
    project({ deletion: { policy: 'Keep' } }),
    'supported values: "Delete", "Retain"',
    project({ deletion: { policy: 'Retain' } }),
  ],
  [
    'project name: its length',
    project({}, 'a'.repeat(64)),
    '`metadata.name` must be at most 63 characters long',
    project({}, 'a'.repeat(63)),
  ],
  ['a field that is not there', project({ endpiont: 'x' }), 'unknown field "spec.endpiont"', project()],
  ['poolName: required', unset(pool(), 'poolName'), 'spec.poolName: Required value', pool()],
  ['poolName: safe in a path', pool({ poolName: '../pools' }), notAPoolID, pool({ poolName: 'Pool_a.b-c' })],
  [
    'poolName: fits a label',
    pool({ poolName: 'a'.repeat(64) }),
    'may not be more than 63',
    pool({ poolName: 'a'.repeat(63) }),
  ],
  ['projectRef.name: a name', pool({ projectRef: { name: 'A' } }), notAName, pool()],
  [
    'source: our words',
    workload({ source: 'Job' }),
    'supported values: "Workload", "TrainingJobVersion"',
    workload({ source: 'TrainingJobVersion' }),
  ],
  [
    'workload poolName: required by its source',
    unset(workload(), 'poolName'),
    "`poolName` must be set when `source` is 'Workload'",
    unset(workload({ source: 'TrainingJobVersion' }), 'poolName'),
  ],
  [
    'uid: not empty',
    workload({ uid: '' }),
    'should be at least 1 chars long',
    workload({ uid: 'namespace/name' }),
  ],
  ['jobType: required', unset(resourceSpec(), 'jobType'), 'spec.jobType: Required value', resourceSpec()],
];

/** Each field that must not change: the object, the changed one, the words, and a change that is taken. */
export const onUpdate: [string, Resource, Resource, string, Resource][] = [
  [
    'projectID',
    project(),
    project({ projectID: 'f'.repeat(32) }),
    '`projectID` must not change',
    project({ suspend: true }),
  ],
  [
    'region',
    project(),
    project({ region: 'region-2' }),
    '`region` must not change',
    project({ userID: 'a' }),
  ],
  ['region, removed', project(), unset(project(), 'region'), '`region` must not change', project()],
  ['poolName', pool(), pool({ poolName: 'pool-b' }), '`poolName` must not change', pool()],
  ['projectRef', pool(), pool({ projectRef: { name: 'other' } }), '`projectRef` must not change', pool()],
  ['the spec of a workload', workload(), workload({ uid: 'u-2' }), '`spec` must not change', workload()],
  [
    'specID',
    resourceSpec(),
    resourceSpec({ specID: '3' }),
    '`specID` must not change',
    resourceSpec({ specCode: 'other' }),
  ],
];
