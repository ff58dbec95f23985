import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PoolFacts } from '../api/facts.ts';
import {
  aDeclaredMirror,
  aPoolMirror,
  aPoolWorld,
  aProject,
  aProjectWith,
  minute,
  noon,
  poolFacts,
  readInPart,
  without,
  failing,
} from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import type { Condition } from '../api/kinds/condition.ts';
import { poolPhases } from '../api/reasons.ts';
import { phaseMeanings } from './pool-phase.ts';
import { planPool, type PoolDecision } from './pool.ts';
import { storedSize } from './stored-size.ts';
import type { PoolRecord, PoolWorld, ReadState } from './world.ts';

/** Carries out the decision on the world's mirrors, as the controller and an apiserver would. */
function apply(world: PoolWorld, decision: PoolDecision): PoolWorld {
  const change = (name: string, to: (mirror: PoolRecord) => PoolRecord): PoolWorld => ({
    ...world,
    mirrors: world.mirrors.map((mirror) => (mirror.name === name ? to(mirror) : mirror)),
  });
  switch (decision.do) {
    case 'nothing':
    case 'wait':
      return world;
    case 'create': {
      const { metadata, spec } = decision.object;
      const plain = without(aPoolMirror({ createdAt: world.now }), 'ownerUID');
      const owner = metadata.ownerReferences?.[0]?.uid;
      const made: PoolRecord = {
        ...plain,
        name: metadata.name,
        poolName: spec.poolName,
        labels: metadata.labels ?? {},
        discoveredBy: metadata.annotations?.['modelarts-operator.dev/discovered-by'] ?? '',
        ...(owner === undefined ? {} : { ownerUID: owner }),
      };
      return { ...world, mirrors: [...world.mirrors, made] };
    }
    case 'status':
      checkStatus({ kind: 'ModelArtsPool', metadata: { generation: 1 }, status: decision.status });
      return change(decision.name, (mirror) => ({ ...mirror, status: structuredClone(decision.status) }));
    case 'object':
      return change(decision.name, ({ ownerUID, ...mirror }) => {
        const owners = decision.metadata.ownerReferences;
        const uid = owners === undefined ? ownerUID : owners[0]?.uid;
        const by = decision.metadata.annotations?.['modelarts-operator.dev/discovered-by'];
        return {
          ...mirror,
          labels: { ...mirror.labels, ...(decision.metadata.labels as Record<string, string>) },
          ...(uid === undefined ? {} : { ownerUID: uid }),
          ...(by == null ? {} : { discoveredBy: by }),
        };
      });
    case 'delete':
      return { ...world, mirrors: world.mirrors.filter(({ name }) => name !== decision.name) };
  }
}

/** The world in which there is nothing left to do, and what was done on the way. */
function settle(world: PoolWorld, limit = 8): { world: PoolWorld; decisions: PoolDecision[] } {
  const decisions: PoolDecision[] = [];
  for (let w = world; decisions.length < limit;) {
    const decision = planPool(w);
    decisions.push(decision);
    if (decision.do === 'nothing' || decision.do === 'wait') return { world: w, decisions };
    w = apply(w, decision);
  }
  throw new Error(`Not settled: ${decisions.map((d) => `${d.do}/${d.reason}`).join(', ')}`);
}

const steps = (world: PoolWorld) => settle(world).decisions.map((d) => `${d.do} ${d.reason}`);

/** A mirror that shows `facts` and was read well. */
function filled(facts = poolFacts(), mirror = aPoolMirror()): PoolRecord {
  const upstream = { is: 'present', facts, selected: true } as const;
  return settle(aPoolWorld({ mirrors: [mirror], upstream })).world.mirrors[0]!;
}

const condition = (mirror: PoolRecord | undefined, type: string): Condition | undefined =>
  mirror?.status.conditions?.find((c) => c.type === type);

const unread = { is: 'unread' } as const;
const absent = (confirmed: boolean, blocked = false) => ({ is: 'absent', confirmed, blocked }) as const;
const noProject = without(aPoolWorld(), 'project');

