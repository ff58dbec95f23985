export interface Series {
  readonly name: string;
  readonly unit: string;
  /** Values above 0. */
  readonly points: readonly (readonly [number, number])[];
}

interface Chart {
  readonly title: string;
  readonly across: string;
  readonly series: readonly Series[];
}

const width = 640;
const height = 400;
const margin = { left: 60, right: 130, top: 40, bottom: 50 };
const colours = ['#0969da', '#cf222e', '#1a7f37', '#8250df'];

/** An SVG with both axes logarithmic: a power law is a line, and one that is proportional climbs by one each decade. */
export function logLogChart({ title, across, series }: Chart): string {
  const points = series.flatMap((each) => each.points);
  const x = axis(
    points.map(([value]) => value),
    margin.left,
    width - margin.right,
  );
  const y = axis(
    points.map(([, value]) => value),
    height - margin.bottom,
    margin.top,
  );
  const grid = [
    ...x.decades.map((value) => {
      const at = x.place(value);
      return line(at, margin.top, at, height - margin.bottom) + text(at, height - 30, label(value), 'middle');
    }),
    ...y.decades.map((value) => {
      const at = y.place(value);
      return (
        line(margin.left, at, width - margin.right, at) + text(margin.left - 8, at + 4, label(value), 'end')
      );
    }),
  ];
  const drawn = series.map(({ name, unit, points }, index) => {
    const colour = colours[index % colours.length];
    const places = points.map(([a, b]) => `${x.place(a)},${y.place(b)}`);
    const [lastX, lastY] = points.at(-1) ?? [1, 1];
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.join(' ')}"/>`,
      ...points.map(([a, b]) => `<circle cx="${x.place(a)}" cy="${y.place(b)}" r="3.5" fill="${colour}"/>`),
      text(x.place(lastX) + 10, y.place(lastY) + 4, `${name}, ${unit}`, 'start', colour),
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(margin.left, 24, title, 'start'),
    ...grid,
    text((margin.left + width - margin.right) / 2, height - 10, across, 'middle'),
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Whole decades around the values, spread from `from` to `to`. */
function axis(
  values: readonly number[],
  from: number,
  to: number,
): { readonly decades: readonly number[]; place(value: number): number } {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    decades: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
    place: (value) => Math.round(from + ((Math.log10(value) - first) / (last - first)) * (to - from)),
  };
}

const label = (value: number): string => value.toLocaleString('en');

const line = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#d0d7de"/>`;

const text = (x: number, y: number, words: string, anchor: string, colour = '#1f2328'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${words}</text>`;
