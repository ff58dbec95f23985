import type { CountedListFacts, WorkloadFacts } from '../../api/facts.ts';
import { decodeList } from './list.ts';
import { isPoolID } from './pool.ts';
import { given, type Cursor } from './read.ts';
import { unixTime } from './times.ts';
import { workloadStatus } from './words.ts';

/** Longer is no version id: it is a long. */
const longestID = 64;

interface Status {
  /** The word of the workload API that comes nearest. */
  readonly word: string;
  readonly meaning: string;
}

/** By code (reference 4.3): the sources give names and meanings, the words are ours. */
const statuses: readonly Status[] = [
  { word: 'Unknown', meaning: 'unknown' },
  { word: 'Creating', meaning: 'initialising' },
  { word: 'Creating', meaning: 'image being built' },
  { word: 'Failed', meaning: 'image failed' },
  { word: 'Pending', meaning: 'being submitted' },
  { word: 'Failed', meaning: 'submit failed' },
  { word: 'Abnormal', meaning: 'delete failed' },
  { word: 'Queue', meaning: 'queued' },
  { word: 'Running', meaning: 'running' },
  { word: 'Terminating', meaning: 'being canceled' },
  { word: 'Completed', meaning: 'completed' },
  { word: 'Failed', meaning: 'run failed' },
  { word: 'Terminated', meaning: 'cancel succeeded' },
  { word: 'Terminated', meaning: 'canceled' },
  { word: 'Abnormal', meaning: 'lost' },
  { word: 'Running', meaning: 'being scaled' },
  { word: 'Failed', meaning: 'model submit failed' },
  { word: 'Failed', meaning: 'service deploy failed' },
  { word: 'Creating', meaning: 'review initialising' },
  { word: 'Running', meaning: 'review running' },
  { word: 'Completed', meaning: 'review completed' },
  { word: 'Failed', meaning: 'review failed' },
];

/** GET /v1/{project}/training-jobs/versions: one page. */
export function decodeTrainingJobVersions(body: Cursor): CountedListFacts<WorkloadFacts> | undefined {
  const list = decodeList(body, {
    rows: 'versions',
    orElse: ['total_count'],
    decode: decodeVersion,
    identity: (version) => version.uid,
  });
  return list === undefined ? undefined : { ...list, ...given('total', body.at('total_count').count()) };
}

/** One row; undefined without a version id. Times and durations are milliseconds here. */
function decodeVersion(row: Cursor): WorkloadFacts | undefined {
  const id = row.at('version_id').text(longestID + 1);
  if (id === undefined || id.length > longestID) return undefined;
  const pool = row.at('pool_id').text(128);
  const duration = row.at('duration').integer();
  return {
    uid: id,
    identifiedBy: 'uid',
    ...given('namespace', pool !== undefined && isPoolID(pool) ? pool : undefined),
    ...given('jobName', row.at('version_name').text(256)),
    type: 'train',
    ...decodeStatus(row.at('status')),
    ...given('flavor', row.at('flavor_code').text(256)),
    ...given('description', row.at('version_desc').text(1024)),
    cards: { gpu: row.at('gpu_num').count() ?? 0, npu: row.at('npu_num').count() ?? 0 },
    resources: {},
    resourcesIncomplete: true,
    ...given('creationTime', time(row.at('create_time'))),
    ...given('startTime', time(row.at('start_time'))),
    ...given('completionTime', time(row.at('end_time'))),
    ...given(
      'runningSeconds',
      duration !== undefined && duration > 0 ? Math.floor(duration / 1000) : undefined,
    ),
    hostIPs: [],
    isDeleted: false,
  };
}

/** A code that is not documented stays visible (D27). Text that is no code may be a word already. */
function decodeStatus(at: Cursor): Pick<WorkloadFacts, 'status' | 'message'> {
  const text = at.text(64);
  if (text === undefined) return {};
  if (!/^-?\d+$/.test(text)) return given('status', workloadStatus(text));
  const code = Number(text);
  const known = statuses[code];
  return known === undefined
    ? { status: `Unknown(${code})` }
    : { status: known.word, message: `Status ${code}: ${known.meaning}.` };
}

/** 0 is a time that is not reached (D28). */
function time(at: Cursor): number | undefined {
  return unixTime(at.integer());
}
