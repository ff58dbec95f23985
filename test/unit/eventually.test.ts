import { describe, expect, it } from '@jest/globals';

import { eventually, stays } from '../support/eventually.ts';

describe('eventually', () => {
  it('returns what the first look that holds returned', async () => {
    const looks = [false, new Error('not yet'), 'there', 'too late'];
    const look = (): unknown => {
      const next = looks.shift();
      if (next instanceof Error) throw next;
      return next;
    };
    expect(await eventually(look, { every: 1 })).toBe('there');
  });

  it('takes an assertion that does not throw as true', async () => {
    expect(await eventually(() => expect(1).toBe(1))).toBeUndefined();
  });
});

describe('stays', () => {
  it('looks at least at the beginning and at the end', async () => {
    expect(await stays(() => true, { for: 5, every: 5 })).toBeGreaterThanOrEqual(2);
  });

  it('fails with the reason at the first look that does not hold', async () => {
    let count = 0;
    const look = (): void => expect(count++).toBeLessThan(3);
    await expect(stays(look, { for: 60_000, every: 1 })).rejects.toThrow(
      /no longer so after \d+ ms: .*toBeLessThan/,
    );
  });
});
