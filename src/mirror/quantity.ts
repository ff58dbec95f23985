/**
 * Exact arithmetic on Kubernetes quantities (`8`, `3920m`, `6.52Gi`, `1e3`). Amounts are whole nano units: finer than
 * that a quantity cannot be, and what is finer is rounded up, as Kubernetes does.
 */
const syntax = /^(\d*)(?:\.(\d*))?(?:([KMGTPE]i)|([numkMGTPE]?)|[eE]([+-]?\d{1,2}))$/;
const maxLength = 64;

const nano = 1_000_000_000n;
const decimalPowers: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

export interface Quantity {
  readonly nanos: bigint;
  /** Written with Ki, Mi, Gi …: such amounts are shown that way. */
  readonly binary: boolean;
}

/** The amount as a number, as exact as one can be; undefined as for `parseQuantity`. */
export function quantityValue(text: string): number | undefined {
  const quantity = parseQuantity(text);
  return quantity && Number(quantity.nanos) / 1e9;
}

/** Undefined where the text is not a quantity, or negative. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = text.length <= maxLength ? syntax.exec(text) : null;
  if (match === null) return undefined;
  const [, whole = '', fraction = '', binarySuffix, decimalSuffix = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  // No suffix is found at -1: the unit is 1 then.
  const unit = 1024n ** BigInt(binarySuffixes.indexOf(binarySuffix as 'Ki') + 1);
  const power = exponent === undefined ? (decimalPowers[decimalSuffix] ?? 0) : Number.parseInt(exponent, 10);
  const scale = power + 9 - fraction.length;
  const nanos =
    scale >= 0 ? digits * unit * 10n ** BigInt(scale) : ceilDiv(digits * unit, 10n ** BigInt(-scale));
  return { nanos, binary: binarySuffix !== undefined };
}

export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, binary: a.binary || b.binary };
}

/** The shortest exact text of the amount. */
export function formatQuantity({ nanos, binary }: Quantity): string {
  if (binary) {
    for (let i = binarySuffixes.length; i > 0; i--) {
      const hundredths = (nanos * 100n) / (1024n ** BigInt(i) * nano);
      // Two places are what ModelArts itself shows; an amount that needs more is shown in a smaller unit.
      if (hundredths >= 100n && hundredths * 1024n ** BigInt(i) * nano === nanos * 100n) {
        return `${asDecimal(hundredths)}${binarySuffixes[i - 1]}`;
      }
    }
    return `${ceilDiv(nanos, nano)}`;
  }
  for (const [suffix, power] of [
    ['', 0],
    ['m', 3],
    ['u', 6],
  ] as const) {
    const unit = nano / 10n ** BigInt(power);
    if (nanos % unit === 0n) return `${nanos / unit}${suffix}`;
  }
  return `${nanos}n`;
}

/** Of one or more. */
function asDecimal(hundredths: bigint): string {
  const text = hundredths.toString();
  const fraction = text.slice(-2).replace(/0+$/, '');
  return text.slice(0, -2) + (fraction === '' ? '' : `.${fraction}`);
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
