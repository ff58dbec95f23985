import type { Fault } from '../../../support/fault-proxy.ts';

export const json = { 'content-type': 'application/json' };

/** What an apiserver says where it refuses. */
export const status = (code: number, reason: string): string =>
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: 'for the test',
  });

export const trouble = (code: number, reason: string, headers = {}): Fault => ({
  is: 'answer',
  status: code,
  headers: { ...json, ...headers },
  body: status(code, reason),
});

/** Of a gateway that stands before it. */
export const page = (code: number): Fault => ({
  is: 'answer',
  status: code,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Gateway</h1>',
});
