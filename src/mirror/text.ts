/** The text in at most `max` characters; the cut shows as an ellipsis. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${beginningOf(text, max - 1)}…`;
}

/** As much of the text as `max` characters hold. */
export function beginningOf(text: string, max: number): string {
  if (text.length <= max) return text;
  // Half a surrogate pair is no character: the apiserver would store a replacement instead.
  return text.slice(0, isHighSurrogate(text.charCodeAt(max - 1)) ? max - 1 : max);
}

/** The text in at most `max` bytes, as an apiserver stores it; the cut shows as an ellipsis. */
export function cutToStored(text: string, max: number): string {
  if (storedLength(text) <= max) return text;
  const room = max - 3;
  let length = 0;
  let kept = '';
  for (const character of text) {
    length += storedLength(character);
    if (length > room) break;
    kept += character;
  }
  return `${kept}…`;
}

/** Printable ASCII but `"`, `&`, `<`, `>` and `\`: nearly all that ModelArts says. */
const storedAsItIs = /^[ !#-%'-;=?-[\]-~]*$/;

/**
 * Bytes of a text inside JSON as Go writes it into etcd: UTF-8, with `<`, `>`, `&` and control characters as six
 * bytes each and quotes and backslashes as two.
 */
export function storedLength(text: string): number {
  if (storedAsItIs.test(text)) return text.length;
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || '<>&\u007f\u2028\u2029'.includes(character)) length += 6;
    else if (character === '"' || character === '\\') length += 2;
    else length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** The first `max` items and, where there are more, that there are. */
export function firstOf(items: readonly string[], max: number, separator = ', '): string {
  return items.slice(0, max).join(separator) + (items.length > max ? `${separator}and more` : '');
}

/** The order of code units: the same on every machine, unlike a locale's. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
