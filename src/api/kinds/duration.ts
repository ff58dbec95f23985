import type { TUnsafe } from 'typebox';
import { text, type Rule } from '../schema/fields.ts';

/** Hours, minutes and seconds, in that order, at least one of them: `30s`, `5m`, `1h30m`, `168h`. */
const pattern = '^([0-9]{1,5}h([0-9]{1,7}m)?([0-9]{1,9}s)?|[0-9]{1,7}m([0-9]{1,9}s)?|[0-9]{1,9}s)$';

/**
 * A length of time as users of Flux, cert-manager and external-secrets write it.
 * `atLeast` and `atMost` are durations themselves; the apiserver refuses what lies outside.
 */
export function duration(
  description: string,
  options: { readonly default?: string; readonly atLeast?: string; readonly atMost: string },
): TUnsafe<string> {
  const { atLeast = '1s', atMost, ...rest } = options;
  // Rules are evaluated even where the pattern already failed: without the guard, duration() would answer such a
  // text with an error of its own, which hides the sentence meant for people.
  const malformed = `!self.matches('${pattern}')`;
  const rules: Rule[] = [
    {
      rule: `${malformed} || duration(self) >= duration('${atLeast}')`,
      message: `must not be shorter than ${atLeast}`,
    },
    {
      rule: `${malformed} || duration(self) <= duration('${atMost}')`,
      message: `must not be longer than ${atMost}`,
    },
  ];
  return text(description, {
    ...rest,
    maxLength: 32,
    pattern,
    shape: "a duration such as '30s', '5m' or '1h30m'",
    rules,
  });
}

/** The milliseconds of a duration text, or undefined where it is not one. */
export function parseDuration(value: string): number | undefined {
  if (!new RegExp(pattern).test(value)) return undefined;
  const amount = (unit: 'h' | 'm' | 's'): number =>
    Number(new RegExp(`([0-9]+)${unit}`).exec(value)?.[1] ?? 0);
  return ((amount('h') * 60 + amount('m')) * 60 + amount('s')) * 1000;
}
