import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import { calmPool } from '../support/calm-scenario.ts';
import { messageOf, said } from '../support/cluster-objects.ts';
import { eventually } from '../support/eventually.ts';
import { Stage, type SpecSections } from '../support/stage.ts';

jest.setTimeout(60_000);

interface Case {
  readonly what: string;
  readonly reason: string;
  /** What the message says to do. */
  readonly says: RegExp;
  readonly secret?: Readonly<Record<string, string>>;
  readonly secretType?: string;
  readonly spec?: SpecSections;
  /** Makes it good; without it the case is left as it is. */
  readonly mend?: (stage: Stage, name: string) => Promise<unknown>;
}

const projectID = '0123456789abcdef0123456789abcdef';
const token = { token: 'good-token' };
const putToken = (stage: Stage, name: string) => stage.putSecret(name, token);
const patchSpec = (spec: object) => (stage: Stage, name: string) =>
  stage.cluster.projects.patch(name, { spec });

const cases: readonly Case[] = [
  {
    what: 'no Secret',
    reason: 'SecretNotFound',
    says: /Secret .* does not exist .* create it/,
    mend: putToken,
  },
  {
    what: 'keys of other names',
    reason: 'InvalidSecret',
    says: /accessKeyID/,
    secret: { ak: 'x', sk: 'y' },
    mend: putToken,
  },
  {
    what: 'half a credential',
    reason: 'InvalidSecret',
    says: /secretAccessKey/,
    secret: { accessKeyID: 'x' },
    mend: putToken,
  },
  {
    what: 'a Secret of a type that is never sent abroad',
    reason: 'SecretTypeRefused',
    says: /Opaque/,
    secret: { username: 'x', password: 'y' },
    secretType: 'kubernetes.io/basic-auth',
    mend: async (stage, name) => {
      await stage.cluster.secrets.delete(name);
      await putToken(stage, name);
    },
  },
  {
    what: 'a token that is refused',
    reason: 'Unauthorized',
    says: /Check the Secret/,
    secret: { token: 'another' },
    mend: putToken,
  },
  {
    what: 'a token that may not read this project',
    reason: 'Forbidden',
    says: /Check its permissions/,
    secret: { token: 'says-403' },
    mend: putToken,
  },
  {
    what: 'a project id that ModelArts does not know',
    reason: 'ProjectNotFound',
    says: /project id does not belong to the credential/,
    secret: { token: 'says-404' },
    mend: putToken,
  },
  {
    what: 'a label selector that cannot be read',
    reason: 'InvalidSpec',
    says: /labelSelector/,
    secret: token,
    spec: { discovery: { labelSelector: 'team in (' } },
    mend: patchSpec({ discovery: { labelSelector: null } }),
  },
  {
    what: 'an endpoint that the operator may not speak to',
    reason: 'EndpointNotAllowed',
    says: /--allowed-endpoint-hosts/,
    secret: token,
    spec: { endpoint: 'https://elsewhere.example.com' },
    mend: (stage, name) => patchSpec({ endpoint: stage.simulator.url })(stage, name),
  },
  {
    what: 'a CA bundle that holds no certificate',
    reason: 'InvalidSpec',
    says: /caBundle/,
    secret: token,
    spec: { tls: { caBundle: Buffer.from('no certificate').toString('base64') } },
    mend: patchSpec({ tls: null }),
  },
  {
    what: 'a user name and password without an IAM endpoint',
    reason: 'InvalidSpec',
    says: /iamEndpoint/,
    secret: { username: 'x', password: 'y', domainName: 'z' },
    mend: putToken,
  },
];

