import { afterEach, describe, expect, it } from '@jest/globals';
import { fetch, type RequestInit, type Response } from 'undici';

import { recordingFormat, recordingVersion, type RecordedExchange } from '../api/recording.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { readRecording, RecordingError } from './replay-recording.ts';
import { startReplay, type ReplayServer } from './replay-server.ts';
import { Replay } from './replay.ts';

const header = JSON.stringify({
  format: recordingFormat,
  version: recordingVersion,
  operator: '1.2.3',
  startedAt: '2025-06-11T07:00:00.000Z',
  scrambled: false,
});

function exchange(sequence: number, at: number, over: Partial<RecordedExchange> = {}): RecordedExchange {
  const body = { n: sequence };
  return { sequence, at, duration: 10, method: 'GET', path: '/v2/p/pools', status: 200, body, ...over };
}
const line = (...args: Parameters<typeof exchange>): string => JSON.stringify(exchange(...args));

describe('a recording', () => {
  it('is read in the order in which requests were sent', async () => {
    const { exchanges, startedAt, scrambled, warnings } = await readRecording([
      header,
      line(2, 5),
      line(1, 0),
      '',
    ]);
    expect(exchanges.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect({ startedAt, scrambled, warnings }).toEqual({
      startedAt: '2025-06-11T07:00:00.000Z',
      scrambled: false,
      warnings: [],
    });
  });

  it('of two runs is one after the other', async () => {
    const { exchanges } = await readRecording([header, line(1, 100), header, line(1, 7)]);
    expect(exchanges.map(({ at }) => at)).toEqual([100, 117]);
  });

  it('may end in half a line, and so may each run in it', async () => {
    const half = line(2, 5).slice(0, 20);
    const { exchanges, warnings } = await readRecording([header, line(1, 0), half, header, line(1, 0), half]);
    expect(exchanges).toHaveLength(2);
    expect(warnings).toEqual(['line 3 is not JSON; it is left out', 'line 6 is not JSON; it is left out']);
  });

  it.each([
    ['nothing', [], 'it is empty'],
    ['no header', [line(1, 0)], 'line 1 is not the header of a recording'],
    ['text', ['hello', header], 'line 1 is not the header of a recording'],
    ['half a line in the middle', [header, line(1, 0).slice(0, 20), line(2, 5)], 'line 2 is not JSON'],
    [
      'a later format',
      [header.replace('"version":1', '"version":2')],
      'line 1 says format 2; this program reads 1',
    ],
    [
      'a broken header',
      [header.replace('"version":1', '"version":"1"')],
      'line 1 is no exchange of a recording: version must be integer',
    ],
    [
      'a foreign line',
      [header, '{"hello":"world"}'],
      "line 2 is no exchange of a recording: it must have required property 'sequence'",
    ],
    [
      'another method',
      [header, line(1, 0).replace('GET', 'POST')],
      'line 2 is no exchange of a recording: method must be equal to constant',
    ],
    [
      'a header that would break an answer',
      [header, line(1, 0, { headers: { date: 'a\r\nb' } })],
      expect.stringContaining('line 2 is no exchange of a recording: headers/date must match pattern'),
    ],
  ])('is refused with the line: %s', async (_what, lines, message) => {
    await expect(readRecording(lines)).rejects.toMatchObject({ name: RecordingError.name, message });
  });
});

describe('a replay', () => {
  const pools = (replay: Replay, after: number): unknown =>
    replay.answer('GET', '/v2/p/pools', '', after)?.sequence;
  const failed = { status: 429 } as const;

  it('gives the newest answer of its time, and never one of the future', () => {
    const replay = new Replay([exchange(1, 500), exchange(2, 1500), exchange(3, 2500)]);
    expect([0, 999, 1000, 1000, 2000, 9999].map((after) => pools(replay, after))).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('passes over no failure', () => {
    const replay = new Replay([
      exchange(1, 0),
      exchange(2, 100, failed),
      exchange(3, 200),
      exchange(4, 300, failed),
      exchange(5, 400),
    ]);
    expect([0, 1000, 1000, 1000, 1000].map((after) => pools(replay, after))).toEqual([1, 2, 4, 5, 5]);
  });

  it('gives the first answer to whoever asks too early, and the last for ever', () => {
    const replay = new Replay([
      exchange(1, 0, { path: '/other' }),
      exchange(2, 500),
      exchange(3, 600, failed),
    ]);
    expect([0, 100, 600, 9999].map((after) => pools(replay, after))).toEqual([2, 2, 3, 3]);
  });

  it('tells requests apart by path and query, in whatever order its parameters stand', () => {
    const replay = new Replay([exchange(1, 0, { query: 'a=1&b=2' }), exchange(2, 0, { query: 'a=1' })]);
    expect(replay.answer('GET', '/v2/p/pools', 'b=2&a=1', 0)?.sequence).toBe(1);
    expect(replay.answer('GET', '/v2/p/pools', '', 0)).toBeUndefined();
    expect(replay.answer('POST', '/v2/p/pools', 'a=1', 0)).toBeUndefined();
  });
});

describe('a replay server', () => {
  let server: ReplayServer | undefined;
  afterEach(() => server?.stop());

  async function start(exchanges: readonly RecordedExchange[], speed?: number) {
    const clock = virtualClock();
    const unrecorded: string[] = [];
    server = await startReplay({
      clock,
      exchanges,
      ...(speed !== undefined && { speed }),
      onUnrecorded: (request) => unrecorded.push(request),
    });
    const get = (path: string, init?: RequestInit): Promise<Response> => fetch(`${server?.url}${path}`, init);
    return { clock, unrecorded, get };
  }

  it('gives status, headers and body as they were', async () => {
    const headers = {
      date: 'Wed, 11 Jun 2025 07:00:00 GMT',
      'content-type': 'application/json',
      'retry-after': '7',
    };
    const { get } = await start([
      exchange(1, 0, { status: 503, headers, body: { error_code: 'ModelArts.0010' } }),
    ]);
    const answer = await get('/v2/p/pools', { headers: { 'X-Auth-Token': 'anything' } });
    expect(answer.status).toBe(503);
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
    expect(await answer.json()).toEqual({ error_code: 'ModelArts.0010' });
  });

  it('goes by the time since the first request, as fast as asked', async () => {
    const { clock, get } = await start([exchange(1, 0), exchange(2, 10_000)], 10);
    await clock.advance(60_000);
    const n = async (): Promise<unknown> => ((await (await get('/v2/p/pools')).json()) as { n: number }).n;
    expect(await n()).toBe(1);
    await clock.advance(999);
    expect(await n()).toBe(1);
    await clock.advance(1);
    expect(await n()).toBe(2);
  });

  it('answers with no JSON where there was none, and not at all where no answer came', async () => {
    const bodyFault = 'a body of the content type text/html';
    const { body: _body, ...bodiless } = exchange(1, 0, {
      headers: { 'content-type': 'text/html' },
      bodyFault,
    });
    const { status: _status, body: _none, ...lost } = exchange(2, 0, { path: '/lost' });
    const { get } = await start([bodiless, lost]);
    const answer = await get('/v2/p/pools');
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(await answer.text()).toBe(`not recorded: ${bodyFault}`);
    await expect(get('/lost')).rejects.toThrow();
  });

  it('says what was not recorded', async () => {
    const { get, unrecorded } = await start([exchange(1, 0)]);
    const answer = await get('/v2/p/pools?workspaceId=0');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({
      error_msg: 'The recording holds no answer to GET /v2/p/pools?workspaceId=0',
    });
    expect(unrecorded).toEqual(['GET /v2/p/pools?workspaceId=0']);
  });

  it('gives a token to any user', async () => {
    const { get } = await start([]);
    const answer = await get('/v3/auth/tokens?nocatalog=true', { method: 'POST', body: '{}' });
    expect([answer.status, answer.headers.get('x-subject-token')]).toEqual([201, 'replayed']);
  });
});
