import { describe, expect, it } from '@jest/globals';

import { failing, minute, noon, poolFacts, readInPart, without } from '../../test/support/builders.ts';
import type { PoolFacts } from '../api/facts.ts';
import type { Condition } from '../api/kinds/condition.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import {
  duplicateStatus,
  goneStatus,
  heldStatus,
  issuesMessage,
  keptStatus,
  projectNotFoundStatus,
  readStatus,
  type PoolReading,
} from './pool-status.ts';
import type { ReadState } from './world.ts';

const base = (status: ModelArtsPoolStatus, handledReconcileAt?: string) => ({
  mirror: { status, generation: 2 },
  now: noon + minute,
  handledReconcileAt,
});
const reading = (facts: PoolFacts, over: Partial<PoolReading> = {}): PoolReading => ({
  facts,
  numbersPending: false,
  capacityPending: false,
  ...over,
});
const complete: ReadState = { is: 'complete' };
const issue = (path: string) => ({ path, expected: 'text', found: '{…}' });
const read = (
  facts: Partial<PoolFacts> = {},
  before: ModelArtsPoolStatus = {},
  state: ReadState = complete,
) => readStatus(base(before), reading(poolFacts(facts)), state);
const one = (status: ModelArtsPoolStatus, type: string): Condition | undefined =>
  status.conditions?.find((condition) => condition.type === type);
const says = (status: ModelArtsPoolStatus, type: string) => {
  const found = one(status, type);
  return found && `${found.status} ${found.reason}: ${found.message}`;
};
const types = ({ conditions = [] }: ModelArtsPoolStatus) => conditions.map(({ type }) => type);
const notRead = 'Unknown NotReadYet: The pool has not been read yet.';

describe('what the conditions of a pool say', () => {
  it.each<[string, Partial<PoolFacts>, string, string | undefined]>([
    ['a phase', {}, 'Ready', 'True Running: ModelArts reports the phase Running.'],
    [
      'an empty text of ModelArts',
      { message: '' },
      'Ready',
      'True Running: ModelArts reports the phase Running.',
    ],
    [
      "ModelArts' own text",
      { phase: 'Error', message: 'No quota.' },
      'Stalled',
      'True Error: ModelArts reports the phase Error: No quota.',
    ],
    [
      'a phase that nobody knows',
      { phase: 'Hibernating' },
      'Ready',
      'Unknown UnknownPhase: This version of the operator does not know the phase "Hibernating".',
    ],
    ['a driver', {}, 'DriverReady', 'True Running: The gpu driver is Running.'],
    [
      'both drivers',
      { npuDriver: { state: 'Running' } },
      'DriverReady',
      'True Running: The gpu and npu drivers are Running.',
    ],
    [
      'the worse of two drivers',
      { npuDriver: { state: 'Upgrading' } },
      'DriverReady',
      'False Upgrading: The npu driver is Upgrading.',
    ],
    [
      'the first of two that are equally bad',
      { gpuDriver: { state: 'Abnormal' }, npuDriver: { state: 'Error' } },
      'DriverReady',
      'False Abnormal: The gpu driver is Abnormal.',
    ],
    [
      'the worse one, should it come first',
      { gpuDriver: { state: 'Abnormal' }, npuDriver: { state: 'Running' } },
      'DriverReady',
      'False Abnormal: The gpu driver is Abnormal.',
    ],
    [
      'a driver whose state is not said, rather than one that runs',
      { npuDriver: {} },
      'DriverReady',
      'Unknown UnknownState: ModelArts did not say the state of the npu driver.',
    ],
    [
      'a driver that is being installed, rather than one whose state is not said',
      { gpuDriver: {}, npuDriver: { state: 'Creating' } },
      'DriverReady',
      'False Creating: The npu driver is Creating.',
    ],
    [
      'a state that is no reason',
      { gpuDriver: { state: 'not so good' } },
      'DriverReady',
      'False UnknownState: The gpu driver is not so good.',
    ],
    [
      'a driver that is installed',
      { npuDriver: { state: 'Creating' } },
      'Reconciling',
      'True DriverCreating: ModelArts is installing the npu driver.',
    ],
    [
      'rows without nodes',
      { resources: { ...poolFacts().resources, creating: [{ flavor: 'f', count: 0, azs: [] }] } },
      'Reconciling',
      undefined,
    ],
  ])('%s', (_what, facts, type, text) => expect(says(read(facts), type)).toBe(text));

  it('a phase that is not said', () => {
    const status = readStatus(base({}), reading(without(poolFacts(), 'phase')), complete);
    expect(says(status, 'Ready')).toBe('Unknown UnknownPhase: ModelArts did not say the phase of the pool.');
    expect(types(status)).toEqual(['Ready', 'Synced', 'DriverReady']);
  });

  it('what was shortened, sorted, and nothing where nothing was', () => {
    expect(says(read(), 'Synced')).toBe('True ReadComplete: The last read was complete.');
    const long = { type: 't'.repeat(300), displayName: 'd'.repeat(300), billingMode: 'b'.repeat(300) };
    expect(says(read(long), 'Synced')).toBe(
      'True ReadComplete: The last read was complete. ' +
        'Shortened to keep this object small: billingMode, displayName, type.',
    );
  });

  it('the first three parts that did not decode, by path, each once', () => {
    expect(issuesMessage([issue('b'), issue('a'), issue('b')])).toBe(
      'Parts of the answer of ModelArts were left out: a is {…} and not text; b is {…} and not text.',
    );
    expect(issuesMessage(['d', 'c', 'b', 'a'].map(issue))).toMatch(
      /: a is .*; b is .*; c is .*; and more\.$/,
    );
  });
});

