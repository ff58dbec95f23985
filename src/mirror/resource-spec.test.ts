import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aProject, aProjectWith, minute, noon, without } from '../../test/support/builders.ts';
import { checkStatus } from '../../test/support/check-status.ts';
import type { ResourceSpecFacts } from '../api/facts.ts';
import type { ModelArtsResourceSpecStatus } from '../api/kinds/modelarts-resource-spec.ts';
import { createValidator } from '../api/kinds/registry.ts';
import { mirrorLabels, resourceSpecObjectName } from './identity.ts';
import { resourceSpecRecord } from './records.ts';
import { planResourceSpec } from './resource-spec.ts';
import type { ResourceSpecRecord, ResourceSpecWorld } from './world.ts';

const facts = (over: Partial<ResourceSpecFacts> = {}): ResourceSpecFacts => ({
  id: '4',
  code: 'modelarts.vm.gpu.v100',
  cpuCores: 8,
  memory: '64Gi',
  gpuCount: 1,
  gpuType: 'v100',
  maxNodes: 4,
  pricingUnits: 1,
  interfaceType: 1,
  soldOut: false,
  ...over,
});

const aMirror = (over: Partial<ResourceSpecRecord> = {}): ResourceSpecRecord => ({
  namespace: 'team',
  name: 'vision-train-4',
  uid: 'spec-uid',
  resourceVersion: '1',
  generation: 1,
  createdAt: noon - minute,
  deleting: false,
  project: 'vision',
  ownerUID: 'project-uid',
  labels: mirrorLabels('vision'),
  jobType: 'train',
  specID: '4',
  specCode: 'modelarts.vm.gpu.v100',
  status: {},
  ...over,
});

const aWorld = (over: Partial<ResourceSpecWorld> = {}): ResourceSpecWorld => ({
  now: noon,
  namespace: 'team',
  projectName: 'vision',
  jobType: 'train',
  specID: '4',
  project: aProject(),
  mirrors: [],
  nameTaken: false,
  upstream: { is: 'present', facts: facts() },
  pruned: new Set(),
  ...over,
});

/** The mirror after that status was written and came back from the apiserver. */
function written(mirror: ResourceSpecRecord, status: ModelArtsResourceSpecStatus): ResourceSpecRecord {
  checkStatus({ kind: 'ModelArtsResourceSpec', metadata: { generation: 1 }, status });
  const { conditions, ...rest } = JSON.parse(JSON.stringify(status));
  return { ...mirror, status: { ...rest, conditions } };
}

/** Carries out what is planned until nothing is; the steps, and what is left. */
function settle(world: ResourceSpecWorld) {
  const steps: string[] = [];
  let mirror = world.mirrors[0];
  for (let i = 0; i < 6; i++) {
    const decision = planResourceSpec({ ...world, mirrors: mirror ? [mirror] : [] });
    steps.push(`${decision.do} ${decision.reason}`);
    switch (decision.do) {
      case 'nothing':
      case 'wait':
        return { steps, mirror };
      case 'create':
        mirror = { ...resourceSpecRecord(decision.object), generation: 1 };
        break;
      case 'status':
        mirror = written(mirror!, decision.status);
        break;
      case 'object': {
        const { labels, ownerReferences } = decision.metadata;
        const owner = ownerReferences?.[0]?.uid;
        const patched = { ...mirror!, labels: { ...mirror!.labels, ...labels } as Record<string, string> };
        mirror = ownerReferences && !owner ? without(patched, 'ownerUID') : patched;
        break;
      }
      case 'delete':
        mirror = undefined;
        return { steps, mirror };
    }
  }
  throw new Error(`never came to rest: ${steps.join(', ')}`);
}

const available = (mirror: ResourceSpecRecord | undefined) => {
  const condition = mirror?.status.conditions?.find(({ type }) => type === 'Available');
  return condition && `${condition.status}/${condition.reason}`;
};

const filled = settle(aWorld()).mirror!;
const retain = aProjectWith({ deletion: { policy: 'Retain' } });
const absent = { is: 'absent', confirmed: true, blocked: false } as const;

