import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import { calmProjects, scenarioOf } from '../../support/calm-scenario.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

interface Trouble {
  readonly what: string;
  readonly fault: FaultRule;
  readonly reason: string;
  /** Said at once: only a person can mend it. */
  readonly atOnce?: boolean;
  /** Of `Ready` at the end. */
  readonly ready: string;
}

const troubles: readonly Trouble[] = [
  { what: '503', fault: { status: 503 }, reason: 'Unreachable', ready: 'Unknown/Stale' },
  { what: 'no answer', fault: { cut: 'beforeHeaders' }, reason: 'Unreachable', ready: 'Unknown/Stale' },
  { what: '429', fault: { status: 429, retryAfter: 1 }, reason: 'Throttled', ready: 'Unknown/Stale' },
  { what: 'a page for people', fault: { body: 'html' }, reason: 'InvalidResponse', ready: 'Unknown/Stale' },
  {
    what: '404 of the gateway',
    fault: { status: 404, code: 'APIGW.0101' },
    reason: 'NotFound',
    ready: 'Unknown/Stale',
  },
  { what: '401', fault: { status: 401 }, reason: 'Unauthorized', atOnce: true, ready: 'False/Unauthorized' },
];
/** Trouble that is over long before it would be said, however late a back-off makes the next try. */
const hiccup = troubles.length;
const minute = 60_000;

