import { afterEach, describe, expect, it } from '@jest/globals';

import { calmScenario } from '../../support/calm-scenario.ts';
import { messageOf, said } from '../../support/cluster-objects.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

describe('invariant 6 (Polite)', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  const log = () => stage.simulator.requests().log;
  const refusals = () => log().filter(({ status }) => status === 401);
  /** Else three requests may be under way when the first is refused: pools, jobs and metrics are polled alike. */
  const withoutMetrics = () =>
    stage.simulator.world.fault({ match: { call: 'ShowRuntimeMetrics' }, status: 404, code: 'APIGW.0101' });

  it('never goes over the budget', async () => {
    const pools = Array.from({ length: 10 }, (_, i) => `pool-${i}`);
    stage = await Stage.open({ scenario: calmScenario(pools), speed: 4 });
    const rateLimit = { requestsPerSecond: 8, burst: 12 };
    await stage.connect({ spec: { rateLimit }, wait: false });
    await eventually(() => log().length > 120);
    const times = log().map(({ at }) => at);
    for (const [i, from] of times.entries()) {
      for (const [j, to] of times.entries()) {
        // Requests are seen where they arrive: on a busy machine up to half a second late, which is two of these.
        if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(12 + ((to - from + 2_000) / 1000) * 8);
      }
    }
  });

  it('waits as long as Retry-After says, with every request of the credential', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b', 'c']) });
    await stage.connect();
    stage.simulator.resetRequests();
    stage.simulator.world.fault({ status: 429, retryAfter: 20, times: 1 });
    const next = await eventually(() => {
      const throttled = log().find(({ status }) => status === 429);
      const later = log().find(({ at }) => throttled !== undefined && at > throttled.at + 15_000);
      return throttled !== undefined && later !== undefined && { throttled, later };
    });
    // Those that were under way already arrive a moment later: half a second of a busy machine is five of these.
    const between = log().filter(({ at }) => at > next.throttled.at + 5_000 && at < next.later.at);
    expect(between).toEqual([]);
    expect(next.later.at - next.throttled.at).toBeGreaterThanOrEqual(19_900);
    await stage.synced();
  });

  it('after two refusals asks no more: not before five minutes, not after a restart, but at once with a new Secret', async () => {
    // One pool and no metrics, so that no more than two requests are under way when the first is refused.
    stage = await Stage.open({ scenario: calmScenario(['a']), speed: 10 });
    withoutMetrics();
    await stage.connect();
    stage.simulator.resetRequests();
    stage.simulator.world.revokeTokens({});

    const project = await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(project.status?.refusedSecretVersion).toBeDefined();
      return project;
    });
    expect(said(project, 'Ready')).toBe('False/Unauthorized');
    expect(said(project, 'Authenticated')).toBe('False/Unauthorized');
    expect(messageOf(project, 'Ready')).toMatch(/Secret/);
    const asked = log().length;
    // A machine that was busy for five of the operator's minutes has seen the next try, too.
    const first = refusals()[0]!.at;
    expect(refusals().filter(({ at }) => at - first < 299_000)).toHaveLength(2);

    // Half a minute of silence, and another after a restart.
    await stays(() => log().length === asked, { for: 3_000 });
    await stage.restart();
    await stays(() => log().length === asked, { for: 3_000 });
    const { status } = await stage.cluster.projects.get('demo');
    expect(status?.refusedSecretVersion).toBe(project.status?.refusedSecretVersion);
    expect(said(await stage.cluster.projects.get('demo'), 'Ready')).toBe('False/Unauthorized');

    stage.simulator.world.addToken({ token: 'a-new-token' });
    const mendedAt = stage.runtime.monotonic();
    await stage.putSecret('demo', { token: 'a-new-token' });
    await eventually(async () =>
      expect(said(await stage.cluster.projects.get('demo'), 'Ready')).toBe('True/Reading'),
    );
    // Of its own accord it would try the old one only five minutes after the restart.
    expect(stage.runtime.monotonic() - mendedAt).toBeLessThan(240_000);
    expect((await stage.synced()).status?.refusedSecretVersion).toBeUndefined();
  });

  it('remembers a refusal whichever call met it, and not only after the five minutes', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']), speed: 15 });
    await stage.connect();
    stage.simulator.resetRequests();
    stage.simulator.world.fault({ match: { call: 'ShowWorkloadStatistics' }, status: 401 });
    await eventually(async () => {
      const project = await stage.cluster.projects.get('demo');
      expect(project.status?.refusedSecretVersion).toBeDefined();
      expect(said(project, 'Ready')).toBe('False/Unauthorized');
    });
    expect(stage.runtime.now() + 1_000 - refusals()[0]!.at).toBeLessThan(299_000);
  });

  it('tries a refused credential again after five minutes', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a']), speed: 50 });
    withoutMetrics();
    await stage.connect();
    stage.simulator.resetRequests();
    stage.simulator.world.revokeTokens({});
    await eventually(() => refusals().length >= 3);
    const [, second, third] = refusals().map(({ at }) => at);
    expect(third! - second!).toBeGreaterThanOrEqual(299_000);
  });

  it('backs off from what fails to at most eight intervals, and ends that for a changed spec', async () => {
    stage = await Stage.open({ scenario: calmScenario(['a']), speed: 30 });
    await stage.connect();
    stage.simulator.resetRequests();
    // Not worth a second try, so that each request is a poll.
    stage.simulator.world.fault({ id: 'down', status: 403 });
    const polls = () => log().filter(({ call }) => call === 'ListPools');
    await eventually(() => polls().length >= 16);
    const gaps = polls().map(({ at }, i) => at - (polls()[i - 1]?.at ?? at));
    expect(Math.max(...gaps)).toBeGreaterThan(2_500);
    // Most of them: a pause of a busy machine is one gap of many seconds here. Doubled on and on, the last would be hours.
    expect(gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)]).toBeLessThan(8_000 + 8_000);

    stage.simulator.world.clearFault({ id: 'down' });
    await stage.cluster.projects.patch('demo', { spec: { userID: 'someone' } });
    await stage.synced();
  });
});
