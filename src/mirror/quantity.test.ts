import { describe, expect, it } from '@jest/globals';

import { addQuantities, formatQuantity, parseQuantity } from './quantity.ts';

describe('quantities', () => {
  const sum = (a: string, b: string) => formatQuantity(addQuantities(parseQuantity(a)!, parseQuantity(b)!));
  it.each([
    ['1Gi', '1', '1073741825'],
    ['1', '1Gi', '1073741825'],
    ['0.5Gi', '0.25Gi', '768Mi'],
    ['1Gi', '1Mi', '1025Mi'],
    ['1.5Ti', '0.25Ti', '1.75Ti'],
    ['100m', '5m', '105m'],
    ['1n', '1u', '1001n'],
    ['1u', '1u', '2u'],
  ])('%s and %s are %s', (a, b, both) => expect(sum(a, b)).toBe(both));
});
