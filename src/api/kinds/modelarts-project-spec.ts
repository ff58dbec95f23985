import { flag, integer, object, oneOf, optional, setOf, text } from '../schema/fields.ts';
import { duration } from './duration.ts';
import { endpoint, transportRule } from './endpoint.ts';
import { immutable, poolID, secretRef } from './references.ts';

const credentials = object('credentials say how the operator proves to ModelArts who it is.', {
  secretRef: secretRef(),
  iamEndpoint: optional(
    endpoint(
      'iamEndpoint',
      'iamEndpoint is the base URL of the identity service, needed for a user name and password; /v3 is added.',
    ),
  ),
});

const tls = object('tls says how connections to ModelArts are protected.', {
  caBundle: optional(
    text(
      'caBundle is a base64 encoded PEM bundle of certificate authorities to trust besides those of the system.',
      { format: 'byte', maxLength: 262144 },
    ),
  ),
  allowInsecureHTTP: optional(
    flag(
      'allowInsecureHTTP allows http endpoints that are not loopback addresses: credentials then travel in the ' +
        'clear. Default false.',
    ),
  ),
});

const discovery = object(
  'discovery says which pools are mirrored.',
  {
    mode: oneOf(
      'mode is All (every pool that ModelArts lists, default) or Declared (only pools for which a user wrote a ' +
        'ModelArtsPool).',
      ['All', 'Declared'],
      { default: 'All' },
    ),
    workspaces: setOf(
      'workspaces are the ids of the workspaces to read, default 0 alone, the default workspace; * alone asks ' +
        'ModelArts for the list.',
      text('The id of a workspace, or *.', {
        minLength: 1,
        maxLength: 64,
        pattern: '^([*]|[0-9A-Za-z_-]+)$',
        shape: "a workspace id of letters, digits, '-' and '_', or '*'",
      }),
      {
        default: ['0'],
        minItems: 1,
        maxItems: 100,
        rules: [
          { rule: "!('*' in self) || size(self) == 1", message: "'*' must be the only item of `workspaces`" },
        ],
      },
    ),
    labelSelector: optional(
      text(
        'labelSelector is a selector over the labels that pools have in ModelArts; all pools without one.',
        {
          minLength: 1,
          maxLength: 1024,
        },
      ),
    ),
    poolNames: optional(
      setOf(
        'poolNames are the ids of the only pools to mirror; all pools without them.',
        poolID('The id of a pool.'),
        { maxItems: 500 },
      ),
    ),
  },
  { default: {} },
);

const workloads = object(
  'workloads says which jobs of the pools are mirrored.',
  {
    mode: oneOf(
      'mode is All (default), Active (only jobs that have not ended) or None.',
      ['All', 'Active', 'None'],
      {
        default: 'All',
      },
    ),
    types: optional(
      setOf(
        'types are the only types of jobs to mirror (train, infer, notebook and others); all types without them.',
        text('A type of job.', {
          minLength: 1,
          maxLength: 32,
          pattern: '^[A-Za-z0-9_-]+$',
          shape: "a word of letters, digits, '-' and '_'",
        }),
        { maxItems: 16 },
      ),
    ),
    history: object(
      'history says how long jobs that have ended stay mirrored.',
      {
        maxPerPool: integer(
          'maxPerPool is the number of ended jobs that each pool keeps, newest first. Default 100.',
          {
            default: 100,
            minimum: 0,
            maximum: 10000,
          },
        ),
        ttl: duration('ttl is how long after its end a job stays, between 1s and 8760h. Default 168h.', {
          default: '168h',
          atMost: '8760h',
        }),
        minRetention: duration(
          'minRetention is how long after its end a job that was seen active stays at least, between 1s and 168h. ' +
            'Default 10m.',
          { default: '10m', atMost: '168h' },
        ),
      },
      { default: {} },
    ),
    queuePosition: oneOf(
      'queuePosition is Banded (exact up to 10, then the end of a band, default), Exact (each change is written: ' +
        'costly with long queues) or None.',
      ['Banded', 'Exact', 'None'],
      { default: 'Banded' },
    ),
  },
  { default: {} },
);

const featureMode = () =>
  oneOf(
    'mode is Auto (used where ModelArts answers, left where it does not offer the call, default), Enabled or Disabled.',
    ['Auto', 'Enabled', 'Disabled'],
    { default: 'Auto' },
  );

const trainingJobVersions = object(
  'trainingJobVersions says whether jobs of the older training API are mirrored.',
  {
    mode: featureMode(),
    interval: duration('interval is the time between two reads, between 1s and 24h. Default 1m.', {
      default: '1m',
      atMost: '24h',
    }),
  },
  { default: {} },
);

