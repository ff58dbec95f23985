/** The longest wait that a server may ask for; more is a mistake or an attack, and is cut to this. */
export const longestRetryAfterMs = 15 * 60_000;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds: seconds, or an HTTP date (RFC 9110, 10.2.3).
 * A date is compared with the answer's own Date where it has one, so that a clock that is off does not matter.
 * Nonsense and dates that are past ask for nothing.
 *
 * @param now milliseconds since the epoch
 */
export function retryAfter(headers: { get(name: string): string | null }, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return cap(Number(value) * 1000);
  const date = httpDate(value);
  if (date === undefined) return undefined;
  const wait = date - (httpDate(headers.get('date') ?? '') ?? now);
  return wait > 0 ? cap(wait) : undefined;
}

/** An HTTP date in its one current form (`Sun, 06 Nov 1994 08:49:37 GMT`), milliseconds since the epoch. */
export function httpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text.trim())) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function cap(ms: number): number {
  return Math.min(Math.ceil(ms), longestRetryAfterMs);
}
