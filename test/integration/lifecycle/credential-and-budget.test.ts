import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { alpha, aPool, beta, mirrors, smallWorld } from './small-world.ts';

describe('a Secret that is changed while the operator runs', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: [aPool(alpha), aPool(beta)] }) });
    await stage.connect();
  });
  afterAll(() => stage.close());

  it('is used from the next poll on, and no request fails on the way', async () => {
    // Passes over workloads now take longer than the interval at which the Secret is read.
    stage.simulator.act(
      { addToken: { token: 'second-token' } },
      { fault: { id: 'slow', match: { call: 'ShowWorkloadStatistics' }, delay: '400ms' } },
    );
    const project = await stage.cluster.projects.get('demo');
    const late = stage.simulator.requests().byCall['ShowWorkloadStatistics']!;
    await eventually(() => stage.simulator.requests().byCall['ShowWorkloadStatistics']! > late);
    stage.simulator.resetRequests();
    await stage.putSecret('demo', { token: 'second-token' });
    // A turn over the pools begins with the Secret, and the first of these may have begun before. What was under way
    // then ends with the old one.
    const made = (call: string): number => stage.simulator.requests().byCall[call] ?? 0;
    const turns = made('ListPools');
    await eventually(() => made('ListPools') > turns + 2);
    const passes = made('ShowWorkloadStatistics');
    await eventually(() => made('ShowWorkloadStatistics') > passes + 8);
    // Only the new one is left: the old one would be refused from now on.
    stage.simulator.act({ revokeTokens: {} }, { addToken: { token: 'second-token' } });
    await eventually(() => made('ShowWorkloadStatistics') > passes + 16);
    stage.simulator.act({ clearFault: { id: 'slow' } });
    await stage.settled();
    expect(Object.keys(stage.simulator.requests().byStatus)).toEqual(['200']);
    const after = await stage.cluster.projects.get('demo');
    expect(after.status?.conditions).toEqual(project.status?.conditions);
    expect(stage.operator.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});

describe('a budget that is too small for the wanted intervals', () => {
  let stage: Stage;
  const budget = { requestsPerSecond: 5, burst: 5 };
  /** Of a busy machine: what left the gate in a second may arrive at once. The gate's own tests are exact. */
  const late = budget.requestsPerSecond;
  const pools = Array.from({ length: 12 }, (_, i) => aPool(`pool-${String(i).padStart(2, '0')}`));

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools }), speed: 5 });
    await stage.connect({ spec: { rateLimit: budget } });
  });
  afterAll(() => stage.close());

  /** How many requests more came than the budget allows, from the first to the last. */
  function overdrawn(): number {
    const { total, log } = stage.simulator.requests();
    const seconds = (log.at(-1)!.at - log[0]!.at) / 1000;
    return total - budget.burst - seconds * budget.requestsPerSecond;
  }

  it('is kept, and the intervals that it allows are said', async () => {
    expect((await mirrors(stage)).workloads).toHaveLength(24);
    const project = await eventually(async () => {
      const object = await stage.cluster.projects.get('demo');
      return said(object, 'Synced') === 'True/BudgetStretched' && object;
    });
    expect(said(project, 'Ready')).toBe('True/Reading');
    const { poolInterval = '', workloadInterval = '' } = project.status?.effective ?? {};
    // 12 passes and a list a second are wanted, and four in five of five requests a second are planned.
    expect(Number.parseInt(poolInterval)).toBeGreaterThanOrEqual(4);
    expect(workloadInterval).toBe(poolInterval);
    await stays(() => true, { for: 1_000 });
    expect(overdrawn()).toBeLessThanOrEqual(late);
  });

  it('is shared by projects with one credential', async () => {
    await stage.connect({ name: 'other', token: 'demo-token', spec: { rateLimit: budget }, wait: false });
    await eventually(async () => expect((await mirrors(stage)).pools).toHaveLength(24));
    expect(overdrawn()).toBeLessThanOrEqual(late);
    await stage.cluster.projects.delete('other');
  });

  it('is no longer said when it is raised', async () => {
    await stage.cluster.projects.patch('demo', {
      spec: { rateLimit: { requestsPerSecond: 1000, burst: 1000 } },
    });
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(said(project, 'Synced')).toBe('True/ReadComplete');
      expect(project.status?.effective).toEqual({ poolInterval: '1s', workloadInterval: '1s' });
    });
  });
});

describe('a budget that is too small for two projects with one credential', () => {
  let stage: Stage;
  const rateLimit = { requestsPerSecond: 5, burst: 5 };

  beforeAll(async () => {
    stage = await Stage.open({ scenario: smallWorld({ pools: ['a', 'b', 'c'].map((id) => aPool(id)) }) });
    await stage.connect({ spec: { rateLimit } });
  });
  afterAll(() => stage.close());

  const seconds = async (name: string): Promise<number> => {
    const { status } = await stage.cluster.projects.get(name);
    return Number.parseInt(status?.effective?.workloadInterval ?? '0');
  };

  it('lengthens the intervals of both alike, and only while there are two', async () => {
    // Three pools of ten requests a second each, of which four may leave.
    const alone = await eventually(async () => {
      const now = await seconds('demo');
      expect(now).toBeGreaterThanOrEqual(7);
      expect(now).toBeLessThanOrEqual(9);
      return now;
    });
    await stage.connect({ name: 'other', spec: { rateLimit }, wait: false });
    await eventually(async () => {
      const both = [await seconds('demo'), await seconds('other')];
      expect(Math.min(...both)).toBeGreaterThanOrEqual(2 * alone - 2);
      expect(Math.max(...both)).toBeLessThanOrEqual(2 * alone + 2);
    });
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('other'), 'Synced')).toBe('True/BudgetStretched'),
    );
    await stage.cluster.projects.delete('other');
    await eventually(async () => expect(await seconds('demo')).toBeLessThanOrEqual(alone + 1));
  });
});
