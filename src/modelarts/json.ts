/** What a body is not. */
export type BodyFault = 'empty' | 'not UTF-8' | 'not JSON' | 'not a JSON object';

export type ParsedBody =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly fault: BodyFault };

/** Something that may be an integer above 2^53 - 1. Most bodies have none, and are then parsed at full speed. */
const longInteger = /[[:,\s]-?\d{16}/;

/**
 * Parses a body that must be one JSON object in UTF-8 (a byte order mark is dropped). Integers that a number cannot
 * hold exactly become text (D28). Never throws; what is wrong is told without quoting the body.
 */
export function parseBody(bytes: Uint8Array): ParsedBody {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, fault: 'not UTF-8' };
  }
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
  return { ok: true, value: value as Record<string, unknown> };
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? source : value;
}
