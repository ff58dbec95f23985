import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import type { ProjectSpec } from '../../../src/simulator/schema.ts';
import type { SpecSections, Stage } from '../../support/stage.ts';
import type { Row } from './row.ts';

/** A ModelArtsProject that the apiserver takes, and what the operator then says of it. */
export interface Case {
  readonly what: string;
  /** Keys of its Secret, or none at all; left out: a token that is accepted. */
  readonly secret?: Readonly<Record<string, string | Uint8Array>> | 'none';
  readonly secretType?: string;
  readonly spec?: SpecSections;
  /** What else the project has in ModelArts. */
  readonly upstream?: Partial<ProjectSpec>;
  /** Of every answer to this project. */
  readonly fault?: FaultRule;
  /** In the end, as `Status/Reason`. Left out: `True/Reading`, `True/ReadComplete`. */
  readonly ready?: string;
  readonly synced?: string;
  /** What the message of the one that is not well says. */
  readonly says?: RegExp;
  /** How many mirrors there are in the end; left out: not looked at. */
  readonly pools?: number;
  readonly workloads?: number;
  /** Of its one pool's mirror. */
  readonly poolSynced?: string;
  /** Makes it good within a poll; left out: it is left as it is. */
  readonly mend?: (stage: Stage, name: string) => Promise<unknown>;
}

export interface ConditionRow extends Row {
  readonly cases: readonly Case[];
}

const putToken = (stage: Stage, name: string): Promise<void> => stage.putSecret(name, { token: name });
const patchSpec = (spec: object) => (stage: Stage, name: string) =>
  stage.cluster.projects.patch(name, { spec });
const toSimulator = (stage: Stage, name: string) => patchSpec({ endpoint: stage.simulator.url })(stage, name);

const row = (field: string, wrong: string, gets: string, ...cases: readonly Case[]): ConditionRow => ({
  kind: 'ModelArtsProject',
  field,
  wrong,
  gets,
  cases,
});
const secret = '`spec.credentials.secretRef.name`';
const invalidSecret = (what: string, keys: NonNullable<Case['secret']>, says: RegExp = /Secret/): Case => ({
  what,
  secret: keys,
  ready: 'False/InvalidSecret',
  says,
  mend: putToken,
});
const unreachable = (what: string, endpoint: string): Case => ({
  what,
  spec: { endpoint },
  ready: 'Unknown/Stale',
  synced: 'False/Unreachable',
  says: /Check the address|network|certificate|endpoint/i,
});
const notModelArts = (what: string, fault: FaultRule): Case => ({
  what,
  fault,
  ready: 'Unknown/Stale',
  synced: 'False/InvalidResponse',
  says: /GET /,
});
const closed = { workspaces: [{ id: 'closed', name: 'closed', closed: true }] };

