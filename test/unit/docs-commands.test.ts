import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { commandHelp, flagsOf } from '../support/command-help.ts';

/** What the documents tell people to type can be typed. */
const root = join(import.meta.dirname, '..', '..');
const pages = ['.', 'docs'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

interface Line {
  readonly page: string;
  readonly line: string;
}

/** Lines of shell blocks, continued lines joined; and what stands in back-quotes. */
function typed(page: string): Line[] {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```(?:sh|console)\n(.*?)^```/gms)].flatMap(([, block = '']) =>
    block.replaceAll('\\\n', ' ').split('\n'),
  );
  const inline = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(
    ([, code = '']) => code,
  );
  return [...blocks, ...inline].map((line) => ({ page, line: line.replace(/ # .*| \\?\| .*/, '').trim() }));
}
const lines = pages.flatMap(typed);
/** The first group of a pattern in all lines that have it, with what follows it. */
const matching = (pattern: RegExp): (Line & { word: string; rest: string })[] =>
  lines.flatMap(({ page, line }) => {
    const match = pattern.exec(line);
    return match === null ? [] : [{ page, line, word: match[1]!, rest: line.slice(match[0].length) }];
  });

describe('commands in the documents', () => {
  const names = async (): Promise<string[]> =>
    [...(await commandHelp()).split('\nCommands:\n')[1]!.matchAll(/^ {2}([a-z-]+)/gm)].map(
      (match) => match[1]!,
    );

  it('of modelarts-operator exist, with their flags', async () => {
    const uses = matching(/^(?:\$ )?modelarts-operator ([a-z][a-z-]*)(?![\w:./])/);
    expect(uses.length).toBeGreaterThan(10);
    const known = await names();
    const wrong: string[] = [];
    for (const { page, line, word, rest } of uses) {
      const used = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([flag]) => flag);
      const flags = known.includes(word) ? flagsOf(await commandHelp(word)) : [];
      if (!known.includes(word) || used.some((flag) => flag !== '--help' && !flags.includes(flag)))
        wrong.push(`${page}: ${line}`);
    }
    expect(wrong).toEqual([]);
  });

  it('of npm run are scripts of the project', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const uses = matching(/^(?:\$ )?(?:[A-Z_]+=\S* )*npm run (?:--silent )?([a-z:-]+)/);
    expect(uses.length).toBeGreaterThan(10);
    expect(uses.filter(({ word }) => !(word in scripts))).toEqual([]);
  });

  it('that apply files of the project name files that are there', () => {
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const uses = matching(/^(?:\$ )?kubectl .*(?:-f|-k|--filename|--kustomize)[ =]([\w./-]+)/).filter(
      ({ word }) => folders.some(({ name }) => word.startsWith(`${name}/`)),
    );
    expect(uses.length).toBeGreaterThan(3);
    expect(uses.filter(({ word }) => !existsSync(join(root, word)))).toEqual([]);
  });
});
