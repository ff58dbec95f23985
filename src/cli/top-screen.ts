import { poolLines, type PoolSummary } from './plugin/pool-summary.ts';
import { cutTo, harmless, type Paint } from './plugin/terminal-text.ts';

export interface Screen {
  readonly pools: readonly PoolSummary[];
  readonly manyNamespaces: boolean;
  /** Why what is shown may be old. */
  readonly trouble: string | undefined;
  /** Wall milliseconds. */
  readonly now: number;
  readonly paint: Paint;
  readonly columns: number;
  readonly rows: number;
}

const home = '\u001b[H';
const toEndOfLine = '\u001b[K';
const toEndOfScreen = '\u001b[J';

/** A whole screen over the one before, without a flicker: each line is written anew and the rest of it cleared. Pure. */
export function screenOf({ pools, manyNamespaces, trouble, now, paint, columns, rows }: Screen): string {
  const time = new Date(now).toISOString().slice(11, 19);
  const head = `ModelArts pools: ${pools.length}, at ${time} UTC, Ctrl-C to leave`;
  const top = [
    paint(cutTo(head, columns), 'dim'),
    ...(trouble === undefined
      ? []
      : [paint(cutTo(harmless(`not current, the apiserver was lost: ${trouble}`), columns), 'bad')]),
    '',
  ];
  const table = poolLines(pools, { manyNamespaces, paint, width: columns });
  const room = Math.max(0, rows - top.length);
  const hidden = table.length - room;
  const shown = hidden > 0 ? [...table.slice(0, room - 1), `and ${hidden + 1} more`] : table;
  return `${home}${[...top, ...shown]
    .slice(0, rows)
    .map((line) => `${line}${toEndOfLine}`)
    .join('\n')}${toEndOfScreen}`;
}
