export type JSONObject = Readonly<Record<string, unknown>>;

/** What a text is not. */
export type TextFault = 'empty' | 'not JSON' | 'not a JSON object';

export type ParsedObject =
  { readonly ok: true; readonly value: JSONObject } | { readonly ok: false; readonly fault: TextFault };

/** Something that may be an integer above 2^53 - 1. Most texts have none, and are then parsed at full speed. */
const longInteger = /[[:,\s]-?\d{16}/;

/**
 * Parses a text that must be one JSON object. Integers that a number cannot hold exactly become text (D28). Never
 * throws; what is wrong is told without quoting the text.
 */
export function parseObject(text: string): ParsedObject {
  if (text.trim() === '') return { ok: false, fault: 'empty' };
  let value: unknown;
  try {
    value = longInteger.test(text) ? JSON.parse(text, keepLongIntegers) : JSON.parse(text);
  } catch {
    return { ok: false, fault: 'not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, fault: 'not a JSON object' };
  }
  return { ok: true, value: value as JSONObject };
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? source : value;
}
