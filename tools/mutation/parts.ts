/** What is mutated together: a score is given, and demanded, for each. Globs are relative to the project's folder. */
export interface Part {
  readonly name: string;
  /** The deciding code. */
  readonly mutate: readonly string[];
  /** The only tests that may kill a mutant of it: those that say what this code is to do. */
  readonly tests: readonly string[];
}

const queueFiles = 'src/kubernetes/{work-queue,fair-queue,fifo,delay-heap,backoff}';

export const parts: readonly Part[] = [
  { name: 'queue', mutate: [`${queueFiles}.ts`], tests: [`${queueFiles}.test.ts`] },
  {
    name: 'decode',
    mutate: ['src/modelarts/decode/**/*.ts', '!src/modelarts/decode/**/*.test.ts'],
    // Not any-answer.test.ts: its thousands of answers of any shape say that nothing throws, at seconds a mutant.
    tests: ['src/modelarts/decode/!(any-answer).test.ts'],
  },
  {
    name: 'mirror',
    mutate: ['src/mirror/**/*.ts', '!src/mirror/**/*.test.ts'],
    tests: ['src/mirror/**/*.test.ts'],
  },
];

/** What is to be run: a part as a whole, or some of its files. */
export interface Chosen {
  readonly part: Part;
  readonly mutate: readonly string[];
}

/** `named` holds names of parts and files of them; nothing named is everything. Throws on a name that is neither. */
export function choose(named: readonly string[], filesOf: (part: Part) => readonly string[]): Chosen[] {
  if (named.length === 0) return parts.map((part) => ({ part, mutate: part.mutate }));
  const chosen = new Map<Part, string[]>();
  for (const name of named) {
    const part = parts.find((one) => one.name === name || filesOf(one).includes(name));
    if (part === undefined)
      throw new Error(
        `${name} is neither a part (${parts.map((one) => one.name).join(', ')}) nor a file of one`,
      );
    const before = chosen.get(part) ?? [];
    chosen.set(part, [...before, ...(part.name === name ? part.mutate : [name])]);
  }
  return [...chosen].map(([part, mutate]) => ({ part, mutate }));
}
