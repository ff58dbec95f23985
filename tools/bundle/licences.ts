import type { Package } from './packages.ts';

/** Licences that ask for their text to go with a copy, and for nothing else that we would have to do. */
const allowed: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** Of package-lock.json: what it says of the packages, by their paths. */
export type Locked = Readonly<Record<string, { readonly dev?: boolean }>>;

/**
 * Packages that are there for development alone, and yet in the bundle because they happen to be installed. No bill of
 * materials names them.
 */
export function strayPackages(packages: readonly Package[], locked: Locked): string[] {
  return packages
    .filter(({ path }) => locked[path] === undefined || locked[path].dev === true)
    .map(({ name, version }) => `${name} ${version} is bundled, and is no dependency of the product`);
}

/** What stands against shipping these packages: a sentence each. */
export function licenceTroubles(packages: readonly Package[]): string[] {
  return packages.flatMap(({ name, version, licence, texts }) => {
    if (licence === undefined) return [`${name} ${version} names no licence`];
    if (!allowed.has(licence))
      return [`${name} ${version} is under ${licence}; allowed: ${[...allowed].join(', ')}`];
    return texts.length === 0 ? [`${name} ${version} brings no text of its licence, ${licence}`] : [];
  });
}
