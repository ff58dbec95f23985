import { describe, expect, it } from '@jest/globals';

import { addQuantities, formatQuantity, parseQuantity, quantityValue } from './quantity.ts';

describe('quantities', () => {
  const sum = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a)!, parseQuantity(b)!));
  it.each([
    ['1Gi', '1', '1073741825'],
    ['1', '1Gi', '1073741825'],
    ['0.5Gi', '0.25Gi', '768Mi'],
    ['1Gi', '1Mi', '1025Mi'],
    ['1Gi', '1024', '1048577Ki'],
    ['1024', '1Gi', '1048577Ki'],
    ['1Ki', '0.05Ki', '1.05Ki'],
    ['1.5Ti', '0.25Ti', '1.75Ti'],
    ['100m', '5m', '105m'],
    ['1n', '1u', '1001n'],
    ['1u', '1u', '2u'],
  ])('%s and %s are %s', (a, b, both) => expect(sum(a, b)).toBe(both));

  it('finer than can be counted are rounded up, those of a binary unit after it was applied', () => {
    expect(parseQuantity('1.0000000001Ki')?.nanos).toBe(1_024_000_000_103n);
  });

  it('are read up to a length that none of them needs', () => {
    expect(parseQuantity('1'.padStart(64, '0'))?.nanos).toBe(1_000_000_000n);
    expect(parseQuantity('1'.padStart(65, '0'))).toBeUndefined();
  });

  it.each([
    ['1500m', 1.5],
    ['0', 0],
    ['1Ki', 1024],
    ['much', undefined],
  ])('%s is the number %s', (text, value) => expect(quantityValue(text)).toBe(value));
});
