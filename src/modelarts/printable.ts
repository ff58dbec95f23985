/** What we show of foreign texts: enough for a person, too little to flood a log or a condition. */
const longest = 256;

const mask = '[redacted]';
/** Shorter ones would blacken ordinary words. */
const shortestSecret = 4;

/** Access key ids are 20 upper-case letters and digits; tokens and signatures are long runs without a blank. */
const secretLooking = /\b[A-Z0-9]{20}\b|[A-Za-z0-9+/=_-]{64,}/g;

/**
 * Foreign text on one line: control characters and all that cannot be seen become blanks, runs of blanks one; cut to
 * `max` characters. For messages, which name nothing: more goes than in `withoutSteering`.
 */
export function printable(text: string, max = longest): string {
  // The first cut bounds the work on hostile lengths; the second is by whole characters.
  const line = text
    .slice(0, 16_384)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join('')}…`;
}

/** `printable`, without anything that is or looks like a secret. Gateways quote access keys in their messages. */
export function redacted(text: string, secrets: readonly string[] = []): string {
  return printable(masked(text.slice(0, 16_384), secrets));
}

/** The same text without anything that is or looks like a secret. */
export function masked(text: string, secrets: readonly string[] = []): string {
  return withoutSecrets(text, secrets).replace(secretLooking, mask);
}

/** Without these, wherever they stand, and however they are spelled: as they are, in a URL, or in base64. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret.toWellFormed()),
      Buffer.from(secret).toString('base64'),
    ])
    .reduce((shown, spelling) => shown.replaceAll(spelling, mask), text);
}
