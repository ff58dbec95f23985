export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The lines of Prometheus' text format, as prom-client writes it; comments are left out. */
export function parseExposition(text: string): readonly MetricSample[] {
  return text.split('\n').flatMap((line) => {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match === null) return [];
    const [, name = '', labels = '', value = ''] = match;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return [
      { name, labels: Object.fromEntries(pairs.map(([, key, word]) => [key, word])), value: Number(value) },
    ];
  });
}

/** The sum over all label values that `counts` accepts. */
export function total(
  samples: readonly MetricSample[],
  name: string,
  counts: (labels: MetricSample['labels']) => boolean = () => true,
): number {
  return samples
    .filter((sample) => sample.name === name && counts(sample.labels))
    .reduce((sum, { value }) => sum + value, 0);
}
