import { describe, expect, it } from '@jest/globals';
import {
  aProjectObject,
  aProjectWorld,
  aProjectWith,
  minute,
  noon,
  readInPart,
  without,
  failing,
} from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import type { ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import { formatDuration, planProject } from './project.ts';
import type { ProjectWorld } from './world.ts';

function write(world: ProjectWorld): { status: ModelArtsProjectStatus; events: string[] } {
  const decision = planProject(world);
  const before = world.object.status ?? {};
  if (decision.do !== 'status') return { status: before, events: [] };
  const status = JSON.parse(JSON.stringify(decision.status)) as ModelArtsProjectStatus;
  checkStatus({
    kind: 'ModelArtsProject',
    metadata: { generation: world.object.metadata.generation ?? 0 },
    status,
  });
  expect(planProject({ ...world, object: { ...world.object, status } })).toMatchObject({ do: 'nothing' });
  return { status, events: decision.events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`) };
}

/** Events without their notes. */
const short = (events: readonly string[]) => events.map((event) => event.replace(/:.*$/, ''));

const good = write(aProjectWorld()).status;
const after = (status: ModelArtsProjectStatus, over: Partial<ProjectWorld>) =>
  write(aProjectWorld({ object: aProjectObject({ status }), ...over }));
const shown = (status: ModelArtsProjectStatus) =>
  Object.fromEntries((status.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]));
const suspendedWith = (status: ModelArtsProjectStatus) =>
  aProjectObject({ status, spec: aProjectWith({ suspend: true }).spec });
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
    expect(short(result.events)).toEqual(events);
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

  it('keep a block while nothing could be read whole', () => {
    const { status } = after(good, { blocked });
    const configuration = { reason: 'SecretNotFound', message: 'Create the Secret.' } as const;
    for (const over of [{ configuration }, { read: failing() }, { object: suspendedWith(status) }])
      expect(shown(after(status, over).status).DeletionBlocked).toBe('True MaxPercentExceeded');
  });

  it.each<[string, Partial<ProjectWorld>, Record<string, string>]>([
    [
      'parts that did not decode',
      { read: readInPart() },
      { Ready: 'True Reading', Synced: 'False PartialFailure' },
    ],
    [
      'parts that did not decode, not said yet',
      { read: readInPart({ announce: false }) },
      { Ready: 'True Reading', Synced: 'True ReadComplete' },
    ],
    [
      'parts that did not decode for too long',
      { read: readInPart({ stale: true }) },
      { Ready: 'Unknown Stale', Synced: 'False PartialFailure' },
    ],
    [
      'a suspension that only reading knows of',
      { read: { is: 'suspended' } },
      { Ready: 'Unknown Suspended', Synced: 'Unknown Suspended', DeletionBlocked: 'False NothingBlocked' },
    ],
    [
      'a failure for too long, not said yet',
      { read: failing({ announce: false, stale: true }) },
      { Ready: 'Unknown Stale', Synced: 'True ReadComplete' },
    ],
  ])('show %s', (_what, over, expected) => {
    expect(shown(after(good, over).status)).toMatchObject(expected);
  });

  it('say that ModelArts is being read, even if only a part of the first answer decodes', () => {
    expect(shown(write(aProjectWorld({ read: readInPart() })).status).Ready).toBe('True Reading');
  });

  it('change without an Event of their own where Ready is False already', () => {
    const { status } = after(good, { authentication: refused, read: failing({ announce: false }) });
    expect(shown(status)).toMatchObject({ Ready: 'False Unauthorized', Synced: 'True ReadComplete' });
    const { status: next, events } = after(status, { authentication: refused, read: failing() });
    expect(shown(next)).toMatchObject({ Ready: 'False Unauthorized', Synced: 'False Unreachable' });
    expect(events).toEqual([]);
  });

  it('name what did not decode, or what fails, where that is known', () => {
    const synced = (over: Partial<ProjectWorld>) =>
      after(good, over).status.conditions?.find(({ type }) => type === 'Synced')?.message;
    expect(synced({ read: readInPart() })).toContain('items is {…} and not a list');
    expect(synced({ read: readInPart(), partial: ['pool a: x'] })).toBe(
      'Not everything could be read: pool a: x',
    );
    expect(
      synced({ effective: { poolIntervalMs: 90_000, workloadIntervalMs: 15_000, stretched: true } }),
    ).toMatch(
      /^All is read, but `rateLimit` .*`status.effective`.* Raise `rateLimit` .* share one budget\.$/,
    );
  });

  it('say again that nothing was read once the configuration is mended, and ModelArts does not answer', () => {
    const configuration = { reason: 'SecretNotFound', message: 'Create the Secret.' } as const;
    const quiet = failing({ announce: false });
    const mended = (status: ModelArtsProjectStatus) => shown(after(status, { read: quiet }).status).Ready;
    expect(mended(after(good, { configuration }).status)).toBe('Unknown NotReadYet');
    expect(mended(after(good, { authentication: refused }).status)).toBe('False Unauthorized');
    expect(mended(good)).toBe('True Reading');
    expect(shown(write(aProjectWorld({ read: quiet })).status).Ready).toBe('Unknown NotReadYet');
  });

  it('of a project that is suspended from the start say so', () => {
    const world = without(aProjectWorld({ read: { is: 'suspended' } }), 'authentication');
    expect(shown(write(world).status)).toEqual({
      Ready: 'Unknown Suspended',
      Authenticated: 'Unknown NotReadYet',
      Synced: 'Unknown Suspended',
      DeletionBlocked: 'False NothingBlocked',
    });
  });

  it('name the namespace default where a project has none', () => {
    const object = aProjectObject({ status: good });
    object.metadata = without(object.metadata, 'namespace');
    const found = after(good, { object, blocked }).status.conditions?.find(
      ({ type }) => type === 'DeletionBlocked',
    );
    expect(found?.message).toMatch(/^More pools are missing at once than `deletion.maxPercent` allows/);
    expect(found?.message).toContain(' --namespace default ');
  });

  it('tell once of a recovery', () => {
    const broken = after(good, { authentication: refused, read: failing({ reason: 'Unauthorized' }) }).status;
    expect(after(broken, {}).events).toEqual(['Normal SyncRecovered: ModelArts can be read again.']);
    expect(after(after(broken, {}).status, {}).events).toEqual([]);
  });
});

describe('the Events of a project', () => {
  const configuration = (message: string) => ({ reason: 'SecretNotFound', message }) as const;
  const forbidden = { ...refused, reason: 'Forbidden', message: 'It lacks a permission.' } as const;
  const missing = after(good, { configuration: configuration('Create it.') }).status;
  const unread = write(without(aProjectWorld({ read: { is: 'pending' } }), 'authentication')).status;
  const part = after(good, { partial: ['pool a: x'] }).status;
  const stale = after(good, { read: failing({ stale: true }) }).status;
  const broken = after(good, { read: failing() }).status;

  it.each<[string, ModelArtsProjectStatus, Partial<ProjectWorld>, string[]]>([
    ['a first read', unread, {}, []],
    [
      'a Secret that is missing',
      good,
      { configuration: configuration('Create it.') },
      ['Warning SecretNotFound: Create it.'],
    ],
    ['the same in other words', missing, { configuration: configuration('Create it!') }, []],
    [
      'another reason',
      missing,
      { authentication: forbidden, read: failing() },
      ['Warning Forbidden: It lacks a permission.'],
    ],
    [
      'a credential that is refused from the start',
      {},
      { authentication: refused },
      ['Warning Unauthorized: The token was refused.'],
    ],
    [
      'a failure that goes on while Ready is False',
      missing,
      { authentication: refused, read: failing() },
      ['Warning Unauthorized: The token was refused.'],
    ],
    ['a failure', good, { read: failing() }, ['Warning SyncFailed: ModelArts did not answer.']],
    [
      'another failure',
      broken,
      { read: failing({ reason: 'Throttled', message: 'Too much.' }) },
      ['Warning SyncFailed: Too much.'],
    ],
    [
      'a failure at the start',
      unread,
      { read: failing() },
      ['Warning SyncFailed: ModelArts did not answer.'],
    ],
    ['a failure that becomes long', broken, { read: failing({ stale: true }) }, []],
    ['the end of a long one', stale, {}, ['Normal SyncRecovered: Everything can be read again.']],
    ['the end of a short one', broken, {}, ['Normal SyncRecovered: Everything can be read again.']],
    [
      'a part that fails',
      good,
      { partial: ['pool a: x'] },
      ['Warning SyncFailed: Not everything could be read: pool a: x'],
    ],
    ['a part that works again', part, {}, ['Normal SyncRecovered: Everything can be read again.']],
    ['a part that fails, suspended', part, { read: { is: 'suspended' } }, []],
    ['a missing Secret, suspended', missing, { read: { is: 'suspended' } }, []],
    ['a missing Secret that is there now', missing, { read: { is: 'pending' } }, []],
    [
      'a budget that is too small',
      good,
      { effective: { poolIntervalMs: 1, workloadIntervalMs: 1, stretched: true } },
      [],
    ],
  ])('tell of %s', (_what, status, over, events) => {
    expect(after(status, over).events).toEqual(events);
  });

  it('tell of a block once, and not of its end', () => {
    const held = after(good, { blocked });
    expect(held.events).toHaveLength(1);
    expect(held.events[0]).toMatch(/^Warning DeletionBlocked: More pools are missing at once/);
    expect(after(held.status, { blocked }).events).toEqual([]);
    expect(after(held.status, {}).events).toEqual([]);
  });

  it('are short, however long a failure is described', () => {
    const decision = planProject(
      aProjectWorld({
        configuration: configuration('m'.repeat(3_000)),
        object: aProjectObject({ status: good }),
      }),
    );
    expect(decision.do === 'status' && decision.events.map(({ note }) => note.length <= 1_024)).toEqual([
      true,
    ]);
  });
});

describe('the rest of a project', () => {
  const at = (generation: number, status: ModelArtsProjectStatus = good) =>
    aProjectObject({ status, metadata: { ...aProjectObject().metadata, generation } });

  it.each<[string, Partial<ProjectWorld>, number]>([
    ['a complete read', {}, 2],
    ['a read in part', { read: readInPart({ announce: false }) }, 2],
    [
      'a configuration that cannot be used',
      { configuration: { reason: 'InvalidSpec', message: 'x' }, read: { is: 'pending' } },
      2,
    ],
    ['a failure that is said', { read: failing() }, 2],
    ['a failure that is not said yet', { read: failing({ announce: false }) }, 1],
    ['no read yet', { read: { is: 'pending' } }, 1],
    ['a suspension', { read: { is: 'suspended' } }, 2],
  ])('says which generation it speaks of: %s', (_what, over, generation) => {
    expect(after(good, { object: at(2), ...over }).status.observedGeneration).toBe(generation);
  });

  it('shows numbers, intervals and features, and keeps those while suspended', () => {
    const apiFeatures = { eventQuery: true };
    const { status } = after(good, {
      apiFeatures: apiFeatures as never,
      handledReconcileAt: 'h',
      refusedSecretVersion: '7',
    });
    expect(status).toMatchObject({
      pools: 1,
      workloads: 2,
      resourceSpecs: 0,
      apiFeatures,
      effective: { poolInterval: '30s', workloadInterval: '15s' },
      lastHandledReconcileAt: 'h',
      refusedSecretVersion: '7',
      lastSyncTime: '2026-03-01T12:00:00Z',
    });
    const later = after(status, { counts: { pools: 9, workloads: 9, resourceSpecs: 9 } }).status;
    expect(later).toMatchObject({ pools: 9, workloads: 9, resourceSpecs: 9 });
    expect(later.lastHandledReconcileAt).toBe('h');
    expect(later.refusedSecretVersion).toBeUndefined();
    const paused = after(status, {
      counts: { pools: 9, workloads: 9, resourceSpecs: 9 },
      read: { is: 'suspended' },
      lastSyncAt: noon + 60 * minute,
    }).status;
    expect(without(paused, 'conditions')).toEqual(without(status, 'conditions'));
  });

  it('says why it does what it does', () => {
    const of = (world: ProjectWorld) => {
      const decision = planProject(world);
      return `${decision.do} ${decision.reason}`;
    };
    expect(of(aProjectWorld())).toBe('status StatusDiffers');
    expect(of(aProjectWorld({ object: aProjectObject({ status: good }) }))).toBe('nothing InSync');
    const paused = after(good, { read: { is: 'suspended' } }).status;
    expect(of(aProjectWorld({ read: { is: 'suspended' } }))).toBe('status Suspended');
    expect(of(aProjectWorld({ read: { is: 'suspended' }, object: aProjectObject({ status: paused }) }))).toBe(
      'nothing Suspended',
    );
  });

  it('shows no time of a sync before there was one, and the first at once', () => {
    const { status } = write(without(aProjectWorld(), 'lastSyncAt'));
    expect(status.lastSyncTime).toBeUndefined();
    expect(after(status, {}).status.lastSyncTime).toBe('2026-03-01T12:00:00Z');
    const unfinished = without(aProjectWorld({ object: aProjectObject({ status: good }) }), 'lastSyncAt');
    expect(write(unfinished).status.lastSyncTime).toBe('2026-03-01T12:00:00Z');
  });

  it('takes its own maxStaleness for a step', () => {
    const slow = aProjectObject({
      status: good,
      spec: aProjectWith({ polling: { maxStaleness: '10m' } }).spec,
    });
    const at = (minutes: number) => after(good, { object: slow, lastSyncAt: noon + minutes * minute }).status;
    expect(at(9).lastSyncTime).toBe('2026-03-01T12:00:00Z');
    expect(at(10).lastSyncTime).toBe('2026-03-01T12:10:00Z');
  });

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
