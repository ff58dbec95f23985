import { stringify } from 'yaml';

import type { CommandContext } from '../context.ts';
import { coloured, plain, type Paint } from './terminal-text.ts';

export const outputFormats = ['table', 'json', 'yaml'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** How text is to look where it goes. */
export function paintFor({ terminal }: Pick<CommandContext, 'terminal'>): Paint {
  return terminal?.colour === true ? coloured : plain;
}

/** Prints what a command found out: for programs as it is, for people as lines. */
export function print<Report>(
  report: Report,
  format: OutputFormat,
  lines: (report: Report, paint: Paint) => readonly string[],
  context: Pick<CommandContext, 'terminal' | 'stdout'>,
): void {
  if (format === 'json') context.stdout(`${JSON.stringify(report, undefined, 2)}\n`);
  else if (format === 'yaml')
    context.stdout(stringify(report, { lineWidth: 0, aliasDuplicateObjects: false }));
  else context.stdout(`${lines(report, paintFor(context)).join('\n')}\n`);
}
