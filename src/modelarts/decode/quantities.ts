/** Units as people and Kubernetes write them, by lower-case spelling, and what Kubernetes calls them. */
const units = new Map<string, string>([
  ['', ''],
  ...['core', 'cores', 'card', 'cards', 'vcpu', 'vcpus', 'u'].map((unit): [string, string] => [unit, '']),
  ...['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].flatMap((unit): [string, string][] => [
    [unit.toLowerCase(), unit],
    [`${unit.toLowerCase()}b`, unit],
  ]),
]);

/** Suffixes whose case carries the meaning: `m` is a thousandth, `M` a million. */
const exactSuffixes: readonly string[] = ['n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E'];

/** Decimal bytes as people write them. */
const decimalBytes = new Map([
  ['KB', 'k'],
  ['MB', 'M'],
  ['GB', 'G'],
  ['TB', 'T'],
  ['PB', 'P'],
]);

/**
 * An amount as a Kubernetes quantity (D12): `"1 Cores"` → `1`, `"6.52 GiB"` → `6.52Gi`, `8` → `8`, `"3920m"` as it is.
 * Undefined for what is no amount, and for amounts below zero.
 */
export function toQuantity(amount: string | number): string | undefined {
  if (typeof amount === 'number') return fromNumber(amount);
  const match = /^\+?(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})\s*([A-Za-z]{0,6})$/.exec(amount.trim());
  if (match === null) return undefined;
  const [, digits = '', unit = ''] = match;
  const suffix =
    exactSuffixes.includes(unit) && unit !== 'u'
      ? unit
      : (decimalBytes.get(unit) ?? units.get(unit.toLowerCase()));
  return suffix === undefined ? undefined : tidy(digits) + suffix;
}

function fromNumber(amount: number): string | undefined {
  const text = String(amount);
  // Numbers below zero, very small, very large or infinite print otherwise; no amount of anything here is like that.
  return /^\d+(\.\d+)?$/.test(text) ? text : undefined;
}

/** One spelling of a decimal: no leading or trailing zeros, so that 8, 8.0 and 08 are one amount. */
function tidy(digits: string): string {
  const [whole = '', fraction = ''] = digits.split('.');
  const left = whole.replace(/^0+(?=\d)/, '') || '0';
  const right = fraction.replace(/0+$/, '');
  return right === '' ? left : `${left}.${right}`;
}