describe('how reading stands', () => {
  const before = read();
  const unreachable = 'False Unreachable: ModelArts did not answer.';
  const whole = 'True ReadComplete: The last read was complete.';
  const stale =
    'Unknown Stale: The pool could not be read for too long for its last known state to count; `Synced` says why.';
  const running = 'True Running: ModelArts reports the phase Running.';
  const leftOut =
    'False InvalidResponse: Parts of the answer of ModelArts were left out: items is {…} and not a list.';

  it.each<[string, ReadState, string, string]>([
    ['not yet', { is: 'pending' }, running, whole],
    [
      'suspended',
      { is: 'suspended' },
      running,
      'Unknown Suspended: The project says `suspend: true`: nothing is read until that is taken back.',
    ],
    ['in part, not said yet', readInPart({ announce: false }), running, whole],
    ['in part', readInPart(), running, leftOut],
    ['in part, for too long', readInPart({ stale: true }), stale, leftOut],
    ['not at all, not said yet', failing({ announce: false }), running, whole],
    ['not at all', failing(), running, unreachable],
    ['not at all, for too long', failing({ announce: false, stale: true }), stale, unreachable],
  ])('read %s', (_how, state, ready, synced) => {
    const kept = keptStatus(base(before), state);
    expect(says(kept, 'Ready')).toBe(ready);
    expect(says(kept, 'Synced')).toBe(synced);
    expect(says(read({}, before, state), 'Synced')).toBe(synced);
  });

  it('read in part: a stale part makes Ready unknown, whatever the rest says', () => {
    expect(says(read({}, before, readInPart({ stale: true })), 'Ready')).toBe(stale);
    expect(says(read({}, before, readInPart()), 'Ready')).toBe(running);
  });

  it('keeps the first reason of a failure that is stale, until another is said', () => {
    const failed = keptStatus(base(before), failing());
    const other = failing({ reason: 'Throttled', message: 'Too much.', announce: false, stale: true });
    expect(says(keptStatus(base(failed), other), 'Synced')).toBe(unreachable);
  });

  it('was never read', () => {
    const kept = keptStatus(base({}), { is: 'pending' });
    expect(says(kept, 'Ready')).toBe(notRead);
    expect(says(kept, 'Synced')).toBe(notRead);
    expect(types(kept)).toEqual(['Ready', 'Synced']);
  });

  it.each([
    ['whose project is there again', projectNotFoundStatus(base(before), 'vision')],
    ['whose other object is gone', duplicateStatus(base(before), 'other')],
  ])('a pool %s is as good as unread', (_what, lost) => {
    const kept = keptStatus(base(lost), { is: 'pending' });
    expect(says(kept, 'Ready')).toBe(notRead);
    expect(says(kept, 'Synced')).toBe(notRead);
  });

  it('keeps what it said of drivers and progress, of which at most one', () => {
    const creating = {
      resources: { ...poolFacts().resources, creating: [{ flavor: 'f', count: 1, azs: [] }] },
    };
    const kept = (status: ModelArtsPoolStatus) => types(keptStatus(base(status), failing()));
    expect(kept(read(creating))).toEqual(['Ready', 'Synced', 'DriverReady', 'Reconciling']);
    expect(kept(read({ ...creating, phase: 'Error' }))).toEqual([
      'Ready',
      'Synced',
      'DriverReady',
      'Stalled',
    ]);
    const both = [one(read({ phase: 'Error' }), 'Stalled')!, one(read(creating), 'Reconciling')!];
    expect(kept({ conditions: both })).toEqual(['Ready', 'Synced', 'Stalled']);
  });
});

