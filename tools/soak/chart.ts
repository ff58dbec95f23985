import { restFrom, rounded, type Judged, type Sample } from './report.ts';

const panel = { width: 430, height: 130, left: 60, right: 16, top: 30, bottom: 24 };
const columns = 2;

/** An SVG with a panel for each quantity: its points, and the line whose climb is judged. */
export function chart(samples: readonly Sample[], judged: readonly Judged[]): string {
  const end = samples.at(-1)?.minutes ?? 1;
  const from = restFrom(samples);
  const rows = Math.ceil(judged.length / columns);
  const width = columns * panel.width;
  const height = rows * panel.height + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    '<title>What the operator holds, over time</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...judged.map((one, index) => {
      const x = (index % columns) * panel.width;
      const y = Math.floor(index / columns) * panel.height;
      return `<g transform="translate(${x},${y})">\n${panelOf(one, from, end)}\n</g>`;
    }),
    text(width / 2, height - 10, `minutes; the line is judged from minute ${rounded(from)}`, 'middle'),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf(
  { quantity: { name, unit }, points, line, growth }: Judged,
  from: number,
  end: number,
): string {
  const most = Math.max(...points.map(([, value]) => value), 1e-9) * 1.1;
  const x = (minutes: number): number =>
    Math.round(panel.left + (minutes / end) * (panel.width - panel.left - panel.right));
  const y = (value: number): number =>
    Math.round(panel.height - panel.bottom - (value / most) * (panel.height - panel.top - panel.bottom));
  const marks = [0, most / 1.1];
  return [
    text(panel.left, 18, [name, unit && `(${unit})`, `grew by ${rounded(growth)}`].filter(Boolean).join(' ')),
    ...marks.map((value) => {
      const at = y(value);
      return [
        `<line x1="${panel.left}" y1="${at}" x2="${panel.width - panel.right}" y2="${at}" stroke="#d0d7de"/>`,
        text(panel.left - 6, at + 4, rounded(value), 'end'),
      ].join('');
    }),
    ...[0, end].map((value) => text(x(value), panel.height - 8, rounded(value), 'middle')),
    `<polyline fill="none" stroke="#0969da" stroke-width="1" points="${points.map(([a, b]) => `${x(a)},${y(b)}`).join(' ')}"/>`,
    line &&
      `<line x1="${x(from)}" y1="${y(line.at(from))}" x2="${x(end)}" y2="${y(line.at(end))}" stroke="#cf222e" stroke-width="2"/>`,
  ]
    .filter(Boolean)
    .join('\n');
}

const text = (x: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#1f2328">${words}</text>`;
