import type { ListFacts, WorkloadFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { given, type Cursor } from './read.ts';
import { decodeAmounts } from './resources.ts';
import { unixTime } from './times.ts';
import { workloadStatus, workloadType } from './words.ts';

const mostHosts = 2000;

/** No address and no name of a host is longer. */
const longestHost = 253;

/** Longer is no identity: cut, two of them could be one. */
const longestIdentity = 253;

/** GET /v2/{project}/pools/{pool}/workloads: one page. */
export function decodeWorkloadPage(body: Cursor, pool: string): ListFacts<WorkloadFacts> | undefined {
  return decodeList(body, {
    kind: 'WorkloadList',
    rows: 'items',
    decode: (row) => decodeWorkload(row, pool),
    identity: (job) => job.uid,
  });
}

/** One row; undefined without any identity. `pool` is the one that was asked for. */
function decodeWorkload(row: Cursor, pool: string): WorkloadFacts | undefined {
  const identity = identify(row, pool);
  if (identity === undefined) return undefined;
  const status = workloadStatus(row.at('status').text(64));
  const resources = decodeAmounts(row.at('resourceRequirement'));
  const nodes = row.at('nodes').rows().length;
  return {
    ...identity,
    ...given('namespace', row.at('namespace').text(253)),
    ...given('name', row.at('name').text(253)),
    ...given('jobName', row.at('jobName').text(256)),
    ...given('jobID', row.at('jobUUID').text(longestIdentity)),
    ...given('type', workloadType(row.at('type').text(64))),
    ...given('status', status),
    ...given('flavor', row.at('flavor').text(256)),
    ...given('priority', row.at('priority').text(64)),
    ...given('gvk', row.at('gvk').text(256)),
    resources: resources.amounts,
    resourcesIncomplete: resources.incomplete,
    ...given('runningSeconds', atLeast(0, row.at('runningDuration').integer())),
    ...given('pendingSeconds', atLeast(0, row.at('pendingDuration').integer())),
    ...given('queuePosition', waits(status) ? atLeast(1, row.at('pendingPosition').integer()) : undefined),
    ...given('creationTime', unixTime(row.at('createTime').integer())),
    hostIPs: decodeHosts(row.at('hostIps')),
    ...given('nodeCount', nodes === 0 ? undefined : nodes),
    isDeleted: row.at('isDeleted').boolean() ?? false,
  };
}

/** uid, else jobUUID, else namespace/name (D36). */
function identify(row: Cursor, pool: string): Pick<WorkloadFacts, 'uid' | 'identifiedBy'> | undefined {
  const uid = identityText(row.at('uid'));
  if (uid !== undefined) return { uid, identifiedBy: 'uid' };
  const jobUUID = identityText(row.at('jobUUID'));
  if (jobUUID !== undefined) return { uid: jobUUID, identifiedBy: 'jobUUID' };
  const name = identityText(row.at('name'));
  if (name === undefined) return undefined;
  return { uid: `${identityText(row.at('namespace')) ?? pool}/${name}`, identifiedBy: 'name' };
}

function identityText(at: Cursor): string | undefined {
  const text = at.text(longestIdentity + 1);
  if (text === undefined || text.length <= longestIdentity) return text;
  at.issue(`at most ${longestIdentity} characters`);
  return undefined;
}

function waits(status: string | undefined): boolean {
  return status === 'Queue' || status === 'Pending';
}

/** Numbers below are how this API says that it does not know (D16). */
function atLeast(least: number, value: number | undefined): number | undefined {
  return value !== undefined && value >= least ? value : undefined;
}

/** One text with commas, or a list (D26). */
function decodeHosts(at: Cursor): string[] {
  const texts = Array.isArray(at.value) ? at.texts(mostHosts) : [at.text(64 * mostHosts) ?? ''];
  const hosts = texts
    .flatMap((text) => text.split(','))
    .map((host) => host.trim())
    .filter((host) => host !== '');
  const short = hosts.filter((host) => host.length <= longestHost);
  if (short.length < hosts.length) at.issue('addresses');
  return short.slice(0, mostHosts);
}
