import type { TUnsafe } from 'typebox';
import { text, type Rule } from '../schema/fields.ts';

/** Hours, minutes and seconds, in that order, at least one of them: `30s`, `5m`, `1h30m`, `168h`. */
const pattern = '^([0-9]{1,5}h)?([0-9]{1,7}m)?([0-9]{1,9}s)?$';

/**
 * A length of time as users of Flux, cert-manager and external-secrets write it.
 * `atLeast` and `atMost` are durations themselves; the apiserver refuses what lies outside.
 */
export function duration(
  description: string,
  options: { readonly default?: string; readonly atLeast?: string; readonly atMost: string },
): TUnsafe<string> {
  const { atLeast = '1s', atMost, ...rest } = options;
  // A rule is evaluated even where the pattern already failed: without the guard, duration() would answer such a
  // text with an error of its own, which hides the sentence meant for people.
  const wellFormed = `self.matches('${pattern}') && self != ''`;
  const rules: Rule[] = [
    { rule: wellFormed, message: "must be a duration such as '30s', '5m' or '1h30m'" },
    {
      rule: `!(${wellFormed}) || duration(self) >= duration('${atLeast}')`,
      message: `must not be shorter than ${atLeast}`,
    },
    {
      rule: `!(${wellFormed}) || duration(self) <= duration('${atMost}')`,
      message: `must not be longer than ${atMost}`,
    },
  ];
  return text(description, { ...rest, minLength: 2, maxLength: 32, pattern, rules });
}

/** The milliseconds of a duration text, or undefined where it is not one. */
export function parseDuration(value: string): number | undefined {
  const match = new RegExp(pattern).exec(value);
  if (match === null || value === '') return undefined;
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number.parseInt(part ?? '0', 10));
  return ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
}
