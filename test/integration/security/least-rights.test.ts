import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { HttpTransport } from '../../../src/kubernetes/http-transport.ts';
import { said } from '../../support/cluster-objects.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { fastRuntime } from '../../support/fast-runtime.ts';
import { runInProcess } from '../../support/in-process.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';
import { transportTo } from '../kubernetes/support/setup.ts';
import { aPool, alpha, smallWorld } from '../lifecycle/small-world.ts';
import { condition, lanes, leaseNeeds, spec, type Lane, type LeaseNeed, type Need } from './support/needs.ts';
import { grantedRights, LimitedAccount, missed, textOf } from './support/rights.ts';

describe('each right that the operator is given', () => {
  const granted = [...new Set([1, 2].flatMap((shards) => grantedRights('any', shards).map(textOf)))];
  const closing: (() => Promise<unknown>)[] = [];
  /** By right: what was not as it must be. */
  const found = new Map<string, unknown>();
  let admin: HttpTransport;

  async function open(): Promise<Lane> {
    const pools = [aPool(alpha)];
    const resourceSpecs = [{ code: 'modelarts.vm.cpu.2u', cores: 2, memoryGiB: 8 }];
    const stage = await Stage.open({ scenario: smallWorld({ pools, resourceSpecs }), start: false });
    closing.push(() => stage.close());
    const { namespace } = stage;
    const account = await LimitedAccount.create(admin, namespace, grantedRights(namespace, 1));
    closing.unshift(() => account.close());
    const lane: Lane = { stage, account, operator: startLimited(stage, account) };
    closing.unshift(() => lane.operator.stop());
    await stage.connect({
      wait: false,
      spec: {
        polling: { poolInterval: '3s', workloadInterval: '3s', maxStaleness: '9s' },
        resourceSpecs: { interval: '3s' },
      },
    });
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('demo'), 'Synced')).toMatch(/^True/),
    );
    await eventually(async () => (await stage.cluster.resourceSpecs.find(spec))?.status !== undefined);
    return lane;
  }

  const startLimited = ({ runtime, namespace }: Stage, { kubeconfig }: LimitedAccount): TestOperator =>
    startOperator({ kubeconfig, runtime, namespaces: [namespace] });

  /** Takes the right away, sees what breaks and what is said, and gives it back. */
  async function take(lane: Lane, right: string, need: Need): Promise<void> {
    const { stage, account } = lane;
    if (need.atStart) await lane.operator.stop();
    await account.lose(right);
    if (need.atStart) lane.operator = startLimited(stage, account);
    const before = lane.operator.log.length;
    await need.act?.(lane, false);
    // What is missed at a start is missed again and again: after it was asked for, too.
    const since = need.atStart ? lane.operator.log.length : before;
    const lines = (message?: string): string =>
      JSON.stringify(
        lane.operator.log
          .slice(since)
          .filter((line) => line['level'] !== 'debug')
          .filter((line) => message === undefined || line['message'] === message),
      );
    const says = async (): Promise<string> =>
      need.says === condition ? JSON.stringify(await stage.cluster.projects.get('demo')) : lines(need.says);
    await eventually(async () => expect(missed(await says())).toEqual([right]));
    expect(await need.works(lane)).toBe(false);
    await account.have(right);
    if (need.lost) await need.act?.(lane, true);
    await eventually(() => need.works(lane));
    expect(missed(lines())).toEqual(need.says === condition ? [] : [right]);
  }

  /** As `take`, of replicas in one namespace that are started for it. */
  async function takeOfLeases(namespace: string, right: string, need: LeaseNeed): Promise<void> {
    const account = await LimitedAccount.create(admin, namespace, grantedRights(namespace, need.shards));
    await account.lose(right);
    let log = '';
    const stopping = new AbortController();
    const running = runInProcess(
      'modelarts-operator',
      [
        ...['run', `--kubeconfig=${account.kubeconfig}`, `--namespace=${namespace}`, '--leader-elect'],
        ...[`--leader-election-namespace=${namespace}`, `--shards=${need.shards}`],
        ...['--health-probe-bind-address=0', '--metrics-bind-address=0'],
      ],
      {
        runtime: fastRuntime({ speed: 4 }),
        signal: stopping.signal,
        logStream: new PassThrough({ encoding: 'utf8' }).on('data', (lines: string) => (log += lines)),
      },
    );
    const works = (): boolean => /This process (leads|works on a shard)\./.test(log);
    try {
      await eventually(() => {
        const lines = log.split('\n').filter((line) => line.includes(need.says));
        expect(missed(lines.join('\n'))).toEqual([right]);
      });
      expect(works()).toBe(false);
      await account.have(right);
      await eventually(works);
    } finally {
      stopping.abort();
      await running;
      await account.close();
    }
    expect(missed(log)).toEqual([right]);
  }

  /** One after the other, each whatever became of those before. */
  async function inTurn<T>(
    needs: Readonly<Record<string, T>>,
    look: (right: string, need: T) => Promise<void>,
  ): Promise<void> {
    for (const [right, need] of Object.entries(needs)) {
      const wrong = await look(right, need).then(
        () => undefined,
        (error: unknown) => error,
      );
      found.set(right, wrong);
    }
  }

  beforeAll(async () => {
    admin = transportTo();
    closing.push(() => admin.close());
    const namespace = await testCluster().uniqueNamespace('leases');
    closing.push(() => testCluster().kubectl(['delete', 'namespace', namespace, '--wait=false']));
    await Promise.all([
      ...lanes.map(async (needs) => {
        const lane = await open();
        await inTurn(needs, (right, need) => take(lane, right, need));
      }),
      inTurn(leaseNeeds, (right, need) => takeOfLeases(namespace, right, need)),
    ]);
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const needs = Object.assign({}, ...lanes, leaseNeeds) as Readonly<Record<string, Need | LeaseNeed>>;

  it.each(granted.map((right) => [right, needs[right]?.breaks ?? 'there is no row for it']))(
    '%s: without it %s',
    (right) => {
      expect([...found.keys()]).toContain(right);
      expect(found.get(right)).toBeUndefined();
    },
  );

  it('is one of those above', () => {
    expect(Object.keys(needs).sort()).toEqual(granted.toSorted());
  });
});
