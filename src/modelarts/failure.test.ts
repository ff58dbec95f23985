import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isApiAbsent, isPoolNotFound } from '../api/errors.ts';
import { decodeFailure, saysFailure } from './failure.ts';
import { fixture } from './fixtures/fixture.ts';

const now = Date.parse('2026-01-01T12:00:00Z');

function decode(
  status: number,
  body?: Record<string, unknown>,
  headers: Record<string, string> = {},
  secrets: string[] = [],
  dated = true,
) {
  return decodeFailure({
    operation: 'GET /v2/{project}/pools/{pool}',
    status,
    headers: new Headers(headers),
    now,
    secrets,
    dated,
    ...(body === undefined ? {} : { body }),
  });
}

const code = (error_code: string) => ({ error_code, error_msg: 'text' });

describe('decodeFailure', () => {
  it.each([
    ['error-400', 400, 'BadRequest', undefined],
    ['error-401-service', 401, 'Unauthorized', undefined],
    ['error-403-project', 403, 'Forbidden', undefined],
    ['error-404-pool', 404, 'NotFound', 'pool'],
    ['error-404-pool-short', 404, 'NotFound', 'pool'],
    ['error-500', 500, 'Unreachable', undefined],
    ['error-gateway-401', 401, 'Unauthorized', undefined],
    ['error-gateway-403', 403, 'Forbidden', undefined],
    ['error-gateway-404', 404, 'NotFound', 'api'],
    ['error-gateway-429', 429, 'Throttled', undefined],
    ['error-iam-401', 401, 'Unauthorized', undefined],
  ])('D31: reads %s', (name, status, kind, what) => {
    const error = decode(status, fixture(name));
    expect({ kind: error.kind, what: error.what }).toEqual({ kind, what });
    expect(error.detail).toBeTruthy();
  });

  it.each([
    [404, 'ModelArts.2890', 'NotFound', 'pool'],
    [404, 'ModelArts.2786', 'NotFound', 'project'],
    [404, 'ModelArts.0210', 'NotFound', 'project'],
    [404, 'APIG.0101', 'NotFound', 'api'],
    [404, 'ModelArts.50005101', 'NotFound', 'other'],
    [400, 'ModelArts.0102', 'NotFound', 'workspace'],
    [400, 'ModelArts.7005', 'NotFound', 'workspace'],
    [400, 'ModelArts.0210', 'BadRequest', undefined],
    [401, 'ModelArts.0210', 'Unauthorized', undefined],
    [403, 'ModelArts.0210', 'Forbidden', undefined],
    [500, 'ModelArts.5039', 'Throttled', undefined],
    [503, 'ModelArts.4302', 'Unreachable', undefined],
    [408, 'ModelArts.4205', 'Unreachable', undefined],
    [413, 'APIGW.0201', 'BadRequest', undefined],
    [200, 'ModelArts.0105', 'BadRequest', undefined],
    [200, 'ModelArts.50015001', 'BadRequest', undefined],
    [200, 'ModelArts.5039', 'Throttled', undefined],
  ])('%d %s is %s %s', (status, error_code, kind, what) => {
    const error = decode(status, code(error_code));
    expect({ kind: error.kind, what: error.what }).toEqual({ kind, what });
  });

  it.each([
    [302, 'InvalidResponse'],
    [204, 'InvalidResponse'],
    [405, 'NotFound'],
    [410, 'NotFound'],
    [501, 'NotFound'],
    [418, 'BadRequest'],
    [502, 'Unreachable'],
  ])('%d without a body is %s', (status, kind) => expect(decode(status).kind).toBe(kind));

  it('Never guess a deletion: only 404 with the two codes says that a pool is gone', () => {
    const codes = fc.oneof(
      fc.constantFrom(
        'ModelArts.50015001',
        'ModelArts.2890',
        'ModelArts.2786',
        'APIGW.0101',
        'ModelArts.50004000',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), codes, (status, error_code) => {
        const gone = isPoolNotFound(decode(status, { error_code }));
        expect(gone).toBe(status === 404 && ['ModelArts.50015001', 'ModelArts.2890'].includes(error_code));
      }),
    );
    expect(isPoolNotFound(decode(404))).toBe(false);
    expect(isApiAbsent(decode(404))).toBe(true);
  });

  it.each([
    [{ errorCode: 'X.1', errorMsg: 'said' }, 'X.1', 'said'],
    [{ code: 'X.2', message: 'said' }, 'X.2', 'said'],
    [{ error_code: 'X.3', error_message: 'said' }, 'X.3', 'said'],
    [{ error: { code: 401, message: 'said', title: 'Unauthorized' } }, '401', 'said'],
    [{ is_success: false, error_message: 'said' }, undefined, 'said'],
  ])('D31: finds code and text in %j', (body, expectedCode, text) => {
    expect(decode(400, body)).toMatchObject({
      detail: text,
      ...(expectedCode === undefined ? {} : { code: expectedCode }),
    });
  });

  it('says what happened, where and what to do, on one line', () => {
    expect(
      decode(404, { error_code: 'APIGW.0101', error_msg: 'The API does not\r\nexist\u0000' }).message,
    ).toBe(
      'GET /v2/{project}/pools/{pool} was answered with HTTP 404 (APIGW.0101: The API does not exist): ' +
        'this API is not offered there. Check the endpoint and its path.',
    );
  });

  it('cuts long texts', () => {
    expect([...decode(400, { error_msg: '😀 '.repeat(5000) }).detail!].length).toBe(256);
  });

  it('No secret leaves: neither access keys nor the credential nor long tokens', () => {
    const secrets = ['my-secret-password', 'A'.repeat(3000)];
    const said = `AK ABCDEFGHIJ0123456789 pw my-secret-password ${'A'.repeat(3000)} sig ${'0a'.repeat(32)}`;
    const error = decode(
      401,
      { error_code: 'APIGW.0301', error_msg: said, request_id: 'my-secret-password' },
      {},
      secrets,
    );
    const all = JSON.stringify({ ...error, message: error.message });
    expect(all).not.toMatch(/ABCDEFGHIJ|my-secret|AAAA|0a0a/);
    expect(error.detail).toBe('AK [redacted] pw [redacted] [redacted] sig [redacted]');
  });

  it('names a clock that is off, and by how much', () => {
    const error = decode(401, code('APIGW.0301'), { date: 'Thu, 01 Jan 2026 10:00:00 GMT' });
    expect(error.clockSkewMs).toBe(7_200_000);
    expect(error.message).toContain('more than 15 minutes ahead of');
    expect(decode(401, code('x'), { date: 'Thu, 01 Jan 2026 12:10:00 GMT' }).clockSkewMs).toBeUndefined();
  });

  it('does not blame the clock for a credential that tells no time', () => {
    const date = 'Thu, 01 Jan 2026 10:00:00 GMT';
    const error = decode(401, code('APIGW.0301'), { date }, [], false);
    expect(error.clockSkewMs).toBeUndefined();
    expect(error.message).toContain("Check the Secret's values");
  });

  it('keeps the wait that the server asks for, and its request id', () => {
    expect(decode(429, code('APIGW.0308'), { 'retry-after': '12', 'x-request-id': 'r1' })).toMatchObject({
      retryAfterMs: 12_000,
      requestID: 'r1',
    });
  });
});

describe('saysFailure', () => {
  it('sees failures that come with 200', () => {
    expect(saysFailure(fixture('training-versions-failure'))).toBe(true);
    expect(saysFailure({ is_success: 'False' })).toBe(true);
    expect(saysFailure({ error_code: 'ModelArts.1', error_msg: 'x' })).toBe(true);
    expect(saysFailure(fixture('training-versions'))).toBe(false);
    expect(saysFailure(fixture('pool-gpu'))).toBe(false);
    expect(saysFailure({ items: [], error_code: '' })).toBe(false);
  });
});