describe('a ModelArtsProject with bad input', () => {
  const names = cases.map((_case, i) => `case-${i}`);
  let stage: Stage;
  const project = (i: number) => stage.cluster.projects.get(names[i]!);
  const table = cases.map(({ what }, i) => [what, i] as const);

  beforeAll(async () => {
    stage = await Stage.open({
      operator: { endpoints: { allowLocal: true, hostGlobs: ['127.0.0.1'] } },
      scenario: {
        projects: [
          { id: projectID, tokens: [token.token], pools: [calmPool('a')] },
          { id: 'a'.repeat(32), tokens: ['says-403'] },
          { id: 'b'.repeat(32), tokens: ['says-404'], mismatch: '404' },
        ],
      },
    });
    const polling = { poolInterval: '10s', workloadInterval: '10s', maxStaleness: '5m' };
    await stage.connect({ name: 'good', token: token.token, spec: { projectID, polling } });
    for (const [i, { secret, secretType, spec }] of cases.entries()) {
      if (secret) await stage.putSecret(names[i]!, secret, secretType);
      await stage.cluster.projects.create(stage.project(names[i]!, { projectID, polling, ...spec }));
    }
    await eventually(async () => {
      const ready = await Promise.all(cases.map(async (_case, i) => said(await project(i), 'Ready')));
      expect(ready).toEqual(cases.map(({ reason }) => `False/${reason}`));
    });
    // Polled again and again, it is still the same.
    stage.simulator.resetRequests();
    await eventually(() => (stage.simulator.requests().byCall['ListPools'] ?? 0) >= 6);
  });
  afterAll(() => stage.close());

  it.each(table)('%s: says what is wrong and what to do', async (_what, i) => {
    const { reason, says, secret = {} } = cases[i]!;
    const object = await project(i);
    expect(said(object, 'Ready')).toBe(`False/${reason}`);
    const message = messageOf(object, 'Ready');
    expect(message).toMatch(says);
    for (const value of Object.values(secret)) if (value.length > 1) expect(message).not.toContain(value);
    expect(said(object, 'Synced')).toMatch(/^False|^Unknown\/NotReadYet/);
    expect(object.status?.pools ?? 0).toBe(0);
  });

  it('tells each with exactly one Event', async () => {
    await eventually(async () => {
      const events = await stage.cluster.events.all();
      const told = events
        .filter(({ regarding }) => regarding.kind === 'ModelArtsProject')
        .map(({ type, reason, regarding, series }) => ({
          name: regarding.name,
          type,
          reason,
          repeated: series !== undefined,
        }));
      expect(told.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name))).toEqual(
        cases.map(({ reason }, i) => ({ name: names[i], type: 'Warning', reason, repeated: false })),
      );
    });
  });

  it('costs the others nothing', async () => {
    const good = await stage.cluster.projects.get('good');
    expect([said(good, 'Ready'), said(good, 'Synced')]).toEqual(['True/Reading', 'True/ReadComplete']);
    stage.simulator.world.updatePool({ pool: 'a', set: { description: 'read meanwhile' } });
    await eventually(async () => expect((await stage.pool('a'))?.status?.description).toBe('read meanwhile'));
  });

  it('works within a poll of being mended', async () => {
    const mendedAt = stage.runtime.monotonic();
    for (const [i, { mend }] of cases.entries()) await mend?.(stage, names[i]!);
    await eventually(async () => {
      const ready = await Promise.all(cases.map(async (_case, i) => said(await project(i), 'Ready')));
      expect(ready).toEqual(cases.map(() => 'True/Reading'));
    });
    // A poll is 10 s of the stage's time; the rest is for a busy machine.
    expect(stage.runtime.monotonic() - mendedAt).toBeLessThan(60_000);
    for (const name of names) await stage.synced(name);
  });
});

describe('a ModelArtsProject that is refused when it is applied', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open({ scenario: { projects: [{ id: projectID }] }, start: false });
  });
  afterAll(() => stage.close());

  it.each([
    ['modelarts.example.com', 'must be an absolute URL'],
    ['ftp://modelarts.example.com', "must begin with 'https://'"],
    ['http://modelarts.example.com', 'tls.allowInsecureHTTP'],
    ['https://user:secret@modelarts.example.com', 'put credentials in the Secret'],
    ['https://modelarts.example.com?x=1', 'must not have a query'],
  ])('the endpoint %s', async (endpoint, words) => {
    const object = { ...stage.project('refused', { endpoint }) };
    const { code, stderr } = await stage.kubectl(
      ['apply', '-n', stage.namespace, '-f', '-'],
      JSON.stringify(object),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(await stage.cluster.projects.find('refused')).toBeUndefined();
  });
});
