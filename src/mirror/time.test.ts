import { describe, expect, it } from '@jest/globals';

import { formatTime, parseTime } from './time.ts';

describe('times', () => {
  it.each([
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
    ['2026-03-01T12:00:00.999Z', '2026-03-01T12:00:00Z'],
    ['0000-12-31T23:59:59Z', undefined],
    ['+010000-01-01T00:00:00Z', undefined],
    ['yesterday', undefined],
    [undefined, undefined],
  ])('%j is %j', (text, time) => {
    const ms = parseTime(text);
    expect(ms === undefined ? undefined : formatTime(ms)).toBe(time);
  });
});
