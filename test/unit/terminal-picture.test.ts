import { describe, expect, it } from '@jest/globals';

import { terminalPicture } from '../../tools/demo/terminal-picture.ts';

describe('terminalPicture', () => {
  const text = '$ kubectl get mapool\nNAME  PHASE    READY\na<b   Running  True\n\nc     Frozen   False';

  it('holds each line as printed', () => {
    const shown = [...terminalPicture(text).matchAll(/<text [^>]*>(.*)<\/text>/g)].map((match) =>
      match[1]!
        .replaceAll(/<\/?tspan[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('\u00a0', ' '),
    );
    expect(shown).toEqual(text.split('\n').filter((line) => line !== ''));
  });

  it('colours what was typed, and what is well or ill', () => {
    const picture = terminalPicture(text);
    expect(picture).toContain('<tspan class="typed">$\u00a0kubectl\u00a0get\u00a0mapool</tspan>');
    expect(picture).toContain('<tspan class="well">Running</tspan>');
    expect(picture).toContain('<tspan class="ill">False</tspan>');
    expect(picture).not.toContain('<tspan class="well">Frozen');
  });

  it('is as wide as its longest line', () => {
    const width = (line: string): number => Number(/width="(\d+)"/.exec(terminalPicture(line))![1]);
    expect(width('x'.repeat(100)) - width('x'.repeat(50))).toBeCloseTo(50 * 7.83, -1);
  });
});
