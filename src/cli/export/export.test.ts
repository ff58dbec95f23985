import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';

import { minute, poolFacts, workloadFacts } from '../../../test/support/builders.ts';
import { FakeModelArts, upstreamFailure } from '../../../test/support/fake-modelarts.ts';
import { virtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { noLog } from '../../controller/ports.ts';
import { eventText, listText, type ExportEvent } from './documents.ts';
import { compareObjects, exportedObject, type ExportedObject, type MirrorObject } from './exported-object.ts';
import { Follower } from './follower.ts';
import { MemoryOperator } from './memory-operator.ts';
import { ReadFailures } from './read-failures.ts';

const never = new AbortController().signal;

const project: ModelArtsProject = {
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind: 'ModelArtsProject',
  metadata: { name: 'eu', namespace: 'team' },
  spec: {
    endpoint: 'https://modelarts.example.com',
    projectID: '0123456789abcdef0123456789abcdef',
    credentials: { secretRef: { name: 'environment' } },
    resourceSpecs: { mode: 'Disabled' },
    deletion: { maxPercent: 100 },
  },
};

interface Scene {
  readonly clock: VirtualClock;
  readonly modelarts: FakeModelArts;
  readonly sentences: string[];
  readonly operator: MemoryOperator;
}

function scene(): Scene {
  const clock = virtualClock();
  const modelarts = new FakeModelArts();
  modelarts.date = () => clock.now();
  modelarts.pools.set('pool-a', poolFacts({ id: 'pool-a' }));
  modelarts.workloads.set('pool-a', [workloadFacts({ uid: 'job-1', namespace: 'pool-a' })]);
  const sentences: string[] = [];
  const failures = new ReadFailures((sentence) => sentences.push(sentence));
  const operator = new MemoryOperator({
    runtime: clock,
    log: noLog,
    modelarts: failures.heard({ open: () => modelarts }),
    project,
    secret: { type: 'Opaque', data: { token: Buffer.from('abc').toString('base64') } },
  });
  return { clock, modelarts, sentences, operator };
}

/** All mirrors after one pass, and whether it was whole. */
async function pass({ clock, operator }: Scene): Promise<{ complete: boolean; names: string[] }> {
  const done = operator.run(never, (once) => once());
  done.catch(() => undefined);
  await clock.advance(minute);
  const { pools, workloads } = operator.stores;
  const names = [...pools.objects(), ...workloads.objects()].map(({ metadata }) => metadata.name);
  return { complete: await done, names };
}

describe('one pass over memory', () => {
  it('writes what the operator would, and leaves nothing behind', async () => {
    const here = scene();
    expect(await pass(here)).toEqual({ complete: true, names: ['pool-a', 'job-1'] });
    expect(here.sentences).toEqual([]);
    expect(here.clock.pendingTimers).toBe(0);
    const [pool] = here.operator.stores.pools.objects();
    expect(pool).toMatchObject({
      metadata: { namespace: 'team', ownerReferences: [{ kind: 'ModelArtsProject', name: 'eu' }] },
      status: { phase: 'Running', workloads: { total: 1 } },
    });
  });

  it('is not whole where a read fails, and each trouble is told once', async () => {
    const here = scene();
    here.modelarts.failure = (call) => (call.startsWith('jobs') ? upstreamFailure('BadRequest') : undefined);
    expect(await pass(here)).toEqual({ complete: false, names: ['pool-a'] });
    expect(here.sentences).toEqual(['workloads of pool pool-a: ModelArts answered: BadRequest']);
  });

  it('says of a refused credential one sentence, whatever was asked', async () => {
    const here = scene();
    here.modelarts.failure = () => upstreamFailure('Unauthorized', { status: 401 });
    expect(await pass(here)).toEqual({ complete: false, names: [] });
    expect(here.sentences).toEqual([expect.stringContaining('refused the credential of the environment')]);
  });

  it('ends with the signal', async () => {
    const here = scene();
    const stop = new AbortController();
    const running = here.operator.run(stop.signal, () => new Promise(() => undefined));
    await here.clock.settle();
    stop.abort(new Error('stop'));
    await expect(running).rejects.toThrow('stop');
    expect(here.clock.pendingTimers).toBe(0);
  });
});

describe('following', () => {
  const waiting = workloadFacts({ uid: 'job-1', namespace: 'pool-a', status: 'Queue', runningSeconds: 0 });

  it('tells of what came, changed and went, each once and never half', async () => {
    const here = scene();
    const { clock, modelarts, operator } = here;
    // One that runs would have to be told for how long, as time goes on.
    modelarts.workloads.set('pool-a', [waiting]);
    const events: ExportEvent[] = [];
    const told = (): string[] =>
      events.splice(0).map(({ type, object }) => `${type} ${object.metadata.name}`);
    const stop = new AbortController();
    const running = operator.run(stop.signal, async (once) => {
      await once();
      const follower = new Follower((event) => events.push(event));
      for (const object of operator.stores.pools.objects()) follower.show(exportedObject(object));
      for (const object of operator.stores.workloads.objects()) follower.show(exportedObject(object));
      follower.follow(operator.stores);
      return new Promise(() => undefined);
    });
    running.catch(() => undefined);
    await clock.advance(minute);
    expect(told()).toEqual(['ADDED pool-a', 'ADDED job-1']);
    await clock.advance(10 * minute);
    expect(told()).toEqual([]);

    modelarts.pools.set('pool-a', poolFacts({ id: 'pool-a', displayName: 'renamed' }));
    modelarts.pools.set('pool-b', poolFacts({ id: 'pool-b' }));
    await clock.advance(minute);
    const changed = [...events];
    expect(new Set(told())).toEqual(new Set(['MODIFIED pool-a', 'ADDED pool-b', 'MODIFIED pool-b']));
    expect(changed.every(({ object }) => object.status !== undefined)).toBe(true);

    modelarts.pools.delete('pool-a');
    modelarts.workloads.delete('pool-a');
    await clock.advance(10 * minute);
    const gone = told();
    expect(gone).toContain('DELETED job-1');
    expect(gone.at(-1)).toBe('DELETED pool-a');
    stop.abort(new Error('stop'));
    await running.catch(() => undefined);
  });
});

describe('what is printed', () => {
  const mirror: MirrorObject = {
    kind: 'ModelArtsPool',
    apiVersion: 'modelarts-operator.dev/v1alpha1',
    metadata: {
      name: 'pool-a',
      namespace: 'team',
      uid: 'u',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { b: '2', a: '1' },
      annotations: { 'modelarts-operator.dev/discovered-by': 'u', mine: 'kept' },
      ownerReferences: [{ apiVersion: 'v', kind: 'k', name: 'n', uid: 'u' }],
    },
    spec: { projectRef: { name: 'eu' }, poolName: 'pool-a' },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  };

  it('holds nothing of a cluster and of when somebody looked, its keys sorted', () => {
    expect(JSON.stringify(exportedObject(mirror))).toBe(
      '{"apiVersion":"modelarts-operator.dev/v1alpha1","kind":"ModelArtsPool","metadata":{"annotations":{"mine":"kept"},' +
        '"labels":{"a":"1","b":"2"},"name":"pool-a","namespace":"team"},"spec":{"poolName":"pool-a",' +
        '"projectRef":{"name":"eu"}},"status":{"conditions":[{"status":"True","type":"Ready"}],"phase":"Running"}}',
    );
  });

  it('is sorted by kind and name', () => {
    const named = (kind: string, name: string): ExportedObject => ({ ...mirror, kind, metadata: { name } });
    const sorted = [named('A', 'B'), named('A', 'a'), named('B', 'a')];
    expect([...sorted].reverse().sort(compareObjects)).toEqual(sorted);
  });

  it.each([[0], [1], [3]])('reads back as it was: %d objects', (count) => {
    const objects = Array.from({ length: count }, () => exportedObject(mirror));
    const json = [...listText(objects, 'json')].join('');
    expect(JSON.parse(json)).toEqual({ apiVersion: 'v1', kind: 'List', items: objects });
    expect(json).toBe(`${JSON.stringify(JSON.parse(json), undefined, 2)}\n`);
    const yaml = [...listText(objects, 'yaml')].join('');
    expect(parseAllDocuments(yaml).map((document) => document.toJS() as unknown)).toEqual(objects);
  });

  it('has one line for an event in JSON, and a document in YAML', () => {
    const event = { type: 'DELETED', object: exportedObject(mirror) } as const;
    expect(eventText(event, 'json')).toBe(`${JSON.stringify(event)}\n`);
    expect(parseAllDocuments(eventText(event, 'yaml'))[0]?.toJS()).toEqual(event);
  });
});
