import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Response } from 'undici';
import { readBody } from './body.ts';

const json = { 'content-type': 'application/json' };

/** A body that arrives in these pieces, and how many of them were asked for. */
function answer(pieces: Iterable<string | Uint8Array>, headers: Record<string, string> = json) {
  let taken = 0;
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.iterator]();
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const { done, value } = iterator.next();
      if (done === true) return controller.close();
      taken += 1;
      controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
  });
  return { response: new Response(stream as never, { headers }), taken: () => taken };
}

const read = (pieces: Iterable<string | Uint8Array>, headers?: Record<string, string>) =>
  readBody(answer(pieces, headers).response, 2 ** 20);

function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

describe('readBody', () => {
  it('drops a byte order mark, and joins what was cut within a character', async () => {
    const bytes = new TextEncoder().encode('\uFEFF{"name":"Größe"}');
    await expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).resolves.toEqual({
      body: { name: 'Größe' },
    });
  });

  it.each([
    ['the content type text/html', ['<html>'], { 'content-type': 'text/html' }],
    ['the content type text/plain', ['{}'], { 'content-type': 'text/plain; charset=utf-8' }],
    ['empty', [], json],
    ['not UTF-8', [Uint8Array.of(0x7b, 0xff, 0x7d)], json],
    ['not UTF-8', ['{"a":"', Uint8Array.of(0xc3)], json],
    ['not JSON', ['{"a":'], json],
    ['not a JSON object', ['[{}]'], json],
    ['more than 1 MiB', endless('"x"'), json],
    ['nested more than 128 deep', endless('{"a":['), json],
    ['more than 500000 values', endless(',{}'), json],
  ])('says that a body is %s', async (what, pieces, headers) => {
    await expect(read(pieces, headers)).resolves.toEqual({ bodyFault: expect.stringContaining(what) });
  });

  it('takes a body without a content type, and any JSON type', async () => {
    for (const type of ['application/json;charset=utf-8', 'application/problem+json', 'text/json']) {
      await expect(read(['{}'], { 'content-type': type })).resolves.toEqual({ body: {} });
    }
    await expect(read(['{}'], {})).resolves.toEqual({ body: {} });
  });

  it('asks for no more of a body than it takes to refuse it', async () => {
    const deep = answer(endless('['.repeat(100)));
    await readBody(deep.response, 2 ** 30);
    expect(deep.taken()).toBeLessThan(10);
    const page = answer(endless('x'), { 'content-type': 'text/html' });
    await readBody(page.response, 2 ** 30);
    expect(page.taken()).toBeLessThan(10);
  });

  it('has a word for any bytes', async () => {
    const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.json().map(String)), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(pieces, async (any) => {
        const result = await read(any);
        expect('bodyFault' in result ? result.bodyFault : typeof ('body' in result && result.body)).toMatch(
          /^(object$|a body )/,
        );
      }),
    );
  });
});
