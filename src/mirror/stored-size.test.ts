import { describe, expect, it } from '@jest/globals';

import { storedSize } from './stored-size.ts';

/** A status, its JSON and its entry in managedFields as they are stored, but for a comma after each member, the last too. */
const table: [string, object, string, string][] = [
  ['a text', { phase: 'x' }, String.raw`{"phase":"x",}`, String.raw`{".":{},"f:phase":{},}`],
  [
    'a text that is escaped',
    { phase: 'a"b' },
    String.raw`{"phase":"a\"b",}`,
    String.raw`{".":{},"f:phase":{},}`,
  ],
  [
    'numbers and the like, and nothing for what is undefined',
    { n: 12, ok: true, none: null, gone: undefined },
    String.raw`{"n":12,"ok":true,"none":null,}`,
    String.raw`{".":{},"f:n":{},"f:ok":{},"f:none":{},}`,
  ],
  [
    'an object in it',
    { a: { b: 1 } },
    String.raw`{"a":{"b":1,},}`,
    String.raw`{".":{},"f:a":{".":{},"f:b":{},},}`,
  ],
  [
    'a set of texts',
    { hosts: ['x', 'y"'] },
    String.raw`{"hosts":["x","y\"",],}`,
    String.raw`{".":{},"f:hosts":{".":{},"v:\"x\"":{},"v:\"y\\\"\"":{},},}`,
  ],
  [
    'a table',
    { conditions: [{ type: 'Ready', status: 'True' }] },
    String.raw`{"conditions":[{"type":"Ready","status":"True",},],}`,
    String.raw`{".":{},"f:conditions":{".":{},"k:{\"type\":\"Ready\",}":{".":{},"f:type":{},"f:status":{},},},}`,
  ],
  [
    'a table of two keys',
    { available: [{ flavor: 'f', nodePool: '' }] },
    String.raw`{"available":[{"flavor":"f","nodePool":"",},],}`,
    String.raw`{".":{},"f:available":{".":{},"k:{\"flavor\":\"f\",\"nodePool\":\"\",}":{".":{},"f:flavor":{},"f:nodePool":{},},},}`,
  ],
  [
    'rows without keys',
    { things: [{ a: 1 }] },
    String.raw`{"things":[{"a":1,},],}`,
    String.raw`{".":{},"f:things":{".":{},"k:{}":{".":{},"f:a":{},},},}`,
  ],
];

describe('the size of a status as stored', () => {
  it.each(table)('of %s', (_what, status, json, managed) => {
    expect(storedSize(status)).toBe(json.length + managed.length);
  });

  it('is counted no further than needed, and tells rightly whether it is more than that', () => {
    const status = Object.assign({}, ...table.map(([, one]) => one), {
      hosts: Array(50).fill('10.0.0.1'),
    }) as object;
    const whole = storedSize(status);
    for (let enough = 0; enough <= whole + 1; enough++)
      expect(storedSize(status, enough) > enough).toBe(whole > enough);
    expect(storedSize(status, whole)).toBe(whole);
    expect(storedSize(status, 10)).toBeLessThan(100);
    expect(storedSize({ hosts: Array(50).fill('10.0.0.1') }, 1_000)).toBeLessThan(1_100);
  });
});