const resourceSpecs = object(
  'resourceSpecs says whether the resource specifications that ModelArts offers are mirrored.',
  {
    mode: featureMode(),
    jobTypes: setOf(
      'jobTypes are the types of jobs to ask for. Default train and inference.',
      text('A type of job.', {
        minLength: 1,
        maxLength: 32,
        pattern: '^[A-Za-z0-9_-]+$',
        shape: "a word of letters, digits, '-' and '_'",
      }),
      { default: ['train', 'inference'], minItems: 1, maxItems: 8 },
    ),
    interval: duration('interval is the time between two reads, between 1s and 168h. Default 1h.', {
      default: '1h',
      atMost: '168h',
    }),
  },
  { default: {} },
);

const polling = object(
  'polling says how often ModelArts is read. The operator stretches intervals that rateLimit does not allow.',
  {
    poolInterval: duration(
      'poolInterval is the time between two reads of the pools, between 1s and 1h. Default 30s.',
      {
        default: '30s',
        atMost: '1h',
      },
    ),
    workloadInterval: duration(
      'workloadInterval is the time between two reads of the jobs of a pool, between 1s and 1h. Default 15s.',
      { default: '15s', atMost: '1h' },
    ),
    maxStaleness: duration(
      'maxStaleness is the time after which even what seems unchanged is read again, between 1s and 24h. Default 5m.',
      { default: '5m', atMost: '24h' },
    ),
  },
  { default: {} },
);

const rateLimit = object(
  'rateLimit is the budget of requests to ModelArts; projects with one Secret share the smallest.',
  {
    requestsPerSecond: integer('requestsPerSecond is the steady rate, between 1 and 1000. Default 5.', {
      default: 5,
      minimum: 1,
      maximum: 1000,
    }),
    burst: integer('burst is the number of requests that may go at once, between 1 and 1000. Default 10.', {
      default: 10,
      minimum: 1,
      maximum: 1000,
    }),
  },
  { default: {} },
);

const deletion = object(
  'deletion guards mirrors against answers that lack what still exists.',
  {
    confirmations: integer(
      'confirmations is how many complete reads in a row must lack a pool or job before its mirror goes, between 1 ' +
        'and 100. Default 2.',
      { default: 2, minimum: 1, maximum: 100 },
    ),
    maxPercent: integer(
      'maxPercent is the percentage of the pools (or of the jobs of a pool) above which none goes without a further ' +
        'proof, between 0 and 100. Default 50.',
      { default: 50, minimum: 0, maximum: 100 },
    ),
    policy: oneOf(
      'policy is Delete (mirrors of what is gone go too, default) or Retain (pools and resource specifications stay ' +
        'and say so).',
      ['Delete', 'Retain'],
      { default: 'Delete' },
    ),
  },
  { default: {} },
);

export const projectSpec = object(
  'spec says which ModelArts project is mirrored, and how.',
  {
    endpoint: endpoint(
      'endpoint',
      'endpoint is the base URL of ModelArts, such as https://modelarts.example.com. It must be https; ' +
        'http is for loopback addresses, or where tls.allowInsecureHTTP is true.',
    ),
    projectID: text(
      'projectID is the id of the project in ModelArts, 32 to 36 letters, digits or hyphens. It must not change.',
      {
        minLength: 32,
        maxLength: 36,
        pattern: '^[0-9A-Za-z-]+$',
        shape: "an id of letters, digits and '-'",
        rules: [immutable('projectID')],
      },
    ),
    region: optional(
      text(
        'region is the name of the region, for messages and for signing where it is needed. It must not change.',
        {
          minLength: 1,
          maxLength: 64,
          pattern: '^[0-9A-Za-z]([0-9A-Za-z_-]*[0-9A-Za-z])?$',
          shape: "a region name of letters, digits, '-' and '_'",
        },
      ),
    ),
    userID: optional(
      text('userID is sent as the header X-ModelArts-User-ID, for workspaces that ask for it.', {
        minLength: 1,
        maxLength: 64,
        pattern: '^[0-9A-Za-z_-]+$',
        shape: "an id of letters, digits, '-' and '_'",
      }),
    ),
    credentials,
    tls: optional(tls),
    discovery,
    workloads,
    trainingJobVersions,
    resourceSpecs,
    polling,
    rateLimit,
    deletion,
    suspend: flag(
      'suspend stops all reading and writing for the project; its mirrors keep their last values. Default false.',
      { default: false },
    ),
  },
  {
    rules: [
      transportRule('endpoint'),
      transportRule('credentials.iamEndpoint', 'has(self.credentials.iamEndpoint)'),
      {
        rule: 'has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region)',
        message: '`region` must not change; create another object instead',
        fieldPath: '.region',
      },
    ],
  },
);