export const projectConditions: readonly ConditionRow[] = [
  row('`spec.endpoint`', 'a host outside `--allowed-endpoint-hosts`', '`Ready=False/EndpointNotAllowed`', {
    what: 'another host',
    spec: { endpoint: 'https://elsewhere.example.com' },
    ready: 'False/EndpointNotAllowed',
    says: /--allowed-endpoint-hosts/,
    mend: toSimulator,
  }),
  row(
    '`spec.endpoint`',
    'a host that does not exist, does not answer, or shows a certificate that is not trusted',
    '`Synced=False/Unreachable`, with what to check; `Ready=Unknown/Stale` later',
    unreachable('a host that does not exist', 'https://modelarts.invalid'),
    unreachable('a port that does not answer', 'http://127.0.0.1:9'),
    unreachable('a certificate that is not trusted', 'apiserver'),
  ),
  row(
    '`spec.endpoint`',
    'a server that is no ModelArts: HTML, a redirect, other JSON',
    '`Synced=False/InvalidResponse`; the body is not shown, only its status and content type',
    notModelArts('HTML', { body: 'html' }),
    notModelArts('a redirect', { status: 302, headers: { location: 'https://elsewhere.example.com' } }),
    notModelArts('other JSON', { body: 'otherObject' }),
  ),
  row(
    '`spec.projectID`',
    'a project that the credential is not for',
    '`Ready=False/Forbidden` (403) or `Ready=False/ProjectNotFound` (404 `ModelArts.2786`)',
    {
      what: '403',
      fault: { status: 403 },
      ready: 'False/Forbidden',
      says: /Check its permissions/,
    },
    {
      what: '404',
      fault: { status: 404, code: 'ModelArts.2786' },
      ready: 'False/ProjectNotFound',
      synced: 'False/NotFound',
      says: /project id does not belong to the credential/,
    },
  ),
  row(
    secret,
    'no such Secret, or one that the operator may not read; the message says which',
    '`Ready=False/SecretNotFound`',
    {
      what: 'no Secret',
      secret: 'none',
      ready: 'False/SecretNotFound',
      says: /Secret .* does not exist .* create it/,
      mend: putToken,
    },
  ),
  row(
    secret,
    'a Secret of another type than `Opaque` or `modelarts-operator.dev/credentials`',
    '`Ready=False/SecretTypeRefused`',
    {
      what: 'basic-auth',
      secret: { username: 'someone', password: 'a-secret-word' },
      secretType: 'kubernetes.io/basic-auth',
      ready: 'False/SecretTypeRefused',
      says: /Opaque/,
      mend: async (stage, name) => {
        await stage.cluster.secrets.delete(name);
        await putToken(stage, name);
      },
    },
    { what: 'our own type', secretType: 'modelarts-operator.dev/credentials' },
  ),
  row(
    secret,
    'a Secret with other keys, with keys of two kinds of credentials, without a needed key, or with an empty value',
    '`Ready=False/InvalidSecret`, naming the keys and never a value',
    invalidSecret('other keys', { ak: 'value-1', sk: 'value-2' }, /ak, sk.*accessKeyID/),
    invalidSecret('two kinds', { token: 'value-1', accessKeyID: 'value-2' }, /accessKeyID, token/),
    invalidSecret('half a credential', { accessKeyID: 'value-1' }, /secretAccessKey/),
    invalidSecret('an empty value', { token: '' }, /token/),
  ),
  row(
    secret,
    'a value that cannot be sent: not UTF-8, blanks or line breaks in a key or token, control characters in a password, more than 64 KiB. One line break at the end is taken away',
    '`Ready=False/InvalidSecret`',
    invalidSecret('not UTF-8', { token: Uint8Array.of(0xc3, 0x28) }, /UTF-8/),
    invalidSecret('a blank in a token', { token: 'value 1' }, /blanks/),
    invalidSecret(
      'a line break in a key',
      { accessKeyID: 'value\n1', secretAccessKey: 'value-2' },
      /line breaks/,
    ),
    invalidSecret(
      'a control character in a password',
      { username: 'someone', password: 'value\u00071', domainName: 'DOMAIN' },
      /control characters/,
    ),
    invalidSecret('more than 64 KiB', { token: 'v'.repeat(65_537) }, /64 KiB/),
    { what: 'one line break at the end', secret: { token: 'with-a-line-break\n' } },
  ),
  row(
    secret,
    'a credential that ModelArts or IAM refuses',
    '`Ready=False/Unauthorized`, `Authenticated=False`',
    {
      what: 'a token',
      secret: { token: 'another' },
      ready: 'False/Unauthorized',
      says: /Check the Secret/,
      mend: putToken,
    },
  ),
  row(
    '`spec.credentials.iamEndpoint`',
    'missing, and the Secret holds a user name and password',
    '`Ready=False/InvalidSpec`: A user name and password need credentials.iamEndpoint, the base URL of IAM.',
    {
      what: 'none',
      secret: { username: 'someone', password: 'a-secret-word', domainName: 'DOMAIN' },
      ready: 'False/InvalidSpec',
      says: /A user name and password need credentials.iamEndpoint, the base URL of IAM\./,
      mend: putToken,
    },
  ),
  row(
    '`spec.tls.caBundle`',
    'base64 of something else than PEM certificates',
    '`Ready=False/InvalidSpec`: tls.caBundle must be PEM certificates, encoded as base64.',
    {
      what: 'a text',
      spec: { tls: { caBundle: Buffer.from('no certificate').toString('base64') } },
      ready: 'False/InvalidSpec',
      says: /tls\.caBundle must be PEM certificates, encoded as base64\./,
      mend: patchSpec({ tls: null }),
    },
  ),
  row(
    '`spec.discovery.workspaces`',
    'a workspace that does not exist, or is closed to the credential',
    'the others are read: `Synced=False/PartialFailure` names it. When it is the only one: `Ready=False/Forbidden` for 403, else `Synced=False/NotFound`',
    {
      what: 'one that does not exist, beside another',
      spec: { discovery: { workspaces: ['0', 'nowhere'] } },
      synced: 'False/PartialFailure',
      says: /nowhere/,
      pools: 1,
    },
    {
      what: 'one that is closed, beside another',
      upstream: closed,
      spec: { discovery: { workspaces: ['0', 'closed'] } },
      synced: 'False/PartialFailure',
      says: /closed/,
      pools: 1,
    },
    {
      what: 'one that is closed, alone',
      upstream: closed,
      spec: { discovery: { workspaces: ['closed'] } },
      ready: 'False/Forbidden',
      says: /Check its permissions/,
    },
    {
      what: 'one that does not exist, alone',
      spec: { discovery: { workspaces: ['nowhere'] } },
      ready: 'Unknown/Stale',
      synced: 'False/NotFound',
      says: /nowhere/,
    },
  ),
  row(
    '`spec.discovery.labelSelector`',
    'not a label selector',
    '`Ready=False/InvalidSpec`, naming the part that cannot be read. Nothing is read and no mirror goes',
    {
      what: 'half of one',
      spec: { discovery: { labelSelector: 'team in (' } },
      ready: 'False/InvalidSpec',
      says: /labelSelector/,
      mend: patchSpec({ discovery: { labelSelector: null } }),
    },
  ),
  row(
    '`spec.discovery.labelSelector`',
    'one that selects nothing',
    'no error: discovered pools go with `NotSelected`',
    { what: 'no such label', spec: { discovery: { labelSelector: 'team=none' } }, pools: 0 },
  ),
  row('`spec.discovery.poolNames`', 'a pool that does not exist', 'no error: it may come yet', {
    what: 'no such pool',
    spec: { discovery: { poolNames: ['nowhere'] } },
    pools: 0,
  }),
  row('`spec.workloads.types`', 'a type that no job has', 'no error: no job is mirrored', {
    what: 'no notebook',
    spec: { workloads: { types: ['notebook'] } },
    pools: 1,
    workloads: 0,
  }),
  row(
    '`spec.workloads.types`',
    'a single word that ModelArts refuses',
    'no job is mirrored: `Synced=False/BadRequest` on the pools, `PartialFailure` on the project',
    {
      what: 'no type',
      spec: { workloads: { types: ['nothing'] } },
      synced: 'False/PartialFailure',
      says: /type/,
      pools: 1,
      workloads: 0,
      poolSynced: 'False/BadRequest',
    },
  ),
  row(
    '`spec.rateLimit.requestsPerSecond`',
    'too small for the intervals',
    '`Synced=True/BudgetStretched`; `status.effective` shows the intervals in use',
    {
      what: 'one a second',
      spec: {
        polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '2m' },
        rateLimit: { requestsPerSecond: 1, burst: 1 },
      },
      synced: 'True/BudgetStretched',
      says: /`status\.effective` shows those in use/,
    },
  ),
  row(
    '`spec.rateLimit.requestsPerSecond`',
    'larger than ModelArts allows',
    '`Throttled`, after what `Retry-After` asks for was waited',
    {
      what: '429',
      fault: { status: 429, retryAfter: 1 },
      ready: 'Unknown/Stale',
      synced: 'False/Throttled',
      says: /429|rateLimit/,
    },
  ),
];

