import type { Response } from 'undici';

import type { Fetch } from '../../src/modelarts/wire.ts';
import type { FaultEffect } from '../../src/simulator/fault-book.ts';
import { encodeAnswer, replacesAnswer, type WireAnswer } from '../../src/simulator/faulty-answer.ts';
import type { Simulation } from '../../src/simulator/simulation.ts';
import { answerUpstream, identify } from '../../src/simulator/upstream.ts';
import { latency } from './apiserver-link.ts';
import type { Draws } from './draws.ts';
import type { Faults, UpstreamFault } from './faults.ts';
import { connectionRefused, connectionReset, type Weather } from './network.ts';
import type { Oracle } from './oracle.ts';
import type { SimProcess } from './process.ts';
import type { Scheduler } from './scheduler.ts';

type WireRequest = Parameters<Fetch>[1];

export interface UpstreamLinkOptions {
  readonly process: SimProcess;
  readonly scheduler: Scheduler;
  readonly simulation: Simulation;
  readonly faults: Faults;
  readonly weather: Weather;
  readonly oracle: Oracle;
  /** Changes what comes back: for the mutations. */
  readonly meddle?: ((call: string, answer: WireAnswer) => WireAnswer) | undefined;
}

/** A process's way to ModelArts and IAM: what the client believes to be fetch. */
export function upstreamLink(options: UpstreamLinkOptions): Fetch {
  const { process, scheduler, simulation, faults, weather, oracle, meddle } = options;
  return (_dispatcher, request, signal) => {
    const { kind, draws } = faults.next('upstream');
    const latest = Math.min(45_000, oracle.story.size.longestTrouble * 1000);
    const fault = weather.isDown(process, 'upstream') ? draws.pick(['refused', 'lost'] as const) : kind;
    const { call } = identify(request.method, request.url.pathname);
    const what = `${call} ${request.url.pathname}${request.url.search}`;
    const exchange = oracle.asked(process, request, call);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const fail = (ms: number, error: Error): void =>
        void process.deliver(ms, `! ${what}`, () => reject(error));
      if (fault === 'refused') return fail(draws.between(0, 5), connectionRefused());
      if (fault === 'reset') return fail(draws.between(0, 500), connectionReset());
      if (fault === 'lost') return weather.hangs(process, signal);
      scheduler.after(latency(draws), `${process.name} > ${what}`, () => {
        const wire = answer(simulation, request, effectOf(fault, draws));
        const ms = fault === 'answerLate' ? draws.between(2_000, latest) : latency(draws);
        process.deliver(ms, `< ${wire.status} ${what}`, () => {
          // Whoever hung up has not heard it.
          if (signal.aborted) return;
          const retryAfter = wire.headers['Retry-After'];
          oracle.answered(process, exchange, { status: wire.status, retryAfter, body: wire.body });
          resolve(responseOf(meddle?.(call, wire) ?? wire));
        });
      });
    });
  };
}

/** What ModelArts says now, without a way between. */
export function answerTruly(simulation: Simulation, request: WireRequest): Response {
  return responseOf(answer(simulation, request, {}));
}

function answer(simulation: Simulation, request: WireRequest, effect: FaultEffect): WireAnswer {
  simulation.catchUp();
  const truth = replacesAnswer(effect)
    ? { status: 0, headers: {}, body: null }
    : answerUpstream(simulation, signedRequest(request), { base: request.url.origin, requestID: '0' });
  const encoded = encodeAnswer(truth, effect, '0');
  const date = new Date(simulation.world.now()).toUTCString();
  return { ...encoded, headers: { ...encoded.headers, Date: date } };
}

/** The parts of a Response that the client looks at. */
function responseOf({ status, headers, body }: WireAnswer): Response {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const chunks = {
    cancel: () => Promise.resolve(),
    async *[Symbol.asyncIterator]() {
      yield body;
    },
  };
  const response = {
    status,
    headers: { get: (name: string) => lower.get(name.toLowerCase()) ?? null },
    body: chunks,
  };
  return response as unknown as Response;
}

function signedRequest({
  method,
  url,
  headers,
  body = '',
}: WireRequest): Parameters<typeof answerUpstream>[1] {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: { ...lower, host: url.host },
    body: Buffer.from(body),
  };
}

function effectOf(fault: UpstreamFault | undefined, draws: Draws): FaultEffect {
  switch (fault) {
    case 'internalError':
      return { status: draws.pick([500, 503, 504]) };
    case 'gatewayPage':
      return { status: 502, body: 'html' };
    case 'throttled':
      return { status: 429 };
    case 'throttledFor':
      return { status: 429, retryAfter: draws.whole(1, 40) };
    case 'unauthorized':
      return { status: 401 };
    case 'forbidden':
      return { status: 403 };
    case 'notPublished':
      return { status: 404, code: 'APIGW.0101' };
    case 'malformed':
      return { body: 'malformed' };
    case 'truncated':
      return { body: 'truncated' };
    case 'otherObject':
      return { body: 'otherObject' };
    case 'emptyBody':
      return { body: 'empty' };
    case 'noRows':
      return { rows: 'none' };
    case 'halfRows':
      return { rows: 'half' };
    case 'skippedRow':
      return { rows: 'skip' };
    case 'repeatedRow':
      return { rows: 'repeat' };
    case 'shiftedRows':
      return { rows: 'shift' };
    case 'reversedRows':
      return { rows: 'reverse' };
    case 'garbageRow':
      return { rows: 'garbage' };
    case 'wrongTotals':
      return { totalOff: draws.pick([-2, -1, 1, 2]) };
    default:
      return {};
  }
}
