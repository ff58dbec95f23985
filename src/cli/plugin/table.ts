import { cutTo, harmless, widthOf, type Paint, type Toned } from './terminal-text.ts';

export type Cell = string | number | Toned | undefined;

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Cell;
  /** Left out where no row has anything in it. */
  readonly optional?: true;
}

export interface TableLook {
  readonly paint: Paint;
  /** Columns of the terminal that a line may take. Absent: as many as it needs. */
  readonly width?: number | undefined;
}

const gap = 3;

/** Lines as kubectl prints them: a header and a row each, three blanks between columns, nothing for what is absent. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { paint, width = Number.POSITIVE_INFINITY }: TableLook,
): string[] {
  const shown = columns
    .map(({ header, cell, optional }) => ({
      header,
      cells: rows.map((row) => toned(cell(row))),
      optional,
    }))
    .filter(({ cells, optional }) => optional === undefined || cells.some(({ text }) => text !== ''));
  const widths = shown.map(({ header, cells }) =>
    Math.max(widthOf(header), ...cells.map(({ text }) => widthOf(text))),
  );
  const line = (pieces: readonly Toned[]): string => {
    let left = width;
    let out = '';
    for (const [at, { text, tone }] of pieces.entries()) {
      if (left <= 0) break;
      const cut = cutTo(text, left);
      const isLast = at === pieces.length - 1;
      const padding = isLast ? 0 : Math.min((widths[at] ?? 0) - widthOf(text) + gap, left - widthOf(cut));
      out += paint(cut, tone) + ' '.repeat(Math.max(0, padding));
      left -= widthOf(cut) + Math.max(0, padding);
    }
    return out.trimEnd();
  };
  return [
    line(shown.map(({ header }) => ({ text: header, tone: 'strong' }))),
    ...rows.map((_row, at) => line(shown.map(({ cells }) => cells[at] ?? { text: '', tone: undefined }))),
  ];
}

function toned(cell: Cell): Toned {
  if (cell === undefined) return { text: '', tone: undefined };
  if (typeof cell === 'object') return { text: harmless(cell.text), tone: cell.tone };
  return { text: harmless(String(cell)), tone: undefined };
}

/** `Label:  value` lines, values below each other; what has no value is left out. */
export function fieldLines(
  fields: readonly (readonly [label: string, value: Cell])[],
  paint: Paint,
): string[] {
  const said = fields
    .map(([label, value]) => [`${label}:`, toned(value)] as const)
    .filter(([, { text }]) => text !== '');
  const width = Math.max(...said.map(([label]) => widthOf(label)));
  return said.map(([label, { text, tone }]) => `${label.padEnd(width + gap)}${paint(text, tone)}`);
}
