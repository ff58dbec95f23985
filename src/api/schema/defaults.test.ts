import { describe, expect, it } from '@jest/globals';
import { applyDefaults } from './defaults.ts';
import { integer, object, optional, setOf, text } from './fields.ts';

const number = (value: number) => integer('', { default: value, minimum: 0, maximum: 9 });
const schema = object('', {
  outer: object('', { inner: object('', { a: number(1), b: number(2) }, { default: {} }) }, { default: {} }),
  list: setOf('', text('', { maxLength: 1 }), { default: ['x'], maxItems: 2 }),
  note: optional(text('', { maxLength: 9 })),
});

describe('applyDefaults', () => {
  it('fills in what is missing, however deep', () => {
    expect(applyDefaults(schema, {})).toEqual({ outer: { inner: { a: 1, b: 2 } }, list: ['x'] });
  });

  it('keeps what is written: zero, an empty list and fields that it does not know', () => {
    expect(applyDefaults(schema, { outer: { inner: { a: 0 } }, list: [], other: 1 })).toEqual({
      outer: { inner: { a: 0, b: 2 } },
      list: [],
      other: 1,
    });
  });

  it('changes neither its argument nor the schema', () => {
    const written = Object.freeze({ outer: Object.freeze({}) });
    const filled = applyDefaults(schema, written) as { list: string[] };
    filled.list.push('y');
    expect(written).toEqual({ outer: {} });
    expect(applyDefaults(schema, {})).toMatchObject({ list: ['x'] });
  });
});