describe('a pool that is lost keeps its values and says why', () => {
  const before = read({ phase: 'Creating' });
  it.each<[string, () => ModelArtsPoolStatus, string, string]>([
    [
      'gone',
      () => goneStatus(base(before), 'pool-a'),
      'False PoolNotFound',
      'False NotFound: ModelArts has no pool pool-a in this project (any more). The values shown are the last known ' +
        'ones; delete this object when it is of no more use.',
    ],
    [
      'without a project',
      () => projectNotFoundStatus(base(before), 'vision'),
      'False ProjectNotFound',
      'Unknown NotReadYet: There is no ModelArtsProject vision in this namespace: create it, or delete this object.',
    ],
    [
      'shown twice',
      () => duplicateStatus(base(before), 'other'),
      'False Duplicate',
      'Unknown NotReadYet: The older object other shows the same pool and is the one kept up to date: delete one of ' +
        'the two.',
    ],
  ])('%s', (_how, lose, ready, synced) => {
    const lost = lose();
    expect(lost).toMatchObject(without(before, 'conditions', 'observedGeneration'));
    expect(says(lost, 'Synced')).toBe(synced);
    expect(says(lost, 'Ready')).toBe(`${ready}: ${one(lost, 'Synced')?.message}`);
    expect(types(lost)).toEqual(['Ready', 'Synced', 'DriverReady']);
  });

  it('held back', () => {
    const held =
      'False NotFound: ModelArts shows no pool pool-a any more. Its mirror stays with its last values';
    expect(says(heldStatus(base(before), complete, 'pool-a'), 'Synced')).toContain(held);
    expect(says(heldStatus(base(before), readInPart(), 'pool-a'), 'Synced')).toContain(held);
    expect(types(heldStatus(base(before), complete, 'pool-a'))).toEqual([
      'Ready',
      'DriverReady',
      'Reconciling',
      'Synced',
    ]);
  });
});

describe('what was not read yet stays as it stood', () => {
  const statistics = { total: 1, byStatus: {}, byType: [] };
  const known = {
    statistics: { ...statistics, total: 2 },
    allocated: { cpu: '2' },
    capacity: { cpu: '4' },
    free: { cpu: '2' },
  };
  const before = readStatus(base({}), reading(poolFacts(), known), complete);
  const fresh = { statistics, allocated: { cpu: '1' }, capacity: { cpu: '8' }, free: { cpu: '7' } };

  it.each<[string, Partial<PoolReading>, [number | undefined, string?, string?, string?]]>([
    ['nothing', {}, [1, '1', '8', '7']],
    ['jobs', { numbersPending: true }, [2, '2', '8', '2']],
    ['capacity', { capacityPending: true }, [1, '1', '4', '2']],
    ['both', { numbersPending: true, capacityPending: true }, [2, '2', '4', '2']],
  ])('%s', (_what, pending, [total, allocated, capacity, free]) => {
    const status = readStatus(base(before), reading(poolFacts(), { ...fresh, ...pending }), complete);
    expect(status).toMatchObject({
      workloads: { total },
      allocated: { cpu: allocated },
      capacity: { cpu: capacity },
      free: { cpu: free },
    });
  });

  it('and the request that was handled last, until another is', () => {
    const handled = keptStatus(base({}, 'first'), complete);
    expect(handled).toMatchObject({ lastHandledReconcileAt: 'first', observedGeneration: 2 });
    expect(keptStatus(base(handled), complete).lastHandledReconcileAt).toBe('first');
    expect(keptStatus(base(handled, 'second'), complete).lastHandledReconcileAt).toBe('second');
  });
});
