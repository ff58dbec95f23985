import { describe, expect, it } from '@jest/globals';

import { virtualClock } from '../../test/support/virtual-clock.ts';
import { ApiError, TransportError } from './errors.ts';
import type { KubernetesObject } from './objects.ts';
import { Reflector } from './reflector.ts';
import type { ReflectorEvent } from './reflector-state.ts';
import { ResourceClient } from './resource-client.ts';
import type { ApiRequest, ByteStream, Transport } from './transport.ts';

/** A server that does what the test says, one answer a request; a request that nobody expected fails the test. */
class ScriptedServer implements Transport {
  readonly asked: string[] = [];
  readonly script: ((request: ApiRequest) => unknown)[] = [];
  unexpected: string | undefined;

  async request<T>(request: ApiRequest): Promise<T> {
    return (await this.#answer(request)) as T;
  }

  async stream(request: ApiRequest): Promise<ByteStream> {
    return (await this.#answer(request)) as ByteStream;
  }

  async #answer(request: ApiRequest): Promise<unknown> {
    const { watch, limit, continue: next, resourceVersion } = request.query ?? {};
    const what = watch ? `watch ${String(resourceVersion)}` : `list ${String(limit)} ${String(next)}`;
    this.asked.push(what);
    const answer = this.script.shift();
    if (!answer) {
      this.unexpected ??= what;
      return new Promise((_, reject) =>
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason)),
      );
    }
    return answer(request);
  }
}

const page = (version: string, names: string[], next?: string) => () => ({
  metadata: { resourceVersion: version, ...(next && { continue: next }) },
  items: names.map((name) => ({ metadata: { name, resourceVersion: version } })),
});
const fails = (code: number) => () => {
  throw new ApiError('GET', { code, reason: code === 410 ? 'Expired' : '', message: 'no' });
};
const line = (type: string, version: string): string =>
  `${JSON.stringify({ type, object: { metadata: { name: 'a', resourceVersion: version } } })}\n`;
/** A watch that says these lines and then ends, or hangs until it is cut. */
const watch =
  (text: string, hang = false) =>
  (request: ApiRequest): ByteStream =>
    (async function* () {
      yield Buffer.from(text);
      if (!hang) return;
      await new Promise((_, reject) =>
        request.signal?.addEventListener('abort', () => reject(request.signal?.reason)),
      );
    })();

function setUp(...script: ScriptedServer['script']) {
  const clock = virtualClock();
  const server = new ScriptedServer();
  server.script.push(...script);
  const events: string[] = [];
  const errors: unknown[] = [];
  const stop = new AbortController();
  const resource = { group: '', version: 'v1', plural: 'things', kind: 'Thing', namespaced: true };
  const reflector = new Reflector<KubernetesObject>({
    client: new ResourceClient({ transport: server, resource, fieldManager: 'test' }),
    runtime: clock,
    onEvent: (event: ReflectorEvent<KubernetesObject>) =>
      events.push('object' in event ? `${event.type} ${event.object.metadata.resourceVersion}` : event.type),
    onError: (error) => errors.push(error),
  });
  const running = reflector.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await clock.settle();
    await running;
    expect(clock.pendingTimers).toBe(0);
  };
  return { clock, server, events, errors, end };
}

describe('Reflector', () => {
  it('lists in pages, watches from the list, and resumes from the last version', async () => {
    const { clock, server, events, end } = setUp(
      page('5', ['a'], 'token'),
      page('5', ['b']),
      watch(line('ADDED', '6') + line('DELETED', '7') + line('BOOKMARK', '9')),
    );
    await clock.advance(0);
    expect(server.asked).toEqual(['list 500 undefined', 'list 500 token', 'watch 5', 'watch 9']);
    expect(events).toEqual(['relistStarted', 'listed 5', 'listed 5', 'relistDone', 'applied 6', 'deleted 7']);
    await end();
  });

  it('asks for the next page before it takes one in, and again where that failed', async () => {
    const listedBefore: string[][] = [];
    const noting = (answer: () => unknown) => (): unknown => {
      listedBefore.push(events.filter((event) => event.startsWith('listed')));
      return answer();
    };
    const { clock, events, end } = setUp(
      noting(page('5', ['a'], 'token')),
      noting(fails(500)),
      noting(page('5', ['b'], 'last')),
      noting(page('5', ['c'])),
      watch('', true),
    );
    await clock.advanceUntil(() => events.includes('relistDone'));
    expect(listedBefore).toEqual([[], [], ['listed 5'], ['listed 5']]);
    expect(events).toEqual(['relistStarted', 'listed 5', 'listed 5', 'listed 5', 'relistDone']);
    await end();
  });

  it('lists again after a 410, and in one piece when the continue token expired', async () => {
    const { clock, server, end } = setUp(
      page('5', []),
      fails(410),
      page('8', [], 'token'),
      fails(410),
      page('9', []),
    );
    await clock.advanceUntil(() => server.unexpected !== undefined);
    expect(server.asked).toEqual([
      'list 500 undefined',
      'watch 5',
      'list 500 undefined',
      'list 500 token',
      'list undefined undefined',
      'watch 9',
    ]);
    await end();
  });

  it('lists in pages again where one piece is more than an answer may be', async () => {
    const { clock, server, end } = setUp(
      page('5', [], 'token'),
      fails(410),
      () => {
        throw new TransportError('the answer is too large');
      },
      page('8', [], 'token'),
      page('8', []),
    );
    await clock.advanceUntil(() => server.unexpected !== undefined);
    expect(server.asked.slice(2)).toEqual([
      'list undefined undefined',
      'list 500 undefined',
      'list 500 token',
      'watch 8',
    ]);
    await end();
  });

  it('backs off from 800 ms to at most a minute, with jitter, and anew after two quiet minutes', async () => {
    const { clock, server, errors, end } = setUp(
      ...Array.from({ length: 8 }, () => fails(500)),
      page('5', []),
    );
    const at: number[] = [];
    for (let tries = 1; tries <= 9; tries++) {
      await clock.advanceUntil(() => server.asked.length >= tries);
      at.push(clock.monotonic());
    }
    const waits = at.slice(1).map((time, i) => time - (at[i] as number));
    waits.forEach((ms, i) => {
      const least = Math.min(800 * 2 ** i, 30_000);
      expect(ms).toBeGreaterThanOrEqual(least);
      expect(ms).toBeLessThan(2 * least);
    });
    expect(errors).toHaveLength(8);
    await clock.advance(200_000);
    server.script.push(watch(''));
    await end();
  });

  it('cuts a watch that outlives its own time limit in silence, and resumes', async () => {
    const { clock, server, end } = setUp(page('5', []), watch(line('ADDED', '6'), true));
    await clock.advance(299_000);
    expect(server.asked.at(-1)).toBe('watch 5');
    await clock.advance(340_000);
    expect(server.asked.at(-1)).toBe('watch 6');
    await end();
  });

  it('half a line is no loss; an unreadable one lists again; neither ends it', async () => {
    const { clock, server, events, end } = setUp(
      page('5', []),
      watch(line('ADDED', '6') + '{"type":"ADD'),
      watch('this is not JSON\n'),
      page('7', []),
    );
    await clock.advanceUntil(() => server.unexpected !== undefined);
    expect(server.asked).toEqual([
      'list 500 undefined',
      'watch 5',
      'watch 6',
      'list 500 undefined',
      'watch 7',
    ]);
    expect(events.filter((event) => event === 'relistDone')).toHaveLength(2);
    await end();
  });
});
