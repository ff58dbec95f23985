/**
 * An SVG of what a terminal showed. Lines that begin with `$ ` were typed; words of a phase get a colour, the rest is as
 * printed, character by character.
 */
export function terminalPicture(text: string): string {
  const lines = text.split('\n');
  const columns = Math.max(...lines.map((line) => line.length));
  const width = Math.ceil(columns * cell.width) + 2 * margin;
  const height = lines.length * cell.height + 2 * margin + titleBar;
  const rows = lines.map((line, i) => {
    const y = titleBar + margin + i * cell.height + cell.baseline;
    // Without its length a viewer with another font would lose the columns.
    const length = `textLength="${(line.length * cell.width).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
    return line === '' ? '' : `<text x="${margin}" y="${y}" ${length}>${painted(line)}</text>`;
  });
  const lights = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, i) => `<circle cx="${margin + 4 + i * 18}" cy="${titleBar / 2 + 4}" r="5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d0d7de}`,
    '.typed{fill:#fff;font-weight:bold}.well{fill:#57d364}.waits{fill:#e3b341}.ill{fill:#ff7b72}</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...lights,
    ...rows.filter((row) => row !== ''),
    '</svg>',
    '',
  ].join('\n');
}

const cell = { width: 7.83, height: 18, baseline: 13 };
const margin = 16;
const titleBar = 24;

const classOf: Readonly<Record<string, string>> = {
  Running: 'well',
  True: 'well',
  Queue: 'waits',
  Creating: 'waits',
  Pending: 'waits',
  False: 'ill',
  Abnormal: 'ill',
  Error: 'ill',
  Failed: 'ill',
};

function painted(line: string): string {
  // Not every viewer keeps plain spaces, whatever the style says.
  const safe = line
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00a0');
  if (line.startsWith('$ ')) return `<tspan class="typed">${safe}</tspan>`;
  return safe.replaceAll(/(?<=\s)[A-Z][a-z]+(?=\s|$)/g, (word) =>
    classOf[word] === undefined ? word : `<tspan class="${classOf[word]}">${word}</tspan>`,
  );
}
