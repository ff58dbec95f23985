import { Response } from 'undici';

import { UpstreamError } from '../../src/api/errors.ts';
import { readBody } from '../../src/modelarts/body.ts';
import { Cursor } from '../../src/modelarts/decode/read.ts';
import { decodeFailure, saysFailure } from '../../src/modelarts/failure.ts';
import type { JSONObject } from '../../src/modelarts/json.ts';
import type { DocumentedAnswer } from './documented-answers.ts';

/** What became of an answer: facts, or what says why there are none. */
export type Verdict = 'facts' | 'failure' | 'refused' | 'no JSON';

const headers = { 'content-type': 'application/json', 'x-request-id': 'r' };

/** Reads bytes as an answer with 200. Throws what must never be: an exception, a refusal without a place, odd facts. */
export async function verdictOnBytes(bytes: Uint8Array, answer: DocumentedAnswer): Promise<Verdict> {
  const read = await readBody(new Response(bytes, { headers }), 2 ** 20);
  return 'body' in read ? verdictOnBody(read.body, answer) : 'no JSON';
}

/** The same from the parsed body on. */
export function verdictOnBody(body: JSONObject, answer: DocumentedAnswer): Verdict {
  if (saysFailure(body)) {
    if (failure(body, 200).what === 'pool') throw new Error('a failure with 200 that proves an absence');
    return 'failure';
  }
  const cursor = new Cursor(body);
  const facts = answer.decode(cursor);
  if (cursor.issues.some(({ path, expected }) => path === '' || expected === ''))
    throw new Error('an issue without a place');
  if (facts === undefined) {
    if (cursor.issues.length === 0) throw new Error('a refusal without a reason');
    return 'refused';
  }
  assertSound(facts, '');
  return 'facts';
}

/** The same for an answer with another status, which is a failure whatever stands in it. */
export function verdictOnFailure(body: JSONObject, status: number): Verdict {
  failure(body, status);
  return 'failure';
}

function failure(body: JSONObject, status: number): UpstreamError {
  const error = decodeFailure({
    operation: 'GET /test',
    status,
    headers: new Headers(headers),
    body,
    now: 0,
    secrets: [],
    dated: true,
  });
  const { message, code = '', detail = '', requestID = '' } = error;
  assertSound({ message, code, detail, requestID }, 'failure');
  return error;
}

/** In characters: what the longest text of a mirror takes, and one more, which says that there was more. */
const longestText = 2048 + 1;

/** Texts are well-formed and of bounded length, numbers are counts, and nothing is there that was not put there. */
function assertSound(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (!value.isWellFormed() || [...value].length > longestText || /\p{Cc}/u.test(value))
      throw new Error(`an odd text at ${path}`);
  } else if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`no count at ${path}: ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      assertSound(key, `a key of ${path}`);
      assertSound(inner, `${path}.${key}`);
    }
  } else if (typeof value !== 'boolean') throw new Error(`nothing at ${path}`);
}
