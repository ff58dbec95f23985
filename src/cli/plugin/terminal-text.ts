/** Text for a terminal: what it means, what it looks like, and how wide it is. Pure. */
import { withoutSteering } from '../../api/steering.ts';

/** What a piece of text says to whoever looks at it; a colour on a terminal, and nothing elsewhere. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong';

export interface Toned {
  readonly text: string;
  readonly tone: Tone | undefined;
}

export type Paint = (text: string, tone: Tone | undefined) => string;

export const plain: Paint = (text) => text;

const codes: Readonly<Record<Tone, readonly [on: number, off: number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  dim: [2, 22],
  strong: [1, 22],
};

export const coloured: Paint = (text, tone) => {
  if (tone === undefined || text === '') return text;
  const [on, off] = codes[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
};

/** Names and messages come from afar: what would steer the terminal is shown as a replacement character. */
export function harmless(text: string): string {
  return withoutSteering(text.replaceAll(/\s*[\r\n\t]+\s*/g, ' '), (run) => '\ufffd'.repeat(run.length));
}

/** Scripts whose characters take two columns, and emoji. */
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;

function widthOfCharacter(character: string): number {
  if (none.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** In columns of a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** At most so many columns; a cut is seen by its `…`. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  let width = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
