import { describe, expect, it } from '@jest/globals';

import type { Condition } from '../api/kinds/condition.ts';
import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import { poolEvents } from './pool-events.ts';

const tell = (before: ModelArtsPoolStatus, after: ModelArtsPoolStatus) =>
  poolEvents(before, after).map(({ type, reason, note }) => `${type} ${reason}: ${note}`);

const said = (
  type: string,
  status: Condition['status'],
  reason: string,
  message = 'Why.',
): ModelArtsPoolStatus => ({
  conditions: [
    { type, status, reason, message, observedGeneration: 1, lastTransitionTime: '2026-03-01T12:00:00Z' },
  ],
});
const nodes = (available: number, abnormal: number) => ({
  desired: 4,
  creating: 0,
  available,
  abnormal,
  deleting: 0,
  summary: `${available}/4`,
});

describe('the Events of a change of facts', () => {
  const running = { phase: 'Running' };
  it.each<[string, ModelArtsPoolStatus, ModelArtsPoolStatus, string[]]>([
    ['nothing', running, running, []],
    [
      'a first status',
      {},
      { ...running, nodes: nodes(4, 1), restrictions: { value: 8, flags: ['Frozen'] } },
      [],
    ],
    [
      'a phase in trouble',
      running,
      { phase: 'Error' },
      ['Warning PhaseChanged: Phase changed from Running to Error.'],
    ],
    [
      'a phase without',
      { phase: 'Error' },
      running,
      ['Normal PhaseChanged: Phase changed from Error to Running.'],
    ],
    ['a phase that is not said', running, {}, ['Normal PhaseChanged: Phase changed from Running to none.']],
    [
      'a driver that comes',
      running,
      { ...running, driver: { npu: { state: 'Creating', version: '1' } } },
      [
        'Normal DriverStateChanged: State of the npu driver changed from none to Creating.',
        'Normal DriverVersionChanged: Version of the npu driver changed from none to 1.',
      ],
    ],
    [
      'a driver that goes',
      { ...running, driver: { gpu: { state: 'Running' } } },
      running,
      ['Normal DriverStateChanged: State of the gpu driver changed from Running to none.'],
    ],
    [
      'a driver in trouble',
      { ...running, driver: { gpu: { state: 'Running' } } },
      { ...running, driver: { gpu: { state: 'Abnormal' } } },
      ['Warning DriverStateChanged: State of the gpu driver changed from Running to Abnormal.'],
    ],
    [
      'nodes that are counted for the first time',
      running,
      { ...running, nodes: nodes(3, 1) },
      [
        'Normal NodesChanged: Available nodes changed from none to 3/4.',
        'Warning NodesChanged: Number of abnormal nodes changed from none to 1.',
      ],
    ],
    [
      'none abnormal, counted for the first time',
      running,
      { ...running, nodes: nodes(4, 0) },
      [
        'Normal NodesChanged: Available nodes changed from none to 4/4.',
        'Normal NodesChanged: Number of abnormal nodes changed from none to 0.',
      ],
    ],
    [
      'nodes that are counted no more',
      { ...running, nodes: nodes(4, 0) },
      running,
      [
        'Normal NodesChanged: Available nodes changed from 4/4 to none.',
        'Normal NodesChanged: Number of abnormal nodes changed from 0 to none.',
      ],
    ],
    [
      'a node that breaks',
      { ...running, nodes: nodes(3, 1) },
      { ...running, nodes: nodes(3, 2) },
      ['Warning NodesChanged: Number of abnormal nodes changed from 1 to 2.'],
    ],
    [
      'a node that is mended',
      { ...running, nodes: nodes(3, 2) },
      { ...running, nodes: nodes(3, 1) },
      ['Normal NodesChanged: Number of abnormal nodes changed from 2 to 1.'],
    ],
    [
      'restrictions that come',
      running,
      { ...running, restrictions: { value: 9, flags: ['Frozen', 'CreateRestricted'] } },
      ['Warning RestrictionsChanged: Restrictions changed from none to CreateRestricted, Frozen.'],
    ],
    [
      'restrictions in another order',
      { ...running, restrictions: { value: 9, flags: ['Frozen', 'CreateRestricted'] } },
      { ...running, restrictions: { value: 9, flags: ['CreateRestricted', 'Frozen'] } },
      [],
    ],
    [
      'restrictions that are lifted',
      { ...running, restrictions: { value: 8, flags: ['Frozen'] } },
      { ...running, restrictions: { value: 0, flags: [] } },
      ['Normal RestrictionsChanged: Restrictions changed from Frozen to none.'],
    ],
  ])('of %s', (_what, before, after, events) => {
    expect(tell(before, after)).toEqual(events);
  });

  it('are short, however long a word of ModelArts is', () => {
    const [event] = poolEvents(running, { phase: 'x'.repeat(2_000) });
    expect(event?.note).toHaveLength(512);
  });
});

describe('the Events of a pool that cannot be shown', () => {
  it.each(['PoolNotFound', 'ProjectNotFound', 'Duplicate'])('say %s once, as a warning', (reason) => {
    const lost = said('Ready', 'False', reason, 'It is gone.');
    expect(tell({}, lost)).toEqual([`Warning ${reason}: It is gone.`]);
    expect(tell(said('Ready', 'True', 'Running'), lost)).toEqual([`Warning ${reason}: It is gone.`]);
    expect(tell(lost, said('Ready', 'False', reason, 'In other words.'))).toEqual([]);
  });

  it.each([
    ['a pool that is ready', said('Ready', 'True', 'PoolNotFound')],
    ['a phase, of which its own Event tells', said('Ready', 'False', 'Abnormal')],
    ['another condition', said('Synced', 'False', 'PoolNotFound')],
    ['no conditions', {}],
  ])('are none of %s', (_what, after) => expect(tell({}, after)).toEqual([]));
});

describe('the Events of reading a pool', () => {
  const whole = said('Synced', 'True', 'ReadComplete');
  const broken = said('Synced', 'False', 'InvalidResponse', 'Parts were left out.');
  const unreachable = said('Synced', 'False', 'Unreachable');
  const unknown = said('Synced', 'Unknown', 'InvalidResponse');
  const failed = ['Warning SyncFailed: Parts were left out.'];

  it.each<[string, ModelArtsPoolStatus, ModelArtsPoolStatus, string[]]>([
    ['an answer that cannot be read', whole, broken, failed],
    ['a first answer that cannot be read', {}, broken, failed],
    ['one that still cannot', broken, said('Synced', 'False', 'InvalidResponse', 'Other parts.'), []],
    ['one that can again', broken, whole, ['Normal SyncRecovered: The pool was read whole again.']],
    ['a first answer', {}, whole, []],
    ['a project that fails', whole, unreachable, []],
    ['a project that recovers', unreachable, whole, []],
    ['a suspension', broken, said('Synced', 'Unknown', 'Suspended'), []],
    ['an end of not knowing', unknown, whole, []],
    ['not knowing', whole, unknown, []],
    ['no condition', broken, {}, []],
    ['neither', {}, {}, []],
  ])('of %s', (_what, before, after, events) => expect(tell(before, after)).toEqual(events));
});
