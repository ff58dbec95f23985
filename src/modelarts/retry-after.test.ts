import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { longestRetryAfterMs, retryAfter } from './retry-after.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const wait = (headers: Record<string, string>) => retryAfter(new Headers(headers), now);

describe('retryAfter', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['no wait', { 'retry-after': '0' }, 0],
    ['part of a second', { 'retry-after': '1.5' }, 1500],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [
      "a date by the server's clock",
      { 'retry-after': 'Thu, 01 Jan 2026 01:00:30 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' },
      30_000,
    ],
    ['a date that is past', { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, undefined],
    ['more than is honoured', { 'retry-after': '999999999999999999999' }, longestRetryAfterMs],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['a negative number', { 'retry-after': '-5' }, undefined],
    ['an empty value', { 'retry-after': '' }, undefined],
    ['nothing', {}, undefined],
  ])('reads %s', (_name, headers, expected) =>
    expect(wait(headers as unknown as Record<string, string>)).toBe(expected),
  );

  it('never asks for less than nothing or more than the longest', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]*$/), (value) => {
        const ms = wait({ 'retry-after': value }) ?? 0;
        expect(ms >= 0 && ms <= longestRetryAfterMs).toBe(true);
      }),
    );
  });
});
