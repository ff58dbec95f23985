import type { AzCount, DriverFacts, FlavorCount, ListFacts, PoolFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { cleanText, given, type Cursor } from './read.ts';
import { textTime } from './times.ts';
import { driverState, poolPhase, poolType, scopeState, scopeType, updateStrategy } from './words.ts';

/** More than these of one pool are not kept: documented pools have a tenth of it. */
const mostRows = 500;
const mostAzs = 100;
const mostLabels = 100;

/** A pool's id: `metadata.name`. It names a URL path and a label value, so nothing else can be one. */
const idPattern = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

export function isPoolID(text: string): boolean {
  return idPattern.test(text);
}

/** GET /v2/{project}/pools/{pool}, or a row of the list. Undefined without an id. */
export function decodePool(pool: Cursor): PoolFacts | undefined {
  const metadata = pool.at('metadata').object();
  const id = metadata.at('name').value;
  if (typeof id !== 'string' || !isPoolID(id)) return undefined;
  const spec = pool.at('spec').object();
  const status = pool.at('status').object();
  const labels = metadata.at('labels');
  const annotations = metadata.at('annotations');
  // First: what selects a pool must not be lost in what is wrong with the rest.
  const maps = { labels: decodeMap(labels), annotations: decodeMap(annotations) };
  const resources = status.at('resources').object();
  return {
    id,
    displayName: labels.at('os.modelarts/name').text(256) ?? id,
    workspaceID: labels.at('os.modelarts/workspace.id').text(64) ?? '0',
    ...given('creationTime', time(metadata.at('creationTimestamp'))),
    ...given('type', poolType(spec.at('type').text(64))),
    ...given('networkName', spec.at('network').object().at('name').text(256)),
    jobFlavors: spec.at('jobFlavors').texts(mostRows),
    ...given('description', annotations.at('os.modelarts/description').text(1024)),
    ...given('billingMode', annotations.at('os.modelarts/billing.mode').text(64)),
    ...maps,
    desiredScopes: spec
      .at('scope')
      .texts(mostAzs)
      .map((word) => scopeType(word) ?? word),
    scopes: decodeScopes(status.at('scope')),
    desired: decodeCounts(spec.at('resources')),
    resources: {
      creating: decodeCounts(resources.at('creating')),
      available: decodeCounts(resources.at('available')),
      abnormal: decodeCounts(resources.at('abnormal')),
      deleting: decodeCounts(resources.at('deleting')),
    },
    ...given('gpuDriver', decodeDriver(pool, 'gpu')),
    ...given('npuDriver', decodeDriver(pool, 'npu')),
    ...given(
      'driverUpdateStrategy',
      updateStrategy(spec.at('driver').object().at('updateStrategy').text(64)),
    ),
    controlMode: spec.at('controlMode').count() ?? 0,
    ...given('phase', poolPhase(status.at('phase').text(64))),
    // More than the mirror keeps, so that it says what it cuts.
    ...given('message', status.at('message').text(2049)),
    ...given('parent', status.at('parent').text(128)),
    ...given('root', status.at('root').text(128)),
  };
}

/** GET /v2/{project}/pools. A pool that is listed twice counts once. */
export function decodePoolList(body: Cursor): ListFacts<PoolFacts> | undefined {
  const list = decodeList(body, {
    kind: 'PoolList',
    rows: 'items',
    decode: decodePool,
    identity: (pool) => pool.id,
  });
  if (list === undefined) return undefined;
  const byID = new Map<string, PoolFacts>();
  for (const pool of list.items) if (!byID.has(pool.id)) byID.set(pool.id, pool);
  if (byID.size < list.items.length) body.at('items').issueOfWhole('each pool once');
  return { ...list, items: [...byID.values()] };
}

/** `status.driver.<kind>` and the version wanted in `spec.driver` (D40); absent where neither says anything. */
function decodeDriver(pool: Cursor, kind: 'gpu' | 'npu'): DriverFacts | undefined {
  const now = pool.at('status').at('driver').object().at(kind).object();
  const facts: DriverFacts = {
    ...given('version', now.at('version').text(128)),
    ...given('state', driverState(now.at('state').text(64))),
    ...given('desiredVersion', pool.at('spec').at('driver').at(`${kind}Version`).text(128)),
  };
  return Object.keys(facts).length === 0 ? undefined : facts;
}

/** `status.scope[]`. The types of `spec.scope` are the wish and not mixed in. */
function decodeScopes(scopes: Cursor): PoolFacts['scopes'] {
  const decoded: { type: string; state?: string; message?: string }[] = [];
  for (const scope of scopes.rows().slice(0, mostAzs)) {
    const type = scopeType(scope.at('scopeType').text(64));
    if (type === undefined) scope.issue('a scope with a scopeType');
    else {
      const state = scopeState(scope.at('state').text(64));
      decoded.push({ type, ...given('state', state), ...given('message', scope.at('message').text(1024)) });
    }
  }
  return decoded;
}

/** `spec.resources` and `status.resources.<state>`: an object or a list of them, or nothing (D04, D05). */
function decodeCounts(resources: Cursor): FlavorCount[] {
  const decoded: FlavorCount[] = [];
  for (const row of resources.rows().slice(0, mostRows)) {
    const flavor = row.at('flavor').text(256);
    const azs = decodeAzs(row.at('azs'));
    const count =
      row.at('count').count() ?? (azs.length > 0 ? azs.reduce((sum, az) => sum + az.count, 0) : undefined);
    if (flavor === undefined || count === undefined) row.issue('a flavor with a count');
    else {
      const maxCount = row.at('maxCount').count();
      decoded.push({
        flavor,
        ...given('nodePool', row.at('nodePool').text(256)),
        count,
        ...given('maxCount', maxCount),
        azs,
      });
    }
  }
  return decoded;
}

function decodeAzs(azs: Cursor): AzCount[] {
  const decoded: AzCount[] = [];
  for (const row of azs.rows().slice(0, mostAzs)) {
    const az = row.at('az').text(128);
    const count = row.at('count').count();
    if (az === undefined || count === undefined) row.issue('an availability zone with a count');
    else decoded.push({ az, count });
  }
  return decoded;
}

/** Ordering data, names of accounts and of key pairs: not ours to show to whoever may read a pool. */
const hiddenKeys =
  /^os\.modelarts\/(promotion\.info|service\.console\.url|order\.(id|name)|tenant\.domain\.name)$/i;
const personalKeys = /key[-_.]?pair|user[-_.]?name|password|secret|token/i;

/** Whether a label or an annotation is kept from whoever reads a pool. */
export function isHiddenLabel(key: string): boolean {
  return hiddenKeys.test(key) || personalKeys.test(key);
}

/** Labels or annotations, values as text (D24); an empty value is a value here (some keys count by being there). */
function decodeMap(map: Cursor): Record<string, string> {
  const shown = map
    .entries(mostLabels)
    .filter(([key]) => !isHiddenLabel(key))
    .flatMap(([key, value]): [string, string][] => {
      const text = value.value === '' ? '' : value.text(1024);
      return text === undefined ? [] : [[cleanText(key, 253), text]];
    });
  return Object.fromEntries(shown);
}

function time(at: Cursor): number | undefined {
  const text = at.text(64);
  const decoded = textTime(text);
  if (text !== undefined && decoded === undefined) at.issue('an RFC 3339 time');
  return decoded;
}
