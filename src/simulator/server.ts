import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/wait.ts';
import { answerControl, type ControlTarget } from './control.ts';
import { durationMs } from './duration.ts';
import type { FaultEffect } from './fault-book.ts';
import { encodeAnswer, replacesAnswer, type WireAnswer } from './faulty-answer.ts';
import type { SignedRequest } from './signature.ts';
import { answerUpstream, identify } from './upstream.ts';

const maxBody = 4 * 2 ** 20;
/** Tokens are several kB long. */
const maxHeaderSize = 64 * 1024;

/** ModelArts, IAM and the control API on one port. */
export class SimulatorServer {
  readonly #clock: Clock;
  readonly #target: ControlTarget;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  #number = 0;
  #url = '';

  constructor(options: { clock: Clock; target: ControlTarget }) {
    this.#clock = options.clock;
    this.#target = options.target;
    this.#server = createServer({ maxHeaderSize }, (request, response) => {
      this.#handle(request, response).catch((error: unknown) => this.#fail(response, error));
    });
  }

  get url(): string {
    return this.#url;
  }

  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address() as AddressInfo;
    this.#url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '', query = ''] = split(request.url ?? '/');
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (path.startsWith('/_sim/')) {
      this.#target.simulation.catchUp();
      const answer = answerControl(this.#target, { method, path, query, text: body.toString() });
      const text = Buffer.from(`${JSON.stringify(answer.body)}\n`);
      send(response, { status: answer.status, headers: { 'Content-Type': 'application/json' }, body: text });
    } else {
      await this.#serve({ method, path, query, headers: request.headers, body }, response);
    }
  }

  async #serve(request: SignedRequest, response: ServerResponse): Promise<void> {
    const requestID = (++this.#number).toString(16).padStart(32, '0');
    this.#target.simulation.catchUp();
    const { method, path } = request;
    const identified = identify(method, path);
    const target = { ...identified, method, path, query: new URLSearchParams(request.query) };
    const { world } = this.#target.simulation;
    const effect = world.faults.effects(target, world.now()) ?? {};
    if (effect.delay !== undefined) {
      await sleep(this.#clock, durationMs(effect.delay), this.#stopping.signal);
      this.#target.simulation.catchUp();
    }
    const { simulation } = this.#target;
    const replaced = replacesAnswer(effect) && (effect.status ?? 500) >= 300;
    const answer = replaced
      ? { status: 0, headers: {}, body: null }
      : answerUpstream(simulation, request, {
          base: this.#url,
          requestID,
          ...(effect.ignored && { ignored: effect.ignored }),
        });
    const wire = encodeAnswer(answer, effect, requestID);
    const at = simulation.world.now();
    const status = effect.cut === 'beforeHeaders' ? 0 : wire.status;
    this.#target.requests.add({ at, method, path, query: request.query, call: identified.call, status });
    response.sendDate = false;
    response.setHeader('Date', new Date(at).toUTCString());
    if (effect.cut === undefined) send(response, wire);
    else cut(response, wire, effect.cut);
  }

  /** A fault of the simulator itself, or a stop in the middle of a delay. */
  #fail(response: ServerResponse, error: unknown): void {
    if (this.#stopping.signal.aborted || response.headersSent) response.destroy();
    else {
      const text = `the simulator failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
      send(response, { status: 500, headers: { 'Content-Type': 'text/plain' }, body: Buffer.from(text) });
    }
  }
}

function split(url: string): [string, string] {
  const mark = url.indexOf('?');
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new RangeError(`the request body is longer than ${maxBody} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, body }: WireAnswer): void {
  response.writeHead(status, { ...headers, 'Content-Length': String(body.length) });
  response.end(body);
}

/** Announces the whole body and ends the connection before it is sent. */
function cut(
  response: ServerResponse,
  { status, headers, body }: WireAnswer,
  where: NonNullable<FaultEffect['cut']>,
): void {
  if (where === 'beforeHeaders') {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, 'Content-Length': String(body.length) });
  const sent = where === 'midBody' ? body.subarray(0, Math.floor(body.length / 2)) : Buffer.alloc(0);
  response.flushHeaders();
  response.write(sent, () => response.destroy());
}
