import { describe, expect, it } from '@jest/globals';
import { outcome, type Outcome } from './outcome.ts';

const apiError = (code: number, fields: object = {}): Error =>
  Object.assign(new Error('refused'), { name: 'ApiError', code, reason: 'Reason', ...fields });
const terminating = { details: { causes: [{ reason: 'NamespaceTerminating' }] } };

describe('outcome', () => {
  it.each<[string, unknown, Outcome]>([
    ['somebody was faster', apiError(409), { do: 'again' }],
    ['it is gone already', apiError(404), { do: 'again' }],
    ['it may not', apiError(403), { do: 'backOff', loud: true }],
    ['the namespace is going', apiError(403, terminating), { do: 'stop', loud: false }],
    ['the object is refused', apiError(422), { do: 'stop', loud: true }],
    ['the request is refused', apiError(400), { do: 'stop', loud: true }],
    ['the apiserver is busy', apiError(429), { do: 'backOff', loud: true }],
    ['the apiserver is broken', apiError(500), { do: 'backOff', loud: true }],
    ['the network is', new Error('ECONNREFUSED'), { do: 'backOff', loud: true }],
    ['no error was thrown', 'a text', { do: 'backOff', loud: true }],
    ['it is wrapped', new Error('outer', { cause: apiError(409) }), { do: 'again' }],
  ])('%s', (_what, error, expected) => {
    expect(outcome(error)).toEqual(expected);
  });
});
