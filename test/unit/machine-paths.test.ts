import { describe, expect, it } from '@jest/globals';

import { machinePaths } from '../../tools/checks/hygiene.ts';

// Put together here, so that this file does not itself hold what it forbids.
const home = (system: string, user: string): string => ['', system, user, 'src', 'a.ts'].join('/');

describe('paths of one machine', () => {
  it.each([home('home', 'ada'), home('Users', 'ada')])('finds %s', (path) => {
    expect(machinePaths(`see ${path}`, '/app')).toEqual([path]);
  });

  it('finds the checkout that it runs in', () => {
    expect(machinePaths('in /srv/build/checkout/src/a.ts', '/srv/build/checkout')).toEqual([
      '/srv/build/checkout/…',
    ]);
  });

  it.each([
    ['users of container images', home('home', 'node')],
    ['addresses', `https://example.com${home('home', 'ada')}`],
    ['a checkout directly below the root, as in containers', '/app/dist/main.mjs'],
  ])('leaves %s alone', (_, text) => {
    expect(machinePaths(text, '/app')).toEqual([]);
  });
});
