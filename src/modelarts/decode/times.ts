/** Below this a Unix time is in seconds, from it on in milliseconds (D15): 1e11 ms is in 1973, 1e11 s in 5138. */
const secondsBelow = 1e11;

const earliest = 0;
/** The year 9999: the last that RFC 3339 can write. */
const latest = Date.UTC(9999, 11, 31, 23, 59, 59);

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Milliseconds (or seconds, where that small) since the epoch as RFC 3339 UTC with whole seconds; 0 means not known. */
export function unixTime(value: number | undefined): string | undefined {
  if (value === undefined || value <= 0) return undefined;
  return format(value < secondsBelow ? value * 1000 : value);
}

/** An RFC 3339 text, with fraction and offset where it has them, as RFC 3339 UTC with whole seconds (D39). */
export function textTime(value: string | undefined): string | undefined {
  if (value === undefined || !rfc3339.test(value.trim())) return undefined;
  return format(Date.parse(value.trim().toUpperCase().replace(' ', 'T')));
}

function format(ms: number): string | undefined {
  if (Number.isNaN(ms) || ms < earliest || ms > latest) return undefined;
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
