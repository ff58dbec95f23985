import Type, { type TUnsafe } from 'typebox';

/** One of a few words, as a plain JSON Schema `enum`: its errors name the words, those of a union do not. */
export function word<const Words extends readonly string[]>(...words: Words): TUnsafe<Words[number]> {
  return Type.Unsafe<Words[number]>({ type: 'string', enum: [...words] });
}
