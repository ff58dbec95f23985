import type { Response } from 'undici';
import { parseObject, type JSONObject } from './json.ts';
import { JSONMeter } from './json-meter.ts';
import { printable } from './printable.ts';

/** A body where it is one JSON object; else why it is none: what it is, never what stands there. */
export type Body = { readonly body: JSONObject } | { readonly bodyFault: string };

/** Documented answers are seven deep. */
const deepest = 128;

/** Forty pages of jobs at the most that a page may hold. */
const mostValues = 500_000;

/** Reads a body to its end, or until it is clear that it is not one that can be used; the rest is not fetched. */
export async function readBody(response: Response, maxBytes: number): Promise<Body> {
  const type = response.headers.get('content-type');
  if (type !== null && !/^\s*(application|text)\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    await response.body?.cancel();
    return { bodyFault: `a body of the content type ${printable(type, 64)}` };
  }
  // Counted after decompression: a small body may unfold to a huge one.
  const meter = new JSONMeter({ bytes: maxBytes, depth: deepest, values: mostValues });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  // Leaving the loop before its end cancels the stream.
  for await (const chunk of response.body ?? []) {
    const excess = meter.add(chunk as Uint8Array);
    if (excess !== undefined) return { bodyFault: `a body ${excess}` };
    const piece = decoded(() => decoder.decode(chunk as Uint8Array, { stream: true }));
    if (piece === undefined) return { bodyFault: notUTF8 };
    text += piece;
  }
  const end = decoded(() => decoder.decode());
  if (end === undefined) return { bodyFault: notUTF8 };
  const parsed = parseObject(text + end);
  return parsed.ok ? { body: parsed.value } : { bodyFault: `a body that is ${parsed.fault}` };
}

const notUTF8 = 'a body that is not UTF-8';

function decoded(decode: () => string): string | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
