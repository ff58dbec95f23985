/**
 * Tables as kubectl prints them, narrowed to a terminal: cells of the widest columns lose their middle, because ids differ
 * at both ends.
 */
export function fitTable(text: string, width: number): string {
  const rows = parse(text);
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  );
  const gap = 2;
  const total = (): number => widths.reduce((sum, each) => sum + each, gap * (columns - 1));
  while (total() > width) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= 5) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => shorten(cell, widths[i] ?? 0).padEnd((widths[i] ?? 0) + gap))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}

/** The table without its last column, which for kubectl is the age: it says whether anything but time has changed. */
export function withoutAge(text: string): string {
  return parse(text)
    .map((row) => row.slice(0, -1).join('\t'))
    .join('\n');
}

/** kubectl's columns begin where their headings do. */
function parse(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const starts = [...(lines[0] ?? '').matchAll(/(?<=^| {2,})\S/g)].map((match) => match.index);
  return lines.map((line) => starts.map((start, i) => line.slice(start, starts[i + 1]).trim()));
}

function shorten(cell: string, width: number): string {
  if (cell.length <= width) return cell;
  const tail = Math.floor((width - 1) / 3);
  return `${cell.slice(0, width - 1 - tail)}…${tail === 0 ? '' : cell.slice(-tail)}`;
}
