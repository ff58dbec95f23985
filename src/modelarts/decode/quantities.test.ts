import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { toQuantity } from './quantities.ts';

describe('toQuantity', () => {
  it.each([
    ['1 Cores', '1'],
    ['6.52 GiB', '6.52Gi'],
    ['8', '8'],
    [8, '8'],
    ['3920m', '3920m'],
    ['15548Mi', '15548Mi'],
    ['64Gi', '64Gi'],
    ['1.50', '1.5'],
    ['08', '8'],
    ['0', '0'],
    ['5 TiB', '5Ti'],
    ['2 GB', '2G'],
    ['1 core', '1'],
    [0.5, '0.5'],
  ])('D12: %j is %s', (amount, quantity) => expect(toQuantity(amount)).toBe(quantity));

  it.each(['', 'many', '-1', '1 2', '1e9', 'GiB', '1 parsec', Number.NaN, -1, Infinity, 1e30])(
    '%j is none',
    (amount) => expect(toQuantity(amount)).toBeUndefined(),
  );

  it('gives what Kubernetes accepts, or nothing', () => {
    const amounts = fc.oneof(
      fc.string(),
      fc.double(),
      fc.tuple(fc.double({ min: 0, max: 1e9 }), fc.string()).map((t) => t.join('')),
    );
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(toQuantity(amount) ?? '0').toMatch(/^\d+(\.\d+)?(n|u|m|k|[KMGTPE]i?)?$/);
      }),
    );
  });
});
