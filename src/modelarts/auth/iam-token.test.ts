import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import { IAMToken } from './iam-token.ts';

const never = new AbortController().signal;
const day = 24 * 3_600_000;

function credential() {
  const clock = virtualClock();
  const state = { issued: 0, failing: false };
  const issue = async () => {
    if (state.failing) throw new Error('IAM has trouble');
    state.issued += 1;
    // By a clock that is years off: only the difference may count.
    return { token: `t${state.issued}`, issuedAt: 0, expiresAt: day };
  };
  const iam = new IAMToken({ clock, issue, password: 'pw' });
  return { clock, state, iam, token: async () => (await iam.authorize({}, never))['x-auth-token'] };
}

describe('IAMToken', () => {
  it('asks once for all who wait, and renews when four fifths of the life are over', async () => {
    const { clock, state, token } = credential();
    expect(await Promise.all([token(), token(), token()])).toEqual(['t1', 't1', 't1']);
    await clock.advance(day * 0.79);
    expect(await token()).toBe('t1');
    await clock.advance(day * 0.02);
    expect(await token()).toBe('t2');
    expect(state.issued).toBe(2);
  });

  it("tells when the token ends, by this machine's clock", async () => {
    const { clock, iam, token } = credential();
    expect(iam.expiresAt()).toBeUndefined();
    const end = clock.now() + day;
    await token();
    await clock.advance(day / 2);
    expect(iam.expiresAt()).toBe(end);
    await clock.advance(day / 2);
    await token();
    expect(iam.expiresAt()).toBe(end + day);
  });

  it('keeps a token that is still good while IAM has trouble, and asks again after a pause', async () => {
    const { clock, state, token } = credential();
    await token();
    await clock.advance(day * 0.9);
    state.failing = true;
    expect(await token()).toBe('t1');
    state.failing = false;
    expect(await token()).toBe('t1');
    await clock.advance(30_000);
    expect(await token()).toBe('t2');
    state.failing = true;
    await clock.advance(day);
    await expect(token()).rejects.toThrow('IAM has trouble');
  });

  it('drops a token that is refused, and only the one that was', async () => {
    const { iam, token } = credential();
    await token();
    const refusal = { headers: { 'x-auth-token': 't1' }, clockSkewMs: 0 };
    expect(iam.onUnauthorized(refusal)).toBe('retry');
    expect(await token()).toBe('t2');
    expect(iam.onUnauthorized(refusal)).toBe('retryFresh');
    expect(await token()).toBe('t2');
    expect(iam.secrets()).toEqual(['pw', 't2']);
  });

  it('stops waiting when told to, while the others go on', async () => {
    const { iam, token } = credential();
    const controller = new AbortController();
    const stopped = iam.authorize({}, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    expect(await token()).toBe('t1');
  });
});
