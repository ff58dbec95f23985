import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';

/** The documented bits of `spec.controlMode` (reference 1.4.2), lowest first. */
const bits: readonly (readonly [number, string])[] = [
  [1, 'BillingModeChangeBlocked'],
  [2, 'FlavorChangeBlocked'],
  [4, 'ServiceRestricted'],
  [8, 'Frozen'],
  [16, 'FrozenByPublicSecurity'],
];

/** `controlMode` by bit; undefined when nothing is restricted. A bit that is not documented keeps its value as a name. */
export function restrictionsOf(controlMode: number): ModelArtsPoolStatus['restrictions'] {
  if (!Number.isSafeInteger(controlMode) || controlMode <= 0) return undefined;
  const flags: string[] = [];
  // Above 31 bits JavaScript's own bit operations would lose some.
  for (let bit = 1, rest = controlMode; rest > 0; bit *= 2, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) flags.push(bits.find(([value]) => value === bit)?.[1] ?? `Bit${bit}`);
  }
  return { value: controlMode, flags };
}
