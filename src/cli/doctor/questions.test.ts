import { describe, expect, it } from '@jest/globals';

import { virtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import { ApiError, TransportError } from '../../kubernetes/errors.ts';
import type { ApiRequest, Transport } from '../../kubernetes/transport.ts';
import type { ClusterQuestions } from './cluster-question.ts';
import { checkInstalls } from './installs.ts';
import { checkKubernetesVersion } from './kubernetes-version.ts';
import { checkLease } from './lease.ts';
import { checkOtherLeases } from './other-leases.ts';
import { checkRights } from './rights.ts';

const place = { namespace: 'ns', name: 'lease', shards: 1 };

/** An apiserver of one function; what was asked of it stands in `asked`. */
function cluster(
  answer: (request: ApiRequest) => unknown,
): ClusterQuestions & { readonly asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  const request = async (one: ApiRequest): Promise<unknown> => {
    asked.push(one);
    return answer(one);
  };
  return { transport: { request } as unknown as Transport, signal: new AbortController().signal, asked };
}

const refusal = (code: number, reason: string) => (): never => {
  throw new ApiError('GET it', { code, reason, message: 'no' });
};

describe('a question', () => {
  it('that finds nothing, no right, no credential or no answer is a finding of its own', async () => {
    const level = async (answer: () => never) => (await checkKubernetesVersion(cluster(answer))).level;
    expect(await level(refusal(404, 'NotFound'))).toBe('fail');
    expect(await level(refusal(403, 'Forbidden'))).toBe('warn');
    const unauthorized = await checkKubernetesVersion(cluster(refusal(401, 'Unauthorized')));
    expect(unauthorized).toMatchObject({ level: 'fail', found: expect.stringContaining('renew them') });
    const silent = await checkKubernetesVersion(
      cluster(() => {
        throw new TransportError('no answer');
      }),
    );
    expect(silent).toMatchObject({ level: 'fail', found: expect.stringContaining('no answer') });
    expect((await checkInstalls(cluster(refusal(403, 'Forbidden')))).level).toBe('warn');
  });
});

describe('lease', () => {
  const held = (holderIdentity: string, renewTime?: string) => ({ spec: { holderIdentity, renewTime } });
  const check = async (clock: VirtualClock, answer: () => unknown) => {
    const found = checkLease(cluster(answer), place, clock);
    await clock.advance(6_000);
    return found;
  };

  it('is held by a process that is seen to renew, whatever its clock says', async () => {
    const clock = virtualClock();
    const found = await check(clock, () => held('pod-a', String(Math.floor(clock.monotonic() / 2_000))));
    expect(found).toMatchObject({ level: 'ok', found: expect.stringContaining('held by pod-a') });
  });

  it('is stale where that does not happen', async () => {
    const clock = virtualClock();
    const found = await check(clock, () => held('pod-a', 'long ago'));
    expect(found).toMatchObject({ level: 'warn', found: expect.stringContaining('last at long ago') });
    expect(clock.pendingTimers).toBe(0);
  });

  it('may be nobody’s, absent, or not ours to see', async () => {
    expect(await check(virtualClock(), () => held(''))).toMatchObject({
      level: 'warn',
      found: expect.stringContaining('nobody holds'),
    });
    expect(await check(virtualClock(), refusal(404, 'NotFound'))).toMatchObject({
      level: 'warn',
      found: expect.stringContaining('no Lease ns/lease'),
    });
    expect(await check(virtualClock(), refusal(403, 'Forbidden'))).toMatchObject({
      level: 'warn',
      found: expect.stringContaining('not checked'),
    });
  });
});

describe('other-leases', () => {
  const list = (clock: VirtualClock, leases: Record<string, 'renewed' | 'still' | 'free'>) => () => ({
    items: Object.entries(leases).map(([namespace, state]) => ({
      metadata: { namespace, name: place.name },
      spec: {
        holderIdentity: state === 'free' ? '' : `pod-in-${namespace}`,
        renewTime: state === 'renewed' ? String(clock.monotonic()) : 'long ago',
      },
    })),
  });
  const check = async (answer: (clock: VirtualClock) => () => unknown) => {
    const clock = virtualClock();
    const found = checkOtherLeases(cluster(answer(clock)), place, clock);
    await clock.advance(4_000);
    return found;
  };

  it('are warned of where somebody renews them, and this one is not among them', async () => {
    const found = await check((clock) => list(clock, { ns: 'renewed', m: 'renewed', o: 'still', p: 'free' }));
    expect(found).toMatchObject({
      level: 'warn',
      found: 'another operator works under the Lease m/lease (pod-in-m)',
    });
    expect(await check((clock) => list(clock, { ns: 'renewed', o: 'still' }))).toMatchObject({ level: 'ok' });
    expect(await check((clock) => list(clock, { ns: 'renewed' }))).toMatchObject({ level: 'ok' });
  });

  it('are not spoken of where they may not be listed', async () => {
    expect(await check(() => refusal(403, 'Forbidden'))).toBeUndefined();
  });
});

describe('rights', () => {
  const reviewing = (allows: (attributes: Record<string, string>) => boolean) =>
    cluster(({ path, body }) => {
      if (path.endsWith('/selfsubjectreviews')) return { status: { userInfo: { username: 'somebody' } } };
      const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
      return { status: { allowed: allows(spec.resourceAttributes) } };
    });

  it('are enough where each is granted', async () => {
    const found = await checkRights(
      reviewing(() => true),
      { lease: place },
    );
    expect(found).toMatchObject({
      level: 'ok',
      found: 'somebody may do all that the operator does (27 rights)',
    });
  });

  it('names all that are missing, by what they are on', async () => {
    const without = reviewing(
      ({ resource, verb }) => resource !== 'secrets' && !(resource === 'leases' && verb !== 'create'),
    );
    expect(await checkRights(without, { lease: place })).toMatchObject({
      level: 'fail',
      found: 'somebody may not get secrets; get, update leases lease in ns',
    });
  });

  it('are asked for in the namespaces that it works in, and the Lease in its own', async () => {
    const asking = reviewing(() => true);
    await checkRights(asking, { lease: place, namespaces: ['a', 'b'] });
    const places = asking.asked.flatMap(({ body }) => {
      const { spec } = body as { spec?: { resourceAttributes: Record<string, string> } };
      return spec
        ? [`${spec.resourceAttributes['resource']} in ${spec.resourceAttributes['namespace']}`]
        : [];
    });
    expect(new Set(places.filter((text) => text.startsWith('secrets')))).toEqual(
      new Set(['secrets in a', 'secrets in b']),
    );
    expect(new Set(places.filter((text) => text.startsWith('leases')))).toEqual(new Set(['leases in ns']));
  });

  it('are not checked where nobody may ask', async () => {
    expect((await checkRights(cluster(refusal(403, 'Forbidden')), { lease: place })).level).toBe('warn');
  });
});
