import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { badAnswers } from '../integration/bad-answers/scenarios.ts';

it('docs/bad-input.md says of every bad answer that is tried what it gets, and of no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/bad-input.md'), 'utf8');
  const section = page.split('\n## ').find((text) => text.startsWith('Answers of ModelArts\n')) ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
    .slice(2);
  expect(rows).toEqual(badAnswers.map(({ answer, gets }) => [answer, gets]));
});
