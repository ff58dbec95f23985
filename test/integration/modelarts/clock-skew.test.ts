import { afterEach, describe, expect, it } from '@jest/globals';

import type { UpstreamError } from '../../../src/api/errors.ts';
import type { Credentials } from '../../../src/api/credentials.ts';
import type { Runtime } from '../../../src/runtime/clock.ts';
import { demoScenario } from '../../../src/simulator/scenarios/demo.ts';
import { Bench, listPools, quickRuntime } from './support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());

const project = demoScenario.projects[0]!;
const key = project.keys![0]!;
const minute = 60_000;
const signing: Credentials = {
  type: 'aksk',
  accessKeyID: key.accessKey,
  secretAccessKey: key.secretKey,
};
const login: Credentials = {
  type: 'password',
  username: project.users![0]!.name,
  password: 'wrong',
  domainName: project.domain!,
};

/** A clock that is wrong by so many milliseconds. */
const offBy = (ms: number): Runtime => {
  const runtime = quickRuntime();
  return { ...runtime, now: () => runtime.now() + ms };
};

async function read(credentials: Credentials, skewMs: number) {
  const simulator = await bench.simulate();
  const { reader, tries } = bench.open(
    { endpoint: simulator.url, iamEndpoint: simulator.url, credentials },
    { runtime: offBy(skewMs) },
  );
  const outcome = await listPools(reader).catch((thrown: unknown) => thrown as UpstreamError);
  return { outcome, tries, message: outcome instanceof Error ? outcome.message : 'it was accepted' };
}

describe('a clock that is off', () => {
  it.each([
    ['ahead of', 20 * minute],
    ['behind', -20 * minute],
  ])(
    "is named where it stands %s the server's, and the key is not tried again",
    async (direction, skewMs) => {
      const { outcome, tries, message } = await read(signing, skewMs);
      expect(outcome).toMatchObject({ kind: 'Unauthorized', status: 401 });
      expect(message).toMatch(
        new RegExp(`: the clock here is more than 15 minutes ${direction} the server's\\. Set it right\\.$`),
      );
      expect(tries).toHaveLength(1);
    },
  );

  it.each([10 * minute, -10 * minute])('does no harm where it is off by %d ms', async (skewMs) => {
    expect((await read(signing, skewMs)).message).toBe('it was accepted');
  });

  it('is not what is wrong with a key that is wrong', async () => {
    const { message } = await read({ ...signing, secretAccessKey: 'wrong' }, 10 * minute);
    expect(message).toContain("Check the Secret's values");
  });

  it.each<[string, Credentials]>([
    ['a token', { type: 'token', token: 'wrong' }],
    ['a user name and password', login],
  ])('is not blamed for %s that is refused', async (_what, credentials) => {
    const { outcome, message } = await read(credentials, 20 * minute);
    expect(outcome).toMatchObject({ kind: 'Unauthorized' });
    expect(message).toContain("the credential was refused. Check the Secret's values");
    expect(message).not.toContain('clock');
  });
});
