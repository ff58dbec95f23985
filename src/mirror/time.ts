/** The years that an RFC 3339 text can name. */
const earliest = Date.parse('0001-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59Z');

/** RFC 3339 in UTC with whole seconds, as Kubernetes writes times. */
export function formatTime(ms: number): string {
  const within = Math.min(latest, Math.max(earliest, ms));
  return `${new Date(within).toISOString().slice(0, 19)}Z`;
}

/** The same, of a time that may not be known. */
export function shownTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatTime(ms);
}

/** A time as it is kept: milliseconds would be an object of their own, seconds are none. */
export function packedTime(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

export function unpackedTime(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

/** Milliseconds, whole seconds; undefined where there is no such time. */
export function parseTime(text: string | undefined): number | undefined {
  if (typeof text !== 'string') return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms < earliest || ms > latest ? undefined : wholeSeconds(ms);
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
