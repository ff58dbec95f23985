/** Below this a Unix time is in seconds, from it on in milliseconds (D15): 1e11 ms is in 1973, 1e11 s in 5138. */
const secondsBelow = 1e11;

const earliest = 0;
/** The year 9999: the last that RFC 3339 can write. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59);

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds (or seconds, where that small) since the epoch, as milliseconds of whole seconds; 0 means not known. */
export function unixTime(value: number | undefined): number | undefined {
  if (value === undefined || value <= 0) return undefined;
  return wholeSeconds(value < secondsBelow ? value * 1000 : value);
}

/** An RFC 3339 text, with fraction and offset where it has them (D39), as milliseconds of whole seconds. */
export function textTime(value: string | undefined): number | undefined {
  if (value === undefined || !rfc3339.test(value.trim())) return undefined;
  return wholeSeconds(Date.parse(value.trim().toUpperCase().replace(' ', 'T')));
}

function wholeSeconds(ms: number): number | undefined {
  if (Number.isNaN(ms) || ms < earliest || ms > latest) return undefined;
  return Math.floor(ms / 1000) * 1000;
}
