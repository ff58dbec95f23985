import { describe, expect, it } from '@jest/globals';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ModelArtsClients } from './client.ts';
import type { Fetch } from './wire.ts';

describe('requests that wait for a token of IAM', () => {
  it('leave within the budget once it is there, and not all at once', async () => {
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
      // The first token serves while the second takes its time.
      const slow = asksForToken && ++tokens === 2;
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
    const first = read();
    await clock.advance(60_000);
    await first;
    left.length = 0;
    const all = Promise.all(Array.from({ length: 20 }, read));
    await clock.advance(60_000);
    await all;
    expect(left).toHaveLength(20);
    // In every second no more than the burst and what comes in: four and two.
    for (const at of left) {
      const within = left.filter((other) => other >= at && other < at + 1000);
      expect(within.length).toBeLessThanOrEqual(6);
    }
    await reader.close();
  });
});