/** Rows about more than one object: test/integration/bad-input.test.ts has a function for each. */
export const otherConditions = {
  localEndpoint: {
    kind: 'ModelArtsProject',
    field: '`spec.endpoint`',
    wrong: 'a host that is a loopback, link-local or metadata address, and no `--allow-local-endpoints`',
    gets: '`Ready=False/EndpointNotAllowed`. Where a name resolves to such an address, no connection is made to it',
  },
  wrongToken: {
    kind: 'ModelArtsProject',
    field: 'annotation `modelarts-operator.dev/confirm-deletion`',
    wrong: 'another token than the one that is printed',
    gets: 'nothing is released',
  },
  longRequest: {
    kind: 'ModelArtsProject',
    field: 'annotation `modelarts-operator.dev/reconcile-requested-at`',
    wrong: 'longer than 256 characters',
    gets: 'its beginning counts, and is repeated in `lastHandledReconcileAt`',
  },
  noProject: {
    kind: 'ModelArtsPool',
    field: '`spec.projectRef.name`',
    wrong: 'no such project in the namespace',
    gets: '`Ready=False/ProjectNotFound`',
  },
  unknownPool: {
    kind: 'ModelArtsPool',
    field: '`spec.poolName`',
    wrong: 'a pool that ModelArts does not know, or its display name instead of its id',
    gets: '`Ready=False/PoolNotFound`',
  },
  secondPool: {
    kind: 'ModelArtsPool',
    field: '`spec.poolName`',
    wrong: 'a pool for which there is an older declared object',
    gets: '`Ready=False/Duplicate`',
  },
} as const satisfies Record<string, Row>;
