import { afterEach, describe, expect, it } from '@jest/globals';

import { demoProjectID, demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

/** The calls of the reference that read, and the one that asks for a token. */
const allowed =
  /^GET \/v[12]\/[^/]+\/(pools|pools\/[^/]+|pools\/[^/]+\/workloads|statistics\/pools\/[^/]+\/workloads|workspaces|training-jobs\/versions|training-jobs\/[^/]+\/versions|job\/resource-specs|metrics\/runtime\/pools|resourceflavors)$|^POST \/v3\/auth\/tokens$/;

describe('invariant 9 (Read-only)', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it.each<[string, Record<string, string>, boolean]>([
    ['a token', { token: 'demo-token' }, false],
    [
      'a user name and password',
      { username: 'mirror-reader', password: 'demo-password', domainName: 'EXAMPLE-DOMAIN' },
      true,
    ],
    [
      'an access key',
      {
        accessKeyID: 'EXAMPLEAK00000DEMO01',
        secretAccessKey: 'ExampleSecretKeyNotRealDemo0123456789abc',
      },
      false,
    ],
  ])('with %s nothing but reads leaves the operator, whatever happens', async (_what, keys, iam) => {
    // At its own speed the world's clock would run away from the operator's, and signatures with it.
    stage = await Stage.open({ scenario: { ...demoScenario, speed: 1 } });
    await stage.putSecret('demo', keys);
    await stage.cluster.projects.create(
      stage.project('demo', {
        credentials: { secretRef: { name: 'demo' }, ...(iam && { iamEndpoint: stage.simulator.url }) },
        discovery: { workspaces: ['*'] },
      }),
    );
    await stage.synced();
    // Deletion of mirrors, faults and hand edits are where a write might slip in.
    stage.simulator.world.removePool({ pool: 'batch-cpu' });
    stage.simulator.world.fault({ status: 503, times: 5 });
    await stage.cluster.pools.delete('pool-llm-0123456789abcdef0123456789abcdef');
    await eventually(async () => {
      const names = (await stage.cluster.pools.all()).map(({ metadata }) => metadata.name);
      expect(names).toEqual([
        'pool-llm-0123456789abcdef0123456789abcdef',
        'pool-research-0123456789abcdef0123456789abcdef',
        'pool-vision-0123456789abcdef0123456789abcdef',
      ]);
    });

    const { mutating, byCall, log } = stage.simulator.requests();
    expect({ mutating, unknown: byCall['unknown'] ?? 0 }).toEqual({ mutating: 0, unknown: 0 });
    const calls = log.map(({ method, path }) => `${method} ${path}`);
    expect(calls.filter((call) => !allowed.test(call))).toEqual([]);
    expect(log.every(({ path }) => !path.startsWith('/v2/') || path.split('/')[2] === demoProjectID)).toBe(
      true,
    );
    const { registry } = stage.operator.metrics;
    const metric = await registry
      .getSingleMetric('modelarts_operator_upstream_mutating_requests_total')!
      .get();
    expect(metric.values.map(({ value }) => value)).toEqual([0]);
  });
});
