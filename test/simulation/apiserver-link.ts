import type { Dispatcher } from 'undici';

import type { Connection, ConnectionSource } from '../../src/kubernetes/kubeconfig-connection.ts';
import type { Apiserver, ModelAnswer, ModelRequest } from './apiserver/apiserver.ts';
import type { StoredObject } from './apiserver/objects.ts';
import { WatchStream } from './apiserver/watch-stream.ts';
import type { Draws } from './draws.ts';
import type { Faults, RequestFault } from './faults.ts';
import { connectionRefused, connectionReset, type Weather } from './network.ts';
import type { Oracle } from './oracle.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** The part of undici's request that the transport uses. */
interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

export interface ApiserverLinkOptions {
  readonly process: SimProcess;
  readonly scheduler: Scheduler;
  readonly apiserver: Apiserver;
  readonly faults: Faults;
  readonly weather: Weather;
  readonly oracle: Oracle;
  /** Changes what goes out and what comes in: for the mutations. */
  readonly meddle?: Meddling | undefined;
}

export interface Meddling {
  readonly request?: (request: ModelRequest) => ModelRequest;
  /** Each object that comes in, alone, in a list or by a watch. */
  readonly object?: (object: StoredObject) => StoredObject;
}

/** A process's way to the apiserver: what HttpTransport believes to be sockets. */
export class ApiserverLink implements ConnectionSource {
  readonly #options: ApiserverLinkOptions;
  readonly #connection: Connection;

  constructor(options: ApiserverLinkOptions) {
    this.#options = options;
    const way = (send: (sent: Sent) => Promise<unknown>): Dispatcher =>
      ({ request: send }) as unknown as Dispatcher;
    this.#connection = {
      origin: 'https://apiserver.example',
      basePath: '',
      headers: {},
      credential: { tls: {}, headers: {}, readAt: 0 },
      requests: way((sent) => this.#request(sent)),
      streams: way((sent) => this.#watch(sent)),
    };
  }

  open(): Promise<Connection> {
    return Promise.resolve(this.#connection);
  }

  refresh(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #request(sent: Sent): Promise<unknown> {
    const { process, scheduler, faults, weather, oracle, meddle } = this.#options;
    const { kind, draws } = faults.next('apiserver');
    const latest = Math.min(40_000, oracle.story.size.longestTrouble * 1000);
    const fault = weather.isDown(process, 'apiserver') ? draws.pick(outage) : kind;
    const request = meddle?.request?.(parse(sent)) ?? parse(sent);
    const sentAt = scheduler.now;
    oracle.sent(process, request);
    const what = `${request.method} ${request.path}`;
    const hang = (): void => weather.hangs(process, sent.signal);
    return new Promise((resolve, reject) => {
      const fail = (ms: number, error: Error): void =>
        void process.deliver(ms, `! ${what} ${error.message}`, () => reject(error));
      const arrive = (first: boolean): void => {
        // The connection was given up before all had left: half of the time it had.
        if (sent.signal.aborted && draws.chance(0.5)) return;
        const answered = refusalOf(fault, draws) ?? this.#apply(request, sentAt, sent.signal.aborted);
        if (fault === 'doubled' && first) {
          scheduler.after(draws.between(0, 200), `${process.name} > again ${what}`, () => arrive(false));
          // Either of the two answers is the one that comes first.
          if (draws.chance(0.5)) return;
        }
        if (fault === 'answerLost')
          return draws.chance(0.5) ? fail(draws.between(1, 50), connectionReset()) : hang();
        const ms = fault === 'answerLate' ? draws.between(1_000, latest) : latency(draws);
        const answer = { ...answered, body: seenThrough(meddle, answered.body) };
        process.deliver(ms, `< ${answer.code} ${what}`, () => resolve(responseOf(answer, fault)));
      };
      if (fault === 'refused') return fail(draws.between(0, 5), connectionRefused());
      if (fault === 'reset') return fail(draws.between(0, 50), connectionReset());
      if (fault === 'lost') return hang();
      const ms = fault === 'late' ? draws.between(1_000, latest) : latency(draws);
      scheduler.after(ms, `${process.name} > ${what}`, () => arrive(true));
    });
  }

  #apply(request: ModelRequest, sentAt: number, abandoned: boolean): ModelAnswer {
    const { apiserver, oracle, process } = this.#options;
    const before = oracle.before(request);
    const answer = apiserver.handle(request);
    oracle.applied({ process, request, answer, before, sentAt, abandoned });
    return answer;
  }

  #watch(sent: Sent): Promise<unknown> {
    const { process, scheduler, apiserver, faults, weather, oracle, meddle } = this.#options;
    const { kind, draws } = faults.next('watch');
    const fault = weather.isDown(process, 'apiserver') ? 'refused' : kind;
    const request = meddle?.request?.(parse(sent)) ?? parse(sent);
    const what = `WATCH ${request.path}`;
    return new Promise((resolve, reject) => {
      if (fault === 'refused')
        return void process.deliver(draws.between(0, 5), `! ${what}`, () => reject(connectionRefused()));
      scheduler.after(latency(draws), `${process.name} > ${what}`, () => {
        if (sent.signal.aborted || !process.alive) return;
        if (fault === 'internalError') {
          const answer = refusalOf('internalError', draws) as ModelAnswer;
          return void process.deliver(latency(draws), `< 500 ${what}`, () =>
            resolve(responseOf(answer, undefined)),
          );
        }
        const stream = new WatchStream({
          ...{ process, scheduler, apiserver, weather, request, draws, fault },
          strikesWithinMs: oracle.story.chaosMs,
          meddle: meddle?.object,
        });
        sent.signal.addEventListener('abort', () => stream.fail(sent.signal.reason), { once: true });
        process.deliver(latency(draws), `< 200 ${what}`, () =>
          resolve({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: stream }),
        );
      });
    });
  }
}