describe('invariant 4 (Say when you do not know)', () => {
  const projects = calmProjects(troubles.length + 1);
  let stage: Stage;
  let began: number;
  /** When each project's pools were last listed before the troubles, on the clock of `at` below. */
  const lastRead = new Map<string, number>();
  /** What each object said, in order and with the time: each write of its conditions is one. */
  const spoken = new Map<string, { synced: string; ready: string; text: string; at: number }[]>();

  const lines = (object: string) => spoken.get(object) ?? [];
  const words = (object: string) => lines(object).map(({ synced, ready }) => `${ready} ${synced}`);

  beforeAll(async () => {
    stage = await Stage.open({ scenario: scenarioOf(projects), speed: 10, start: false });
    await stage.connectAll(projects, {
      polling: { poolInterval: '5s', workloadInterval: '5s', maxStaleness: '2m' },
      workloads: { mode: 'None' },
    });
    stage.start();
    for (const { name } of projects) await stage.synced(name);

    // The sign of life comes between, and is no word about how reading stands.
    const hear = (key: string, object: Parameters<typeof said>[0]): void => {
      const [ready = '', synced = ''] = [said(object, 'Ready'), said(object, 'Synced')];
      const text = `${messageOf(object, 'Ready')} ${messageOf(object, 'Synced')}`;
      const before = lines(key).at(-1);
      if (before?.ready === ready && before.synced === synced && before.text === text) return;
      spoken.set(key, [...lines(key), { ready, synced, text, at: stage.runtime.monotonic() - began }]);
    };
    const { stores } = stage.operator;
    // What the apiserver holds already may still be on its way to the caches.
    await eventually(() => {
      const held = [...[...stores.projects.values()].map(({ object }) => object), ...stores.pools.values()];
      expect(held.map((object) => said(object, 'Synced'))).toEqual(
        [...projects, ...projects].map(() => 'True/ReadComplete'),
      );
    });
    began = stage.runtime.monotonic();
    for (const { name, object } of stores.projects.values()) hear(name, object);
    for (const pool of stores.pools.values()) hear(pool.name, pool);
    stores.projects.onChange((_old, entry) => entry && hear(entry.name, entry.object));
    stores.pools.onChange((_old, entry) => entry && hear(entry.name, entry));

    const toBegin = stage.runtime.monotonic() - began - stage.simulator.now();
    for (const { call, path, at } of stage.simulator.requests().log) {
      const project = projects.find(({ projectID }) => path.includes(projectID));
      if (call === 'ListPools' && project) lastRead.set(project.name, at + toBegin);
    }
    for (const [i, { fault }] of troubles.entries()) {
      stage.simulator.world.fault({ ...fault, match: { project: projects[i]!.projectID } });
    }
    stage.simulator.world.fault({
      status: 503,
      match: { project: projects[hiccup]!.projectID },
      for: '15s',
    });
    await eventually(() =>
      expect(troubles.map((_trouble, i) => lines(projects[i]!.name).at(-1)?.ready)).toEqual(
        troubles.map(({ ready }) => ready),
      ),
    );
    await eventually(() =>
      expect(troubles.map((_trouble, i) => lines(`${projects[i]!.name}-a`).at(-1)?.ready)).toEqual(
        troubles.map(() => 'Unknown/Stale'),
      ),
    );
  });
  afterAll(() => stage.close());

  const table = troubles.map((trouble, i) => [trouble.what, i] as const);

  it.each(table)('%s: is said once, when it is certain, by the project and by its pool', (_what, i) => {
    const { reason, atOnce = false, ready } = troubles[i]!;
    const { name } = projects[i]!;
    const synced = `False/${reason}`;
    if (atOnce) {
      expect(words(name)).toEqual(['True/Reading True/ReadComplete', `${ready} ${synced}`]);
      // Before any other, which are said when they have lasted for a minute.
      const others = troubles.flatMap((trouble, k) =>
        trouble.atOnce ? [] : [lines(projects[k]!.name)[1]!.at],
      );
      expect(lines(name)[1]!.at).toBeLessThan(Math.min(...others));
      expect(lines(`${name}-a`)[1]!.at).toBeLessThan(Math.min(...others));
    } else {
      expect(words(name)).toEqual([
        'True/Reading True/ReadComplete',
        `True/Reading ${synced}`,
        `${ready} ${synced}`,
      ]);
      expect(lines(name)[1]!.at).toBeGreaterThanOrEqual(minute);
      expect(lines(name)[2]!.at).toBeGreaterThanOrEqual(lastRead.get(name)! + 2 * minute);
    }
    expect(words(`${name}-a`)).toEqual([
      'True/Running True/ReadComplete',
      `True/Running ${synced}`,
      `Unknown/Stale ${synced}`,
    ]);
  });

  it.each(table)('%s: the message says what happened, and the last values stay', async (_what, i) => {
    const { name } = projects[i]!;
    const pool = await stage.cluster.pools.get(`${name}-a`);
    expect(pool.status).toMatchObject({
      phase: 'Running',
      nodes: { available: 1, desired: 1 },
      displayName: `${name}-a`,
    });
    const message = messageOf(await stage.cluster.projects.get(name), 'Synced');
    expect(message).toMatch(/GET |credential/);
    expect(message).not.toContain(projects[i]!.token);
  });

  it('trouble of a quarter of a minute is not said at all', () => {
    const { name } = projects[hiccup]!;
    expect(words(name)).toEqual(['True/Reading True/ReadComplete']);
    expect(words(`${name}-a`)).toEqual(['True/Running True/ReadComplete']);
  });

  it('one complete read turns everything back, with one Event for the project', async () => {
    const mendable = troubles.flatMap(({ atOnce }, i) => (atOnce ? [] : [projects[i]!.name]));
    stage.simulator.world.clearFault();
    for (const name of mendable) await stage.synced(name);
    for (const [i, name] of mendable.entries()) {
      // Reading works again a moment before all has been read again.
      const moment = `True/Reading False/${troubles[i]!.reason}`;
      const after = words(name).slice(3);
      expect(after.filter((word, at) => at > 0 || word !== moment)).toEqual([
        'True/Reading True/ReadComplete',
      ]);
      expect(words(`${name}-a`).slice(3)).toEqual(['True/Running True/ReadComplete']);
    }
    await eventually(async () => {
      const events = await stage.cluster.events.all();
      const told = events
        .filter(({ regarding }) => mendable.includes(regarding.name))
        .map(({ type, reason, regarding }) => `${regarding.name} ${type} ${reason}`);
      expect(told.sort()).toEqual(
        mendable.flatMap((name) => [`${name} Normal SyncRecovered`, `${name} Warning SyncFailed`]),
      );
    });
  });
});
