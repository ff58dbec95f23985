import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

import { choose, parts } from '../../tools/mutation/parts.ts';
import { scoreOf } from '../../tools/mutation/score.ts';
import { changeOf, explainedIn, without } from '../../tools/mutation/survivors.ts';
import { root } from '../../tools/run-command.ts';

const files = (globs: readonly string[]): string[] =>
  globs.flatMap((glob) => globSync(glob, { cwd: root })).sort();

describe.each(parts)('the mutation tests of $name', ({ mutate, tests }) => {
  it('change files that there are, and none that is a test', () => {
    const [wanted, excluded] = [
      mutate.filter((glob) => !glob.startsWith('!')),
      mutate.filter((glob) => glob.startsWith('!')),
    ];
    for (const glob of wanted) expect(files([glob])).not.toEqual([]);
    const left = new Set(files(excluded.map((glob) => glob.slice(1))));
    expect(files(wanted).filter((file) => file.endsWith('.test.ts') && !left.has(file))).toEqual([]);
  });

  it('ask tests that there are, with what they can load', () => {
    expect(files(tests)).not.toEqual([]);
    for (const file of files(tests)) expect(file).toMatch(/\.test\.ts$/);
  });
});

describe('what is to be run', () => {
  const filesOf = (part: { readonly name: string }): string[] => [
    `${part.name}/one.ts`,
    `${part.name}/two.ts`,
  ];
  const chosen = (...named: string[]) =>
    choose(named, filesOf).map(({ part, mutate }) => [part.name, mutate]);

  it('is everything, a part, or files of it', () => {
    expect(chosen().map(([name]) => name)).toEqual(['queue', 'decode', 'mirror']);
    expect(chosen('mirror')).toEqual([['mirror', parts.find(({ name }) => name === 'mirror')?.mutate]]);
    expect(chosen('decode/two.ts', 'queue/one.ts', 'decode/one.ts')).toEqual([
      ['decode', ['decode/two.ts', 'decode/one.ts']],
      ['queue', ['queue/one.ts']],
    ]);
  });

  it('is nothing that is neither', () => {
    expect(() => chosen('mirrors')).toThrow(
      'mirrors is neither a part (queue, decode, mirror) nor a file of one',
    );
  });
});

it('a score counts what tests could have noticed', () => {
  const mutants = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored', 'RuntimeError'];
  const score = scoreOf(mutants.map((status) => ({ status })));
  expect(score).toMatchObject({ percent: 60, noticed: 3, ignored: 1 });
  expect(score.survivors.map(({ status }) => status)).toEqual(['Survived', 'NoCoverage']);
  expect(scoreOf([]).percent).toBe(100);
});

describe('what survives', () => {
  const at = (line: number, column: number) => ({ line, column });
  const source = ['if (a < b) {', '  go();', '}', '  const one = 1;'].join('\n');

  it.each([
    ['<=', at(1, 7), at(1, 8), 'if (a «<» b) { → <='],
    ['{}', at(1, 12), at(3, 2), 'if (a < b) «{ go(); }» → {}'],
    ['2', at(4, 15), at(4, 16), 'const one = «1»; → 2'],
    ['x'.repeat(101), at(4, 15), at(4, 16), `const one = «1»; → ${'x'.repeat(99)}…`],
  ])('is named by the line that it changes: %s', (replacement, start, end, change) => {
    expect(changeOf(source, { replacement, location: { start, end } })).toBe(change);
  });

  it('is explained where a block names its file and the change', () => {
    const markdown = [
      '# Why',
      '```text',
      'src/a.ts',
      '  x → y',
      '  x → y',
      'src/b.ts',
      '  z → y',
      '```',
      '  no',
    ];
    expect(explainedIn(markdown.join('\n'))).toEqual([
      { file: 'src/a.ts', change: 'x → y' },
      { file: 'src/a.ts', change: 'x → y' },
      { file: 'src/b.ts', change: 'z → y' },
    ]);
  });

  it('is told apart from what is explained, each as often as it is there', () => {
    const [one, other] = ['1', '2'].map((change) => ({ file: 'f', change }));
    expect(without([one!, one!, other!], [one!])).toEqual([one, other]);
    expect(without([one!], [other!, one!])).toEqual([]);
  });

  it.each(parts)('of $name is explained, as many as its score says', ({ name, mutate }) => {
    const page = (file: string): string => readFileSync(`${root}/docs/${file}`, 'utf8');
    const row = new RegExp(`^\\| ${name} +\\| (\\d+) of (\\d+) `, 'm').exec(page('mutation.md'));
    const files = new Set(
      mutate.filter((glob) => !glob.startsWith('!')).flatMap((glob) => globSync(glob, { cwd: root })),
    );
    const explained = explainedIn(page('mutation-survivors.md')).filter(({ file }) => files.has(file));
    expect(explained).toHaveLength(Number(row?.[2]) - Number(row?.[1]));
  });
});