describe('planPool', () => {
  const table: [string, PoolWorld, string[]][] = [
    [
      'a new pool is created and then filled',
      aPoolWorld(),
      ['create NotMirrored', 'status StatusDiffers', 'nothing InSync'],
    ],
    [
      'a pool that is not selected is not made',
      aPoolWorld({ upstream: { is: 'present', facts: poolFacts(), selected: false } }),
      ['nothing NotMirrored'],
    ],
    [
      'nothing is made before anything was read',
      aPoolWorld({ upstream: unread, read: { is: 'pending' } }),
      ['nothing NotReadYet'],
    ],
    [
      'nothing is made under a project that is being deleted',
      aPoolWorld({ project: aProject({ deleting: true }) }),
      ['nothing BeingDeleted'],
    ],
    ['nothing is made without a project', noProject, ['nothing ProjectMissing']],
    [
      'nothing is made for a suspended project',
      aPoolWorld({ project: aProjectWith({ suspend: true }) }),
      ['nothing Suspended'],
    ],
    [
      'a mirror that is being deleted is waited for',
      aPoolWorld({ mirrors: [aPoolMirror({ deleting: true })] }),
      ['nothing BeingDeleted'],
    ],
    ['a mirror in sync stays as it is', aPoolWorld({ mirrors: [filled()] }), ['nothing InSync']],
    [
      'a restart rewrites nothing',
      aPoolWorld({ mirrors: [filled()], upstream: unread, read: { is: 'pending' } }),
      ['nothing NotReadYet'],
    ],
    [
      'a declared pool says at once that it was not read',
      aPoolWorld({ mirrors: [aDeclaredMirror()], upstream: unread, read: { is: 'pending' } }),
      ['status NotReadYet', 'nothing NotReadYet'],
    ],
    [
      'a hand edit is put right',
      aPoolWorld({ mirrors: [{ ...filled(), status: { ...filled().status, phase: 'Edited' } }] }),
      ['status StatusDiffers', 'nothing InSync'],
    ],
    [
      'labels of ours are put right',
      aPoolWorld({ mirrors: [{ ...filled(), labels: {} }] }),
      ['object MetadataDiffers', 'nothing InSync'],
    ],
    [
      'the owner is the project that is there now',
      aPoolWorld({ mirrors: [{ ...filled(), ownerUID: 'old' }] }),
      ['object MetadataDiffers', 'nothing InSync'],
    ],
    [
      'absent once is waited for',
      aPoolWorld({ mirrors: [filled()], upstream: absent(false) }),
      ['wait DeletionUnconfirmed'],
    ],
    [
      'too many at once are held back',
      aPoolWorld({ mirrors: [filled()], upstream: absent(true, true) }),
      ['status StatusDiffers', 'nothing DeletionBlocked'],
    ],
    [
      'a gone pool goes in two writes',
      aPoolWorld({ mirrors: [filled()], upstream: absent(true) }),
      ['status DeletionAnnounced', 'delete UpstreamGone', 'nothing NotMirrored'],
    ],
    [
      "a gone pool's workloads go first",
      aPoolWorld({ mirrors: [filled()], upstream: absent(true), workloads: 3 }),
      ['wait WorkloadsFirst'],
    ],
    [
      'a gone pool stays where it was declared',
      aPoolWorld({ mirrors: [filled(poolFacts(), aDeclaredMirror())], upstream: absent(true) }),
      ['status Retained', 'nothing Retained'],
    ],
    [
      'a gone pool stays with policy Retain',
      aPoolWorld({
        project: aProjectWith({ deletion: { policy: 'Retain' } }),
        mirrors: [filled()],
        upstream: absent(true),
      }),
      ['object MetadataDiffers', 'status Retained', 'nothing Retained'],
    ],
    [
      'a gone pool stays where a person took it over',
      aPoolWorld({ mirrors: [{ ...filled(), adopted: true }], upstream: absent(true) }),
      ['object MetadataDiffers', 'status Retained', 'nothing Retained'],
    ],
    [
      'a pool that no longer matches goes',
      aPoolWorld({ mirrors: [filled()], upstream: { is: 'present', facts: poolFacts(), selected: false } }),
      ['delete NotSelected', 'nothing NotMirrored'],
    ],
    [
      'a declared pool need not match',
      aPoolWorld({
        mirrors: [filled(poolFacts(), aDeclaredMirror())],
        upstream: { is: 'present', facts: poolFacts(), selected: false },
      }),
      ['nothing InSync'],
    ],
    [
      'a declared pool makes discovery stand back',
      aPoolWorld({ mirrors: [aDeclaredMirror()] }),
      ['status StatusDiffers', 'nothing InSync'],
    ],
    [
      'declared after discovery: workloads change owner first',
      aPoolWorld({ mirrors: [filled(), aDeclaredMirror()], workloads: 2 }),
      ['wait TakenOver'],
    ],
    [
      'declared after discovery: then the discovered one goes',
      aPoolWorld({ mirrors: [filled(), aDeclaredMirror()] }),
      ['delete NotSelected', 'status StatusDiffers', 'nothing InSync'],
    ],
    [
      'of two declared the younger says Duplicate',
      aPoolWorld({
        mirrors: [filled(poolFacts(), aDeclaredMirror()), aDeclaredMirror({ name: 'other', uid: 'other' })],
      }),
      ['status Duplicate', 'nothing InSync'],
    ],
    [
      'declared without a project',
      { ...noProject, mirrors: [aDeclaredMirror()] },
      ['status ProjectMissing', 'nothing ProjectMissing'],
    ],
    [
      'discovered without a project is left to the garbage collector',
      { ...noProject, mirrors: [filled()] },
      ['nothing ProjectMissing'],
    ],
    [
      'suspended touches Synced',
      aPoolWorld({ project: aProjectWith({ suspend: true }), mirrors: [filled()] }),
      ['status Suspended', 'nothing Suspended'],
    ],
    [
      'suspended before the project says so',
      aPoolWorld({ mirrors: [filled()], read: { is: 'suspended' } }),
      ['status Suspended', 'nothing Suspended'],
    ],
    [
      'one that is being deleted is not the one that is kept',
      aPoolWorld({ mirrors: [aPoolMirror({ name: 'old', deleting: true }), filled()] }),
      ['nothing InSync'],
    ],
    [
      'discovered and without an owner, it outlives its project and says so',
      { ...noProject, mirrors: [without(filled(), 'ownerUID'), aDeclaredMirror()] },
      ['status ProjectMissing', 'status ProjectMissing', 'nothing ProjectMissing'],
    ],
    [
      'absent once, and the read fails',
      aPoolWorld({ mirrors: [filled()], upstream: absent(false), read: failing() }),
      ['status StatusDiffers', 'wait DeletionUnconfirmed'],
    ],
    [
      'what a person owns stays theirs',
      aPoolWorld({ mirrors: [{ ...filled(), adopted: true, ownerUID: 'someone' }] }),
      ['nothing InSync'],
    ],
    [
      'what a person took over needs no owner',
      aPoolWorld({ mirrors: [{ ...without(filled(), 'ownerUID'), adopted: true }] }),
      ['nothing InSync'],
    ],
    [
      'what was kept from a project of the same name is continued',
      aPoolWorld({ mirrors: [{ ...filled(), discoveredBy: 'former-uid' }] }),
      ['object MetadataDiffers', 'nothing InSync'],
    ],
    [
      'a failure that is not said yet changes nothing',
      aPoolWorld({ mirrors: [filled()], read: failing({ announce: false }) }),
      ['nothing InSync'],
    ],
    [
      'a failure that is said',
      aPoolWorld({ mirrors: [filled()], upstream: unread, read: failing() }),
      ['status NotReadYet', 'nothing NotReadYet'],
    ],
  ];
  it.each(table)('%s', (_name, world, expected) => {
    expect(steps(world)).toEqual(expected);
  });

  it('deletes the discovered one of two without its workloads', () => {
    const decision = planPool(aPoolWorld({ mirrors: [filled(), aDeclaredMirror()] }));
    expect(decision).toMatchObject({ do: 'delete', name: 'pool-a', orphan: true });
  });

  it('changes no more of the metadata than differs', () => {
    const patch = (mirror: PoolRecord) => {
      const decision = planPool(aPoolWorld({ mirrors: [mirror] }));
      return decision.do === 'object' ? decision.metadata : undefined;
    };
    const ownerReferences = [
      {
        apiVersion: 'modelarts-operator.dev/v1alpha1',
        kind: 'ModelArtsProject',
        name: 'vision',
        uid: 'project-uid',
        controller: true,
        blockOwnerDeletion: false,
      },
    ];
    expect(patch({ ...filled(), ownerUID: 'old' })).toEqual({ ownerReferences });
    expect(patch({ ...filled(), labels: {} })).toEqual({ labels: filled().labels });
    expect(patch({ ...filled(), adopted: true })).toEqual({ ownerReferences: [] });
    expect(patch({ ...filled(), discoveredBy: 'former-uid' })).toEqual({
      annotations: { 'modelarts-operator.dev/discovered-by': 'project-uid' },
    });
    const made = planPool(aPoolWorld());
    expect(made.do === 'create' && made.object).toEqual({
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsPool',
      metadata: {
        namespace: 'team',
        name: 'pool-a',
        labels: {
          'app.kubernetes.io/managed-by': 'modelarts-operator',
          'modelarts-operator.dev/project': 'vision',
        },
        annotations: { 'modelarts-operator.dev/discovered-by': 'project-uid' },
        ownerReferences,
      },
      spec: { projectRef: { name: 'vision' }, poolName: 'pool-a' },
    });
  });

  it('looks again for a pool that is missing when the next list is due', () => {
    const project = aProjectWith({ polling: { poolInterval: '45s' } });
    const decision = planPool(aPoolWorld({ project, mirrors: [filled()], upstream: absent(false) }));
    expect(decision).toEqual({ do: 'wait', reason: 'DeletionUnconfirmed', ms: 45_000 });
  });

  it('of a pool that is missing once: keeps what the last read of it said', () => {
    const issues = [{ path: 'a', expected: 'text', found: '1' }];
    const read = readInPart({ issues });
    const { mirrors } = settle(aPoolWorld({ mirrors: [filled()], read })).world;
    expect(steps(aPoolWorld({ mirrors, upstream: absent(false) }))).toEqual(['wait DeletionUnconfirmed']);
  });

  it('shows no capacity that is not known any more, and no jobs where none are asked for', () => {
    const statistics = { total: 1, byStatus: {}, byType: [] };
    const present = { is: 'present', facts: poolFacts(), selected: true, statistics } as const;
    const capacity = { cpu: '8' };
    const { mirrors } = settle(aPoolWorld({ upstream: { ...present, capacity } })).world;
    expect(mirrors[0]?.status).toMatchObject({ capacity, workloads: { total: 1 } });
    const project = aProjectWith({ workloads: { mode: 'None' } });
    const after = settle(aPoolWorld({ mirrors, project, upstream: present })).world.mirrors[0];
    expect(after?.status.capacity).toBeUndefined();
    expect(after?.status.workloads).toBeUndefined();
  });

  it('makes an object of another name where its own is taken, owned only with policy Delete', () => {
    const made = planPool(aPoolWorld({ nameTaken: true }));
    expect(made).toMatchObject({
      object: { metadata: { name: expect.stringMatching(/^pool-a-[0-9a-f]{8}$/) } },
    });
    const retained = planPool(aPoolWorld({ project: aProjectWith({ deletion: { policy: 'Retain' } }) }));
    expect(retained.do === 'create' && retained.object.metadata.ownerReferences).toBeUndefined();
  });

  it('keeps the values of a pool that fails, and says Unknown when stale', () => {
    const before = filled();
    const { world } = settle(
      aPoolWorld({ mirrors: [before], upstream: unread, read: failing({ stale: true }), now: noon + minute }),
    );
    const after = world.mirrors[0]!;
    expect({ ...after.status, conditions: [] }).toEqual({ ...before.status, conditions: [] });
    expect(condition(after, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Stale' });
    expect(condition(after, 'Synced')).toMatchObject({ status: 'False', reason: 'Unreachable' });
    expect(condition(after, 'DriverReady')).toEqual(condition(before, 'DriverReady'));
  });

  it('says why at the latest when it is stale, whatever was said before', () => {
    const read = failing({ announce: false, stale: true });
    const { world } = settle(aPoolWorld({ mirrors: [filled()], upstream: unread, read }));
    expect(condition(world.mirrors[0], 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Stale' });
    expect(condition(world.mirrors[0], 'Synced')).toMatchObject({ status: 'False', reason: 'Unreachable' });
  });

  it('of one that is held back: keeps its values, and says that ModelArts shows it no more', () => {
    const before = filled();
    const held = (announce = false): PoolRecord =>
      settle(
        aPoolWorld({
          mirrors: [before],
          upstream: absent(true, true),
          read: failing({ announce }),
        }),
      ).world.mirrors[0]!;
    expect({ ...held().status, conditions: [] }).toEqual({ ...before.status, conditions: [] });
    expect(condition(held(), 'Ready')).toEqual(condition(before, 'Ready'));
    expect(condition(held(), 'Synced')).toMatchObject({
      status: 'False',
      reason: 'NotFound',
      message: expect.stringContaining('`DeletionBlocked` of the project'),
    });
    // A read that fails may be the reason why it seems gone.
    expect(condition(held(true), 'Synced')).toMatchObject({ reason: 'Unreachable' });
  });

  it('names what did not decode', () => {
    const issues = [{ path: 'status.driver.gpu.state', expected: 'text', found: '{…}' }];
    const read = readInPart({ issues });
    const { world } = settle(aPoolWorld({ mirrors: [filled()], read }));
    expect(condition(world.mirrors[0], 'Synced')).toMatchObject({
      status: 'False',
      reason: 'InvalidResponse',
      message: expect.stringContaining('status.driver.gpu.state is {…} and not text'),
    });
  });

  it('keeps the numbers of jobs until they are read, and drops a sum that cannot be known', () => {
    const statistics = { total: 1, byStatus: { Running: 1 }, byType: [] };
    const present = { is: 'present', facts: poolFacts(), selected: true } as const;
    const first = settle(
      aPoolWorld({ mirrors: [aPoolMirror()], upstream: { ...present, statistics, allocated: { cpu: '8' } } }),
    );
    const mirrors = first.world.mirrors;
    expect(mirrors[0]?.status).toMatchObject({ workloads: { total: 1 }, allocated: { cpu: '8' } });
    expect(steps(aPoolWorld({ mirrors }))).toEqual(['nothing InSync']);
    const incomplete = settle(aPoolWorld({ mirrors, upstream: { ...present, statistics } })).world
      .mirrors[0]!;
    expect(incomplete.status.allocated).toBeUndefined();
  });

  it('tells of transitions, and not of the first status', () => {
    const events = (facts: PoolFacts, mirror: PoolRecord) => {
      const decision = planPool(
        aPoolWorld({ mirrors: [mirror], upstream: { is: 'present', facts, selected: true } }),
      );
      return decision.do === 'status'
        ? decision.events.map(({ type, reason, note }) => `${type} ${reason}: ${note}`)
        : [];
    };
    expect(events(poolFacts(), aPoolMirror())).toEqual([]);
    const changed = poolFacts({
      phase: 'Abnormal',
      gpuDriver: { version: '470.1', state: 'Upgrading' },
      controlMode: 8,
      resources: { ...poolFacts().resources, available: [{ flavor: 'gpu.t4', count: 1, azs: [] }] },
    });
    expect(events(changed, filled())).toEqual([
      'Warning PhaseChanged: Phase changed from Running to Abnormal.',
      'Normal DriverStateChanged: State of the gpu driver changed from Running to Upgrading.',
      'Normal DriverVersionChanged: Version of the gpu driver changed from 440.33 to 470.1.',
      'Normal NodesChanged: Available nodes changed from 2/2 to 1/2.',
      'Warning RestrictionsChanged: Restrictions changed from none to Frozen.',
    ]);
  });

  it('does not send again what an older CRD prunes', () => {
    const pruned = new Set(['restrictions', 'resources.available[].azs']);
    const facts = poolFacts({ controlMode: 9 });
    const { world } = settle(
      aPoolWorld({ mirrors: [aPoolMirror()], pruned, upstream: { is: 'present', facts, selected: true } }),
    );
    expect(world.mirrors[0]?.status.restrictions).toBeUndefined();
    expect(world.mirrors[0]?.status.resources?.available?.[0]).toEqual({
      flavor: 'gpu.t4',
      nodePool: '',
      count: 2,
    });
  });
});

describe('the conditions of a pool', () => {
  it.each(poolPhases)('phase %s is in the truth table', (phase) => {
    const mirror = filled(poolFacts({ phase }));
    const { ready, reconciling, stalled } = phaseMeanings[phase];
    expect(condition(mirror, 'Ready')).toMatchObject({ status: ready, reason: phase });
    expect(condition(mirror, 'Reconciling')?.reason).toBe(reconciling && phase);
    expect(condition(mirror, 'Stalled')?.reason).toBe(stalled && phase);
    expect(condition(mirror, 'Synced')).toMatchObject({ status: 'True', reason: 'ReadComplete' });
  });

  const rows = [{ flavor: 'f', count: 1, azs: [] }];
  const driverless = without(poolFacts(), 'gpuDriver');
  const table: [string, PoolFacts, Record<string, string | undefined>][] = [
    ['an unknown phase', poolFacts({ phase: 'Hibernating' }), { Ready: 'Unknown UnknownPhase' }],
    ['no driver', driverless, { Ready: 'True Running', DriverReady: undefined }],
    [
      'a driver that upgrades',
      poolFacts({ gpuDriver: { state: 'Upgrading' } }),
      { Ready: 'True Running', DriverReady: 'False Upgrading', Reconciling: 'True DriverUpgrading' },
    ],
    [
      'a driver in trouble',
      poolFacts({ gpuDriver: { state: 'Running' }, npuDriver: { state: 'Abnormal' } }),
      { DriverReady: 'False Abnormal', Reconciling: undefined },
    ],
    [
      'a driver without a state',
      poolFacts({ gpuDriver: { version: '1' } }),
      { DriverReady: 'Unknown UnknownState' },
    ],
    [
      'nodes that come',
      poolFacts({ resources: { ...poolFacts().resources, creating: rows } }),
      { Ready: 'True Running', Reconciling: 'True NodesCreating' },
    ],
    [
      'nodes that go',
      poolFacts({ resources: { ...poolFacts().resources, deleting: rows } }),
      { Reconciling: 'True NodesDeleting' },
    ],
    [
      'Stalled wins over Reconciling',
      poolFacts({ phase: 'ScalingFailed', resources: { ...poolFacts().resources, creating: rows } }),
      { Stalled: 'True ScalingFailed', Reconciling: undefined },
    ],
    ['a frozen pool that runs', poolFacts({ controlMode: 8 }), { Ready: 'True Running' }],
  ];
  it.each(table)('%s', (_name, facts, expected) => {
    const mirror = filled(facts);
    for (const [type, text] of Object.entries(expected)) {
      const found = condition(mirror, type);
      expect(found && `${found.status} ${found.reason}`).toBe(text);
    }
  });

  it('moves lastTransitionTime with the status only', () => {
    const before = filled(poolFacts({ phase: 'Abnormal' }));
    const later = (phase: string) =>
      settle(
        aPoolWorld({
          now: noon + minute,
          mirrors: [before],
          upstream: { is: 'present', facts: poolFacts({ phase }), selected: true },
        }),
      ).world.mirrors[0];
    expect(condition(later('Error'), 'Ready')?.lastTransitionTime).toBe('2026-03-01T12:00:00Z');
    expect(condition(later('Running'), 'Ready')?.lastTransitionTime).toBe('2026-03-01T12:01:00Z');
  });
});

describe('properties of planPool', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 3000 });
  const rows = fc.array(
    fc.record({
      flavor: hostile,
      nodePool: hostile,
      count: fc.nat(9),
      azs: fc.array(fc.record({ az: hostile, count: fc.nat(9) }), { maxLength: 9 }),
    }),
    { maxLength: 20 },
  );
  const facts = fc
    .record({
      displayName: hostile,
      phase: fc.oneof(fc.constantFrom(...poolPhases), hostile),
      message: hostile,
      description: hostile,
      labels: fc.dictionary(hostile, hostile, { maxKeys: 80 }),
      annotations: fc.dictionary(hostile, hostile, { maxKeys: 80 }),
      jobFlavors: fc.array(hostile, { maxLength: 200 }),
      controlMode: fc.maxSafeNat(),
      desired: rows,
      scopes: fc.array(fc.record({ type: hostile, state: hostile }), { maxLength: 40 }),
      gpuDriver: fc.record({ version: hostile, state: hostile }),
    })
    .map((over) => poolFacts(over));
  const upstream: fc.Arbitrary<PoolWorld['upstream']> = fc.oneof(
    fc.constant(unread),
    fc.record({ is: fc.constant('absent' as const), confirmed: fc.boolean(), blocked: fc.boolean() }),
    fc.record({ is: fc.constant('present' as const), facts, selected: fc.boolean() }),
  );
  const read: fc.Arbitrary<ReadState> = fc.oneof(
    fc.constantFrom<ReadState>({ is: 'pending' }, { is: 'suspended' }, { is: 'complete' }),
    fc.record({ announce: fc.boolean(), stale: fc.boolean() }).map((over) => failing(over)),
  );
  const mirrors = fc.uniqueArray(
    fc.record({
      declared: fc.boolean(),
      adopted: fc.boolean(),
      deleting: fc.boolean(),
      name: fc.constantFrom('a', 'b', 'c'),
      isFilled: fc.boolean(),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  );
  const goodStatus = filled().status;
  const world = fc
    .record({
      upstream,
      read,
      mirrors,
      workloads: fc.nat(1),
      hasProject: fc.boolean(),
      suspend: fc.boolean(),
    })
    .map(({ upstream, read, mirrors, workloads, hasProject, suspend }): PoolWorld => ({
      ...noProject,
      ...(hasProject ? { project: aProjectWith({ suspend }) } : {}),
      upstream,
      read,
      workloads,
      mirrors: mirrors.map(({ declared, isFilled, ...over }) => {
        const shown = { ...over, status: isFilled ? goodStatus : {} };
        return declared ? aDeclaredMirror(shown) : aPoolMirror(shown);
      }),
    }));

  it('answers in any world and comes to rest', () => {
    fc.assert(
      fc.property(world, (w) => void settle(w, 12)),
      { numRuns: 60 },
    );
  });

  it('invariant 10, Small: a pool stays under 16 kB under hostile lengths', () => {
    fc.assert(
      fc.property(facts, (hostileFacts) => {
        expect(storedSize(filled(hostileFacts).status)).toBeLessThan(14_000);
      }),
      { numRuns: 60 },
    );
  });

  it('invariant 3, Never guess a deletion: only confirmed absence, or a read that shows no match, deletes', () => {
    fc.assert(
      fc.property(world, (w) => {
        for (const decision of settle(w, 12).decisions) {
          if (decision.do !== 'delete') continue;
          const superfluous = decision.orphan;
          const gone = w.upstream.is === 'absent' && w.upstream.confirmed && !w.upstream.blocked;
          const unselected = w.upstream.is === 'present' && !w.upstream.selected;
          expect(superfluous || gone || unselected).toBe(true);
          const mirror = w.mirrors.find(({ name }) => name === decision.name);
          expect(mirror?.adopted ?? false).toBe(false);
          expect(mirror === undefined || mirror.discoveredBy === 'project-uid').toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
