import type { Package } from './packages.ts';

const rule = '='.repeat(80);

/** Names every package of the bundle with its licence, and holds the texts that the licences want to go with a copy. */
export function notices(packages: readonly Package[]): string {
  const list = packages.map(
    ({ name, version, licence }) => `  ${name} ${version}: ${licence ?? 'not named'}`,
  );
  const parts = packages.map(({ name, version, licence, texts }) =>
    [
      rule,
      `${name} ${version} (${licence ?? 'not named'})`,
      rule,
      '',
      ...texts.flatMap((text) => [text, '']),
    ].join('\n'),
  );
  return [
    'modelarts-operator.mjs holds parts of the packages below. Each is under its own licence, which follows.',
    '',
    ...list,
    '',
    ...parts,
  ].join('\n');
}
