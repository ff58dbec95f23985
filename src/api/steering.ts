/**
 * Text from elsewhere, where each run of characters that could begin a line of its own, steer a terminal or turn the
 * rest of a line around is put otherwise; each of them is one UTF-16 unit. Joiners and other invisible characters stay:
 * names are made of them in some scripts.
 */
export function withoutSteering(text: string, otherwise: (run: string) => string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, otherwise);
}
