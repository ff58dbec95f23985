import type { Response } from 'undici';
import { parseObject, type JSONObject } from './json.ts';
import { JSONMeter } from './json-meter.ts';
import { printable } from './printable.ts';

/**
 * A body where it is one JSON object; else why it is none: what it is, never what stands there. `recognized`: it is one
 * that needs no reading.
 */
export type Body =
  { readonly body: JSONObject } | { readonly bodyFault: string } | { readonly recognized: true };

/** Knows a body that was read before. */
export interface Recognition {
  /** How long the body may be, in bytes. A longer one is measured and read. */
  readonly bytes: number;
  /** Gets the whole of it. */
  recognizes(bytes: Uint8Array): boolean;
}

/** Documented answers are seven deep. */
const deepest = 128;

/** Forty pages of jobs at the most that a page may hold. */
const mostValues = 500_000;

/** Reads a body to its end, or until it is clear that it is not one that can be used; the rest is not fetched. */
export async function readBody(
  response: Response,
  maxBytes: number,
  recognition?: Recognition,
): Promise<Body> {
  const type = response.headers.get('content-type');
  if (type !== null && !/^\s*(application|text)\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    await response.body?.cancel();
    return { bodyFault: `a body of the content type ${printable(type, 64)}` };
  }
  // Counted after decompression: a small body may unfold to a huge one.
  const meter = new JSONMeter({ bytes: maxBytes, depth: deepest, values: mostValues });
  const chunks: Uint8Array[] = [];
  const unmeasured = recognition?.bytes ?? 0;
  let length = 0;
  let measured = 0;
  const measure = (): string | undefined => {
    let excess: string | undefined;
    while (excess === undefined && measured < chunks.length)
      excess = meter.add(chunks[measured++] as Uint8Array);
    return excess;
  };
  // Leaving the loop before its end cancels the stream.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).byteLength;
    const excess = length > unmeasured ? measure() : undefined;
    if (excess !== undefined) return { bodyFault: `a body ${excess}` };
  }
  const bytes = Buffer.concat(chunks, length);
  if (recognition?.recognizes(bytes) === true) return { recognized: true };
  const excess = measure();
  if (excess !== undefined) return { bodyFault: `a body ${excess}` };
  const text = decoded(bytes);
  if (text === undefined) return { bodyFault: 'a body that is not UTF-8' };
  const parsed = parseObject(text);
  return parsed.ok ? { body: parsed.value } : { bodyFault: `a body that is ${parsed.fault}` };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