describe('a resource specification', () => {
  it('is mirrored whole, in two steps, and is then in sync', () => {
    const { steps, mirror } = settle(aWorld());
    expect(steps).toEqual(['create NotMirrored', 'status StatusDiffers', 'nothing InSync']);
    expect(mirror).toMatchObject({
      name: 'vision-train-4',
      ownerUID: 'project-uid',
      labels: mirrorLabels('vision'),
      jobType: 'train',
      specID: '4',
      specCode: 'modelarts.vm.gpu.v100',
      status: {
        cpuCores: 8,
        memory: '64Gi',
        gpuCount: 1,
        gpuType: 'v100',
        maxNodes: 4,
        pricingUnits: 1,
        interfaceType: 1,
      },
    });
    expect(available(mirror)).toBe('True/ResourcesAvailable');
  });

  it.each<[string, Partial<ResourceSpecWorld>, string[], string | undefined]>([
    [
      'under a project that goes',
      { project: aProject({ deleting: true }), mirrors: [filled] },
      ['nothing BeingDeleted'],
      'True/ResourcesAvailable',
    ],
    [
      'of a suspended project',
      { project: aProjectWith({ suspend: true }), mirrors: [filled], upstream: { is: 'excluded' } },
      ['nothing Suspended'],
      'True/ResourcesAvailable',
    ],
    ['that goes already', { mirrors: [aMirror({ deleting: true })] }, ['nothing BeingDeleted'], undefined],
    [
      'that was not read',
      { mirrors: [filled], upstream: { is: 'unread' } },
      ['nothing NotReadYet'],
      'True/ResourcesAvailable',
    ],
    [
      'that was not read and has no mirror',
      { upstream: { is: 'unread' } },
      ['nothing NotMirrored'],
      undefined,
    ],
    [
      'that is sold out',
      { mirrors: [filled], upstream: { is: 'present', facts: facts({ soldOut: true }) } },
      ['status StatusDiffers', 'nothing InSync'],
      'False/SoldOut',
    ],
    [
      'of which ModelArts does not say it',
      { mirrors: [filled], upstream: { is: 'present', facts: without(facts(), 'soldOut') } },
      ['status StatusDiffers', 'nothing InSync'],
      'Unknown/NotReported',
    ],
    [
      'that has another code now',
      { mirrors: [filled], upstream: { is: 'present', facts: facts({ code: 'other' }) } },
      ['delete NotSelected'],
      undefined,
    ],
    [
      'whose job type is no longer asked for',
      { mirrors: [filled], upstream: { is: 'excluded' } },
      ['delete NotSelected'],
      undefined,
    ],
    [
      'that is missing, unconfirmed',
      { mirrors: [filled], upstream: { ...absent, confirmed: false } },
      ['nothing DeletionUnconfirmed'],
      'True/ResourcesAvailable',
    ],
    [
      'that is missing with too many others',
      { mirrors: [filled], upstream: { ...absent, blocked: true } },
      ['nothing DeletionBlocked'],
      'True/ResourcesAvailable',
    ],
    [
      'that is gone',
      { mirrors: [filled], upstream: absent },
      ['status DeletionAnnounced', 'delete UpstreamGone'],
      undefined,
    ],
    [
      'that is gone and retained',
      { project: retain, mirrors: [without(filled, 'ownerUID')], upstream: absent },
      ['status Retained', 'nothing Retained'],
      'False/NotOffered',
    ],
    [
      'that is retained from now on: its owner would take it along',
      { project: retain, mirrors: [filled] },
      ['object MetadataDiffers', 'nothing InSync'],
      'True/ResourcesAvailable',
    ],
    [
      'whose labels a person changed',
      { mirrors: [{ ...filled, labels: {} }] },
      ['object MetadataDiffers', 'nothing InSync'],
      'True/ResourcesAvailable',
    ],
    [
      'that could not be read for too long',
      { mirrors: [filled], upstream: { is: 'unread' }, stale: 'No answer came.' },
      ['status StatusDiffers', 'nothing NotReadYet'],
      'Unknown/Stale',
    ],
    [
      'that could not be read again for too long',
      { mirrors: [filled], stale: 'No answer came.' },
      ['status StatusDiffers', 'nothing InSync'],
      'Unknown/Stale',
    ],
  ])('%s', (_name, over, steps, condition) => {
    const result = settle(aWorld(over));
    expect(result.steps).toEqual(steps);
    expect(available(result.mirror)).toBe(condition);
  });

  it('is made as an object that its project owns, unless it is to outlive it', () => {
    const made = planResourceSpec(aWorld());
    const metadata = { namespace: 'team', name: 'vision-train-4', labels: mirrorLabels('vision') };
    const owner = {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsProject',
      name: 'vision',
      uid: 'project-uid',
      controller: true,
      blockOwnerDeletion: false,
    };
    const object = {
      apiVersion: 'modelarts-operator.dev/v1alpha1',
      kind: 'ModelArtsResourceSpec',
      metadata: { ...metadata, ownerReferences: [owner] },
      spec: {
        projectRef: { name: 'vision' },
        jobType: 'train',
        specCode: 'modelarts.vm.gpu.v100',
        specID: '4',
      },
    };
    expect(made).toStrictEqual({ do: 'create', reason: 'NotMirrored', object });
    expect(planResourceSpec(aWorld({ project: retain }))).toStrictEqual({
      ...made,
      object: { ...object, metadata },
    });
  });

  it('is written without an Event, and without what ModelArts does not say', () => {
    const said = { is: 'present', facts: { id: '4', soldOut: false } } as const;
    const mirrors = [aMirror({ specCode: '4' })];
    const written = planResourceSpec(aWorld({ mirrors, upstream: said }));
    expect(written).toMatchObject({ do: 'status', events: [] });
    const status = JSON.parse(JSON.stringify(written.do === 'status' && written.status)) as object;
    expect(Object.keys(status)).toEqual(['conditions']);
  });

  it('is left alone without its project', () => {
    const { steps } = settle(without(aWorld({ mirrors: [filled] }), 'project'));
    expect(steps).toEqual(['nothing ProjectMissing']);
  });

  it('keeps its last values while it is gone or unread', () => {
    for (const over of [
      { upstream: { is: 'unread' as const }, stale: 'x' },
      { project: retain, upstream: absent },
    ]) {
      const { mirror } = settle(aWorld({ mirrors: [without(filled, 'ownerUID')], ...over }));
      expect(mirror?.status).toMatchObject({ cpuCores: 8, memory: '64Gi' });
    }
  });

  it('says when it was sold out, and not anew at each read', () => {
    const soldOut = aWorld({
      mirrors: [filled],
      upstream: { is: 'present', facts: facts({ soldOut: true }) },
    });
    const { mirror } = settle({ ...soldOut, now: noon + minute });
    const again = settle({ ...soldOut, mirrors: [mirror!], now: noon + 2 * minute });
    expect(again.steps).toEqual(['nothing InSync']);
    expect(mirror?.status.conditions?.[0]?.lastTransitionTime).toBe('2026-03-01T12:01:00Z');
  });

  it('passes the schema of its kind, whatever ModelArts says', () => {
    const validate = createValidator();
    const word = fc.string({ unit: 'binary', maxLength: 300 });
    const count = fc.oneof(fc.integer(), fc.double());
    const said: fc.Arbitrary<ResourceSpecFacts> = fc.record(
      {
        id: fc.string({ minLength: 1, maxLength: 64 }),
        code: fc.string({ minLength: 1, maxLength: 256 }),
        cpuCores: count,
        memory: word,
        gpuCount: count,
        gpuType: word,
        maxNodes: count,
        pricingUnits: count,
        storage: word,
        interfaceType: count,
        soldOut: fc.boolean(),
      },
      { requiredKeys: ['id'] },
    );
    fc.assert(
      fc.property(said, (one) => {
        const world = aWorld({ specID: one.id, upstream: { is: 'present', facts: one } });
        const create = planResourceSpec(world);
        if (create.do !== 'create') throw new Error(create.do);
        const mirror = { ...resourceSpecRecord(create.object), generation: 1 };
        const fill = planResourceSpec({ ...world, mirrors: [mirror] });
        if (fill.do !== 'status') throw new Error(fill.do);
        const object = JSON.parse(JSON.stringify({ ...create.object, status: fill.status }));
        expect(validate('ModelArtsResourceSpec', object)).toMatchObject({ ok: true });
      }),
      { numRuns: 50 },
    );
  });

  it('has a name that shows what it is, and that no other specification has', () => {
    expect(resourceSpecObjectName('train', '4', 'vision', false)).toBe('vision-train-4');
    expect(resourceSpecObjectName('Train_X', '4', 'vision', false)).toMatch(
      /^vision-train-x-4-[0-9a-f]{16}$/,
    );
    const taken = [
      resourceSpecObjectName('b-c', '4', 'a', true),
      resourceSpecObjectName('c', '4', 'a-b', true),
    ];
    expect(new Set(taken).size).toBe(2);
  });
});
