import { describe, expect, it } from '@jest/globals';

import { readAnswer, type RawAnswer } from '../kubernetes/answer.ts';
import type { Transport } from '../kubernetes/transport.ts';
import { preflight } from './preflight.ts';

const status = (code: number, reason: string): string => JSON.stringify({ kind: 'Status', code, reason });
const page = '<h1>Gateway</h1>';

/** What a start says of this answer; undefined: nothing, it goes on. */
async function said(code: number, body: string, mustAnswer: boolean): Promise<string | undefined> {
  const answer: RawAnswer = { code, contentType: 'text/plain', retryAfter: undefined, body };
  const request = async (): Promise<unknown> => readAnswer('GET', answer, 0);
  const options = { signal: new AbortController().signal, mustAnswer };
  return preflight({ request } as unknown as Transport, options).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
}

describe('preflight', () => {
  it.each([
    ['a group that is not installed', 404, '404 page not found\n', 'does not know'],
    ['a version that is not served', 404, status(404, 'NotFound'), 'does not know'],
    ['refused credentials', 401, status(401, 'Unauthorized'), 'refused the credentials'],
  ])('%s ends whatever starts', async (_what, code, body, words) => {
    expect(await said(code, body, false)).toContain(words);
    expect(await said(code, body, true)).toContain(words);
  });

  it.each([401, 403, 404, 502])(
    'a page of HTML with %i is no answer, and can be waited for',
    async (code) => {
      expect(await said(code, page, false)).toBeUndefined();
      expect(await said(code, page, true)).toContain('does not answer');
    },
  );

  it('an answer with the kinds lets it begin', async () => {
    expect(await said(200, '{"kind":"APIResourceList"}', true)).toBeUndefined();
  });
});
