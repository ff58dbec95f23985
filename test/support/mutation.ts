import type { SeededRandom } from '../../src/simulator/seeded-random.ts';

/** What stands where something else belongs. */
const oddValues: readonly (() => unknown)[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, -0, 2 ** 53, 1e11, 253402300799999, '', ' ', '0', '-1'],
  ...[
    '1 Cores',
    '6.52 GiB',
    'NaN',
    '9223372036854775807',
    '1e400',
    'true',
    '../..',
    '__proto__',
    'constructor',
  ],
  ...['\ud800', '\u0000\u001b[31m', '\u202e', '𝒳'.repeat(200), 'x'.repeat(5000), '2025-02-30T25:61:61Z'],
  ...['0001-01-01T00:00:00Z', 'a,b,,c', '{"a":', 'Unknown(42)', 'ModelArts.50015001'],
].map((value) => () => value);
const oddThings: readonly (() => unknown)[] = [
  ...oddValues,
  () => [],
  () => ({}),
  () => [[[[[]]]]],
  () => nested(120),
  () => Array.from({ length: 300 }, (_, i) => i),
  () => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key-${i}`, i])),
  () => JSON.parse('{"__proto__":{"name":"x"},"hasOwnProperty":1,"toString":null}') as unknown,
];

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A copy of a JSON value in which a few places are something else, gone, doubled, wrapped or swapped. */
export function mutatedValue(sample: unknown, random: SeededRandom): unknown {
  let value = structuredClone(sample);
  for (let changes = random.integer(1, 4); changes > 0; changes--) value = mutateOnce(value, random);
  return value;
}

function mutateOnce(root: unknown, random: SeededRandom): unknown {
  const places: [holder: Record<string, unknown> | unknown[], key: string][] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 12) return;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit(inner, depth + 1);
    }
  };
  visit(root, 0);
  const place = random.pick(places);
  if (place === undefined) return root;
  const [holder, key] = place;
  const members = holder as Record<string, unknown>;
  switch (random.integer(0, 6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete members[key];
      break;
    case 1:
      members[key] = [members[key], members[key]];
      break;
    case 2:
      members[key] = { [key]: members[key] };
      break;
    case 3: {
      const [other = holder, otherKey = key] = random.pick(places) ?? [];
      members[key] = structuredClone((other as Record<string, unknown>)[otherKey]);
      break;
    }
    case 4:
      if (Array.isArray(holder)) holder.push(structuredClone(members[key]));
      else members[`${key}x`] = random.pick(oddThings)?.();
      break;
    default:
      members[key] = random.pick(oddThings)?.();
  }
  return root;
}

/** A copy of some bytes with a few of them changed, cut out, doubled or put in. */
export function mutatedBytes(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let result = Buffer.from(bytes);
  for (let changes = random.integer(1, 4); changes > 0; changes--) {
    const from = random.integer(0, result.length);
    const to = Math.min(result.length, from + random.integer(0, 20));
    const inserted = [
      Buffer.alloc(0),
      result.subarray(from, to),
      Buffer.from(Array.from({ length: random.integer(1, 6) }, () => random.integer(0, 255))),
      Buffer.from(random.pick(['"', '{', '[', '}', ']', ',', ':', '\\', '-', '1e999', 'null', '\\u0000'])),
    ][random.integer(0, 3)]!;
    const end = random.next() < 0.5 ? from : to;
    result = Buffer.concat([result.subarray(0, from), inserted, result.subarray(end)]);
  }
  return random.next() < 0.1 ? result.subarray(0, random.integer(0, result.length)) : result;
}
