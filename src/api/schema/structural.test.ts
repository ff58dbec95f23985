import { describe, expect, it } from '@jest/globals';
import Type, { type TSchema } from 'typebox';
import { object, oneOf, optional, setOf, text } from './fields.ts';
import { NotStructural, structural } from './structural.ts';

describe('structural', () => {
  it('keeps the keywords that Kubernetes knows, in a fixed order', () => {
    const schema = object('spec is an example.', {
      mode: oneOf('mode is A or B.', ['A', 'B'], { default: 'A' }),
      name: text('name is a name.', { maxLength: 8, pattern: '^[a-z]+$', shape: 'lower case letters' }),
      tags: optional(setOf('tags are words.', text('A word.', { maxLength: 3 }), { maxItems: 2 })),
    });
    expect(JSON.stringify(structural(schema), null, 1)).toBe(
      JSON.stringify(
        {
          description: 'spec is an example.',
          type: 'object',
          required: ['name'],
          properties: {
            mode: { description: 'mode is A or B.', type: 'string', default: 'A', enum: ['A', 'B'] },
            name: {
              description: 'name is a name.',
              type: 'string',
              pattern: '^[a-z]+$',
              maxLength: 8,
              'x-kubernetes-validations': [
                { rule: "self.matches('^[a-z]+$')", message: 'must be lower case letters' },
              ],
            },
            tags: {
              description: 'tags are words.',
              type: 'array',
              maxItems: 2,
              'x-kubernetes-list-type': 'set',
              items: { description: 'A word.', type: 'string', maxLength: 3 },
            },
          },
        },
        null,
        1,
      ),
    );
  });

  it.each<[string, TSchema, RegExp]>([
    ['a union', Type.Union([Type.Literal('a'), Type.Literal('b')]), /keyword `anyOf`/],
    ['a literal', Type.Literal('a'), /keyword `const`/],
    ['an enumeration without a type', Type.Enum(['a', 'b']), /`type` must be one of/],
    ['a record', Type.Record(Type.String(), Type.Integer()), /keyword `patternProperties`/],
    ['a tuple', Type.Tuple([Type.String()]), /is not structural/],
    ['null', Type.Null(), /`type` must be one of/],
    ['a number, which may be a fraction', Type.Number(), /`type` must be one of/],
    [
      'an object closed to other fields',
      Type.Object({}, { additionalProperties: false }),
      /additionalProperties/,
    ],
    ['an object without fields or values', Type.Unsafe({ type: 'object' }), /must have either `properties`/],
    ['a list without items', Type.Unsafe({ type: 'array' }), /must have one schema as `items`/],
  ])('refuses %s', (_, field, message) => {
    const attempt = (): unknown => structural(object('spec is an example.', { list: object('', { field }) }));
    expect(attempt).toThrow(NotStructural);
    expect(attempt).toThrow(message);
  });

  it('names the field that is at fault', () => {
    const rows = Type.Array(object('A row.', { cell: Type.Literal('a') }));
    expect(() => structural(object('', { rows }))).toThrow('The schema of rows[].cell is not structural');
  });
});
