import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { said } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { alpha, aPool, smallWorld } from '../lifecycle/small-world.ts';
import { tap, type Tap } from './support/tap.ts';

const key = { accessKey: 'KEYFORTESTS000000001', secretKey: 'secret-of-the-key' };
const temporary = {
  accessKey: 'KEYFORTESTS000000002',
  secretKey: 'secret-of-the-temporary-key',
  securityToken: 'token-of-the-temporary-key',
};
const user = { name: 'reader', password: 'the-password' };
const login = { username: user.name, password: user.password, domainName: 'the-company' };

/** What stands in the Secret, and how ModelArts then sees us. */
const kinds: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['an access key', { accessKeyID: key.accessKey, secretAccessKey: key.secretKey }, `key ${key.accessKey}`],
  [
    'a temporary key with its security token',
    {
      accessKeyID: temporary.accessKey,
      secretAccessKey: temporary.secretKey,
      securityToken: temporary.securityToken,
    },
    `temporary key ${temporary.accessKey}`,
  ],
  ['a user name and password', login, 'token MII'],
  ['a token', { token: 'demo-token' }, 'token dem'],
];

describe('credentials of an operator that runs', () => {
  let stage: Stage;
  let way: Tap;

  beforeAll(async () => {
    stage = await Stage.open({
      scenario: smallWorld({
        pools: [aPool(alpha)],
        domain: login.domainName,
        users: [user],
        keys: [key, temporary],
        // A tenth of it in the stage's time; renewed after four fifths.
        tokenLifetime: '20s',
      }),
    });
    way = await tap(stage.simulator.url);
    await stage.connect({
      spec: { endpoint: way.url, credentials: { secretRef: { name: 'demo' }, iamEndpoint: way.url } },
    });
  });
  afterAll(async () => {
    await stage.close();
    await way.close();
  });

  it.each(kinds)(
    'are changed to %s without a restart and without a failed request',
    async (_what, keys, seen) => {
      const before = await stage.cluster.projects.get('demo');
      stage.simulator.resetRequests();
      await stage.putSecret('demo', keys);
      await stage.settled();
      // What was under way with the old one has ended.
      await stage.settled();
      way.forget();
      await stage.settled();
      expect(new Set(way.kinds)).toEqual(new Set([seen]));
      expect(
        Object.keys(stage.simulator.requests().byStatus).filter((status) => !/^20[01]$/.test(status)),
      ).toEqual([]);
      const after = await stage.cluster.projects.get('demo');
      expect(after.status?.conditions).toEqual(before.status?.conditions);
    },
  );

  it('have a token of IAM renewed before it ends', async () => {
    await stage.putSecret('demo', login);
    await stage.settled();
    stage.simulator.resetRequests();
    await eventually(() => (stage.simulator.requests().byCall['CreateToken'] ?? 0) >= 3);
    await stage.settled();
    expect(Object.keys(stage.simulator.requests().byStatus).sort()).toEqual(['200', '201']);
  });

  it('have a token of IAM replaced when it is refused before its time', async () => {
    stage.simulator.act({ revokeTokens: {} });
    stage.simulator.resetRequests();
    await stage.settled();
    await stage.settled();
    const project = await stage.cluster.projects.get('demo');
    expect(said(project, 'Authenticated')).toBe('True/Accepted');
    expect(said(project, 'Synced')).toBe('True/ReadComplete');
    const { byCall, byStatus } = stage.simulator.requests();
    expect(byCall['CreateToken']).toBeGreaterThanOrEqual(1);
    expect(byStatus['200']).toBeGreaterThan(1);
  });

  it('No secret leaves: are in no line of the log', () => {
    const log = JSON.stringify(stage.operator.log);
    for (const secret of [
      key.secretKey,
      temporary.secretKey,
      temporary.securityToken,
      user.password,
      'demo-token',
    ])
      expect(log).not.toContain(secret);
    expect(log).not.toMatch(/MII[0-9a-f]{10}/);
  });
});
