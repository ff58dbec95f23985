import { describe, expect, it } from '@jest/globals';
import {
  aProjectObject,
  aProjectWorld,
  aProjectWith,
  minute,
  noon,
  without,
} from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import type { ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import { formatDuration, planProject } from './project.ts';
import type { ProjectWorld, ReadState } from './world.ts';

function write(world: ProjectWorld): { status: ModelArtsProjectStatus; events: string[] } {
  const decision = planProject(world);
  const before = world.object.status ?? {};
  if (decision.do !== 'status') return { status: before, events: [] };
  const status = JSON.parse(JSON.stringify(decision.status)) as ModelArtsProjectStatus;
  checkStatus({ kind: 'ModelArtsProject', metadata: { generation: 1 }, status });
  expect(planProject({ ...world, object: { ...world.object, status } })).toMatchObject({ do: 'nothing' });
  return { status, events: decision.events.map(({ type, reason }) => `${type} ${reason}`) };
}

const good = write(aProjectWorld()).status;
const after = (status: ModelArtsProjectStatus, over: Partial<ProjectWorld>) =>
  write(aProjectWorld({ object: aProjectObject({ status }), ...over }));
const shown = (status: ModelArtsProjectStatus) =>
  Object.fromEntries((status.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]));
const failing = (over: Partial<ReadState & { is: 'failing' }> = {}): ReadState => ({
  is: 'failing',
  reason: 'Unreachable',
  message: 'ModelArts did not answer.',
  announce: true,
  stale: false,
  ...over,
});
const refused = { accepted: false, reason: 'Unauthorized', message: 'The token was refused.' } as const;
const blocked = { ids: ['pool-a', 'pool-b'], total: 2, token: 'abc123', what: 'pools' };

describe('the conditions of a project', () => {
  const table: [string, Partial<ProjectWorld>, Record<string, string>, string[]][] = [
    [
      'all is well',
      {},
      {
        Ready: 'True Reading',
        Authenticated: 'True Accepted',
        Synced: 'True ReadComplete',
        DeletionBlocked: 'False NothingBlocked',
      },
      [],
    ],
    [
      'the Secret is missing',
      { configuration: { reason: 'SecretNotFound', message: 'Create the Secret.' } },
      { Ready: 'False SecretNotFound', Authenticated: 'True Accepted', Synced: 'False SecretNotFound' },
      ['Warning SecretNotFound'],
    ],
    [
      'the credential is refused',
      { authentication: refused, read: failing({ reason: 'Unauthorized' }) },
      { Ready: 'False Unauthorized', Authenticated: 'False Unauthorized', Synced: 'False Unauthorized' },
      ['Warning Unauthorized'],
    ],
    [
      'a failure not said yet',
      { read: failing({ announce: false }) },
      { Ready: 'True Reading', Synced: 'True ReadComplete' },
      [],
    ],
    [
      'a failure',
      { read: failing() },
      { Ready: 'True Reading', Synced: 'False Unreachable' },
      ['Warning SyncFailed'],
    ],
    [
      'a long failure',
      { read: failing({ stale: true }) },
      { Ready: 'Unknown Stale', Synced: 'False Unreachable' },
      ['Warning SyncFailed'],
    ],
    [
      'a part fails',
      { partial: ['pool a: x', 'pool b: x', 'pool c: x', 'pool d: x'] },
      { Ready: 'True Reading', Synced: 'False PartialFailure' },
      ['Warning SyncFailed'],
    ],
    [
      'a small budget',
      { effective: { poolIntervalMs: 90_000, workloadIntervalMs: 15_000, stretched: true } },
      { Synced: 'True BudgetStretched' },
      [],
    ],
    [
      'deletions are held back',
      { blocked },
      { DeletionBlocked: 'True MaxPercentExceeded' },
      ['Warning DeletionBlocked'],
    ],
    [
      'suspended',
      { object: aProjectObject({ status: good, spec: aProjectWith({ suspend: true }).spec }) },
      { Ready: 'Unknown Suspended', Synced: 'Unknown Suspended', Authenticated: 'True Accepted' },
      [],
    ],
    ['a restart', { read: { is: 'pending' } }, shown(good), []],
  ];
  it.each(table)('%s', (_name, over, expected, events) => {
    const result = after(good, over);
    expect(shown(result.status)).toMatchObject(expected);
    expect(result.events).toEqual(events);
  });

  it('are there before the first answer', () => {
    const world = without(aProjectWorld({ read: { is: 'pending' } }), 'authentication');
    expect(shown(write(world).status)).toMatchObject({
      Ready: 'Unknown NotReadYet',
      Authenticated: 'Unknown NotReadYet',
      Synced: 'Unknown NotReadYet',
    });
  });

  it('print the command that releases exactly this set', () => {
    const message = after(good, { blocked }).status.conditions?.find(
      (c) => c.type === 'DeletionBlocked',
    )?.message;
    expect(message).toContain(
      'kubectl annotate modelartsproject vision --namespace team --overwrite modelarts-operator.dev/confirm-deletion=abc123',
    );
    expect(message).toContain('pool-a, pool-b');
  });

  it('name the first three parts that fail', () => {
    const partial = ['pool a: x', 'pool b: x', 'pool c: x', 'pool d: x'];
    const synced = after(good, { partial }).status.conditions?.find((c) => c.type === 'Synced');
    expect(synced?.message).toBe('Not everything could be read: pool a: x; pool b: x; pool c: x; and more');
  });

  it('keep a block that nothing has disproved', () => {
    const { status } = after(good, { blocked });
    expect(shown(after(status, { read: { is: 'pending' } }).status).DeletionBlocked).toBe(
      'True MaxPercentExceeded',
    );
    expect(shown(after(status, {}).status).DeletionBlocked).toBe('False NothingBlocked');
  });

  it('tell once of a recovery', () => {
    const broken = after(good, { authentication: refused, read: failing({ reason: 'Unauthorized' }) }).status;
    expect(after(broken, {}).events).toEqual(['Normal SyncRecovered']);
  });
});

describe('the rest of a project', () => {
  it('moves lastSyncTime in steps of maxStaleness', () => {
    expect(after(good, { lastSyncAt: noon + 4 * minute }).status.lastSyncTime).toBe('2026-03-01T12:00:00Z');
    expect(after(good, { lastSyncAt: noon + 5 * minute }).status.lastSyncTime).toBe('2026-03-01T12:05:00Z');
  });
  it('leaves a project alone that is being deleted', () => {
    const object = aProjectObject();
    object.metadata.deletionTimestamp = '2026-03-01T12:00:00Z';
    expect(planProject(aProjectWorld({ object }))).toEqual({ do: 'nothing', reason: 'BeingDeleted' });
  });
  it.each([
    [1, '1s'],
    [30_000, '30s'],
    [60_000, '1m'],
    [90_001, '1m31s'],
    [3_600_000, '1h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
