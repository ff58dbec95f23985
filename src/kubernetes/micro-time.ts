/** metav1.MicroTime: RFC 3339 in UTC with exactly six fraction digits; the apiserver refuses fewer. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}
