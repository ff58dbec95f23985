import { describe, expect, it } from '@jest/globals';

import { fitTable, withoutAge } from '../../tools/demo/table.ts';

const table = [
  'NAME                                   PHASE     DRIVER        AGE',
  'pool-vision-0123456789abcdef0123456    Running   gpu Running   5s',
  'p                                      Error                   2m',
].join('\n');

describe('fitTable', () => {
  it('shortens the widest column in its middle and keeps empty cells in place', () => {
    expect(fitTable(table, 45).split('\n')).toEqual([
      'NAME                PHASE    DRIVER       AGE',
      'pool-vision-…23456  Running  gpu Running  5s',
      'p                   Error                 2m',
    ]);
  });

  it('leaves alone what fits', () => {
    expect(fitTable('A   B\n1   2', 80)).toBe('A  B\n1  2');
  });
});

describe('withoutAge', () => {
  it('is the same when only the age has moved', () => {
    expect(withoutAge(table)).toBe(withoutAge(table.replace('5s', '6s')));
    expect(withoutAge(table)).not.toBe(withoutAge(table.replace('Error', 'Gone ')));
  });
});
