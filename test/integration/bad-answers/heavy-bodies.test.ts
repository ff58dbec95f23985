import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';

import type { HeavyReading } from '../../support/read-in-little-memory.ts';

const MiB = 2 ** 20;
/** What the reading process may take for objects; the deployment has 512 MiB for all. */
const heapMiB = 256;
/** Generous, for a slow machine: measured are tenths of a second. */
const longestBlockMs = 5_000;

/** `before`, then `piece` until there are `bytes`, then `after`. */
function* body(before: string, piece: string, bytes: number, after: string): Generator<Buffer> {
  const each = Buffer.from(piece);
  const block = Buffer.concat(Array.from({ length: Math.ceil((64 * 1024) / each.length) }, () => each));
  yield Buffer.from(before);
  for (let left = Math.ceil(bytes / each.length); left > 0;) {
    const many = Math.min(left, block.length / each.length);
    yield block.subarray(0, many * each.length);
    left -= many;
  }
  yield Buffer.from(after);
}

const list = '{"kind":"PoolList","items":[';
const pool = (padding: number): string =>
  JSON.stringify({
    metadata: { name: 'pool-a-0123456789abcdef0123456789abcdef', annotations: { x: 'x'.repeat(padding) } },
    status: { phase: 'Running', resources: { available: [{ flavor: 'f', count: 2, azs: [] }] } },
  });

const deep = (levels: number) => [body(`${list}`, '[', levels, ''), body('', ']', levels, ']}')];

interface Heavy {
  readonly chunks: readonly Iterable<Buffer>[];
  readonly gzip?: boolean;
}

const heavy: Readonly<Record<string, () => Heavy>> = {
  '50 MB of pools': () => ({ chunks: [body(list, `${pool(9_000)},`, 50e6, `${pool(1)}]}`)] }),
  '50 MB of empty objects': () => ({ chunks: [body(list, '{},', 50e6, '{}]}')] }),
  '50 MB in one text': () => ({ chunks: [body(`{"kind":"`, 'x', 50e6, '"}')] }),
  '50 MB that are no JSON': () => ({ chunks: [body('', '<b>', 50e6, '')] }),
  'a body 10,000 deep': () => ({ chunks: deep(10_000) }),
  'a body 10 million deep': () => ({ chunks: deep(10_000_000) }),
  'a small body that unfolds to 1 GB': () => ({
    chunks: [body(list, `${pool(1)},`, 1e9, `${pool(1)}]}`)],
    gzip: true,
  }),
};

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0)) await step();
});

/** Answers everything with 200 and these bytes, as fast as they are taken. */
async function serve({ chunks, gzip = false }: Heavy): Promise<string> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    });
    const source = Readable.from(
      (function* () {
        for (const part of chunks) yield* part;
      })(),
    );
    response.on('close', () => source.destroy());
    if (gzip) source.pipe(createGzip({ level: 1 })).pipe(response);
    else source.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Reads in a process with little memory, and says what it saw. */
async function read(endpoint: string): Promise<HeavyReading> {
  const program = join(import.meta.dirname, '../../support/read-in-little-memory.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${heapMiB}`,
    program,
    endpoint,
  ]);
  return JSON.parse(stdout) as HeavyReading;
}

describe('a body of great size or depth', () => {
  it.each(Object.keys(heavy))('%s is refused in little time and memory', async (what) => {
    const reading = await read(await serve(heavy[what]!()));
    expect(reading).toMatchObject({
      kind: 'InvalidResponse',
      message: expect.stringMatching(
        /with HTTP 200 and a body (of more than|nested more than) \d+.*Check the endpoint/,
      ),
    });
    expect(reading.blockedMs).toBeLessThan(longestBlockMs);
  });

  it('the greatest that is taken is read in little time and memory', async () => {
    const reading = await read(
      await serve({ chunks: [body(list, `${pool(9_000)},`, 31 * MiB, `${pool(1)}]}`)] }),
    );
    expect(reading).toMatchObject({ pools: 1 });
    expect(reading.blockedMs).toBeLessThan(longestBlockMs);
    const values = await read(await serve({ chunks: [body(list, '{"a":0},', 240_000 * 8, '{}]}')] }));
    expect(values).toMatchObject({ pools: 0 });
    expect(values.blockedMs).toBeLessThan(longestBlockMs);
  });
});