function seenThrough(meddle: Meddling | undefined, body: object): object {
  if (meddle?.object === undefined) return body;
  const { items } = body as { items?: StoredObject[] };
  return items === undefined
    ? meddle.object(body as StoredObject)
    : { ...body, items: items.map(meddle.object) };
}

const outage = ['refused', 'reset', 'lost', 'answerLost'] as const satisfies readonly RequestFault[];

/** Mostly a few milliseconds; sometimes so much that others overtake. */
export function latency(draws: Draws): number {
  return draws.chance(0.1) ? draws.between(10, 300) : draws.between(0.2, 4);
}

function parse({ method, path, body }: Sent): ModelRequest {
  const mark = path.indexOf('?');
  return {
    method,
    path: mark < 0 ? path : path.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : path.slice(mark + 1)),
    ...(body !== null && { body: JSON.parse(body) as unknown }),
  };
}

/** What a server says that does nothing. */
function refusalOf(fault: RequestFault | undefined, draws: Draws): ModelAnswer | undefined {
  const status = (code: number, reason: string, retryAfterSeconds?: number): ModelAnswer => ({
    code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason,
      code,
      message: `${reason}, says the simulation`,
      ...(retryAfterSeconds !== undefined && { details: { retryAfterSeconds } }),
    },
  });
  switch (fault) {
    case 'tooMany':
      return status(429, 'TooManyRequests', draws.whole(1, 5));
    case 'unavailable':
      return status(503, 'ServiceUnavailable', draws.chance(0.5) ? draws.whole(1, 5) : undefined);
    case 'internalError':
      return status(500, 'InternalError');
    case 'unauthorized':
      return status(401, 'Unauthorized');
    case 'forbidden':
      return status(403, 'Forbidden');
    case 'gatewayPage':
      return { code: 502, body: {} };
    default:
      return undefined;
  }
}

function responseOf({ code, body }: ModelAnswer, fault: RequestFault | undefined): unknown {
  const page = fault === 'gatewayPage';
  const text = page ? '<html>502 Bad Gateway</html>' : JSON.stringify(body);
  return {
    statusCode: code,
    headers: { 'content-type': page ? 'text/html' : 'application/json' },
    body: {
      text: () => (fault === 'cutAnswer' ? Promise.reject(connectionReset()) : Promise.resolve(text)),
      [Symbol.asyncIterator]: async function* () {
        yield Buffer.from(text);
      },
    },
  };
}
