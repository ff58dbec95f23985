import { afterEach, describe, expect, it } from '@jest/globals';

import type { FaultRule } from '../../../src/simulator/fault-rule.ts';
import { demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../../../src/simulator/schema.ts';
import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

interface Way {
  readonly what: string;
  readonly keys: Readonly<Record<string, string>>;
  /** What must never be seen outside the Secret. */
  readonly secrets: readonly string[];
}

const temporary = {
  accessKeyID: 'EXAMPLEAK00000DEMO02',
  secretAccessKey: 'ExampleSecretKeyNotRealDemo9876543210zyx',
  securityToken: 'example-security-token-of-a-temporary-key',
};
/** The simulator's demo, which knows that key. */
const scenario: Scenario = {
  ...demoScenario,
  // At its own speed the world's clock would run away from the operator's, and signatures with it.
  speed: 1,
  projects: demoScenario.projects.map((project) => ({
    ...project,
    keys: [
      {
        accessKey: temporary.accessKeyID,
        secretKey: temporary.secretAccessKey,
        securityToken: temporary.securityToken,
      },
    ],
  })),
};

const ways: readonly Way[] = [
  { what: 'a token', keys: { token: 'demo-token' }, secrets: ['demo-token'] },
  {
    what: 'a user name and password',
    keys: { username: 'mirror-reader', password: 'demo-password', domainName: 'EXAMPLE-DOMAIN' },
    secrets: ['demo-password'],
  },
  {
    what: 'a temporary access key',
    keys: temporary,
    secrets: Object.values(temporary),
  },
];

/** Trouble that has something to say, and says what it was sent. */
const troubles = ({ secrets }: Way): readonly FaultRule[] =>
  // 401 comes last: it locks the credential for a while.
  [400, 403, 500].flatMap((status) =>
    [...secrets, encodeURIComponent(secrets[0]!), Buffer.from(secrets[0]!).toString('base64')].map(
      (secret) => ({
        status,
        code: `Odd.${secret}`,
        message: `the credential ${secret} (X-Auth-Token: ${secret}) is not welcome`,
        headers: { 'x-echo': secret },
        times: 3,
      }),
    ),
  );

describe('invariant 11 (No secret leaves)', () => {
  let stage: Stage;
  afterEach(() => stage.close());

  it.each(ways)(
    '$what is in no object, Event, log line or metric, whatever ModelArts answers',
    async (way) => {
      stage = await Stage.open({ scenario, speed: 20 });
      const { secrets } = way;
      const everything = async (): Promise<string> => {
        const { projects, pools, workloads, resourceSpecs, events } = stage.cluster;
        const kinds = await Promise.all(
          [projects, pools, workloads, resourceSpecs, events].map((k) => k.all()),
        );
        const metrics = await stage.operator.metrics.registry.metrics();
        return [...kinds.flat(), ...stage.operator.log, metrics]
          .map((each) => JSON.stringify(each))
          .join('\n');
      };
      const leaked = (text: string): string[] =>
        [...secrets, ...secrets.map((secret) => Buffer.from(secret).toString('base64'))]
          .filter((secret) => text.includes(secret))
          // A token of the simulator's IAM.
          .concat(/MII[0-9a-f]{10}/.exec(text) ?? []);

      await stage.putSecret('demo', way.keys);
      await stage.cluster.projects.create(
        stage.project('demo', {
          credentials: {
            secretRef: { name: 'demo' },
            ...(way.keys['username'] && { iamEndpoint: stage.simulator.url }),
          },
          polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '1m' },
        }),
      );
      await stage.synced();
      expect(leaked(await everything())).toEqual([]);

      // Each is answered a few times and gone; what is said meanwhile is looked at, not only the end.
      const texts: string[] = [];
      for (const rule of troubles(way)) {
        stage.simulator.world.clearFault();
        stage.simulator.world.fault(rule);
        stage.simulator.resetRequests();
        // A new version of the Secret ends every wait.
        await stage.cluster.secrets.patch('demo', { metadata: { labels: { at: String(texts.length) } } });
        await eventually(() => stage.simulator.requests().total >= 1);
        texts.push(await everything());
      }
      expect(leaked(texts.join('\n'))).toEqual([]);
      stage.simulator.world.clearFault();

      // Refused for good: that is where people look, and what they paste.
      stage.simulator.world.fault({ status: 401, message: secrets.join(' ') });
      await stage.cluster.secrets.patch('demo', { metadata: { labels: { at: 'the-end' } } });
      await eventually(async () =>
        expect(said(await stage.cluster.projects.get('demo'), 'Ready')).toBe('False/Unauthorized'),
      );
      const last = await everything();
      expect(leaked(last)).toEqual([]);
      expect(last).not.toMatch(/Signature=[0-9a-f]{8}|SDK-HMAC-SHA256 Access=/);
    },
  );
});
