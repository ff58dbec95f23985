import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ModelArtsClients } from './client.ts';
import type { Fetch } from './wire.ts';

describe('requests that wait for a token of IAM', () => {
  it.each([
    ['and not all at once', false],
    ['also where IAM was not reached at first', true],
  ])('leave within the budget once it is there, %s', async (_what, unreached) => {
    const clock = virtualClock();
    const left: number[] = [];
    let tokens = 0;
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      ({
        status,
        headers: { get: (name: string) => headers[name] ?? null },
        body: (async function* () {
          yield Buffer.from(JSON.stringify(body));
        })(),
      }) as never;
    const fetch: Fetch = async (_dispatcher, request) => {
      const asksForToken = request.method === 'POST';
      if (!asksForToken) left.push(clock.monotonic());
      // The first token serves, or is never made; the second takes its time.
      if (asksForToken) tokens++;
      if (asksForToken && unreached && tokens === 1) throw new Error('connect ECONNREFUSED');
      const slow = asksForToken && tokens === 2;
      await new Promise<void>((resolve) => clock.timer(slow ? 10_000 : 1, resolve));
      if (!asksForToken) return answer(200, { items: [] });
      const life = { issued_at: '2026-01-01T00:00:00Z', expires_at: '2026-01-01T00:01:00Z' };
      return answer(201, { token: life }, { 'x-subject-token': `t${tokens}` });
    };
    const reader = new ModelArtsClients({ runtime: clock, endpoints: { allowLocal: false }, fetch }).open({
      endpoint: 'https://modelarts.example.com',
      iamEndpoint: 'https://iam.example.com',
      projectID: '0'.repeat(32),
      credentials: { type: 'password', username: 'u', password: 'p', domainName: 'd' },
      rateLimit: { requestsPerSecond: 2, burst: 4 },
    });
    const { signal } = new AbortController();
    const read = () => reader.listPools({ workspaceID: '0' }, signal);
    // With one token to use up, or while the first read waits for its second try's.
    const first = read();
    await clock.advance(unreached ? 5_000 : 60_000);
    if (!unreached) await first;
    left.length = 0;
    const others = Array.from({ length: unreached ? 19 : 20 }, read);
    const all = Promise.all([first, ...others]);
    await clock.advance(60_000);
    await all;
    expect(left).toHaveLength(20);
    // From any of them to any other no more than the burst and what came in meanwhile.
    for (const [i, from] of left.entries())
      for (const [j, to] of left.entries())
        if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(4 + (2 * (to - from)) / 1000);
    await reader.close();
  });
});
