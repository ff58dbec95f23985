import { Gauge, type Registry } from 'prom-client';

export interface ScrapedGauge<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Labels and value of each series there is now. Must be quick. */
  readonly series: () => Iterable<readonly [Readonly<Record<L, string>>, number]>;
}

/** Registers a gauge of samples. `rowsOf`: its own labels and the value of each series that one sample has. */
export type SampleGauge<Sample> = <const L extends string>(
  name: string,
  help: string,
  labelNames: readonly L[],
  rowsOf: (sample: Sample) => Iterable<readonly [Readonly<Record<L, string>>, number]>,
) => void;

/** For gauges whose series carry, before their own labels, those that say which sample they are of. */
export function sampleGauges<const P extends string, Sample extends Readonly<Record<P, string>>>(
  registry: Registry,
  place: readonly P[],
  samples: () => Iterable<Sample>,
): SampleGauge<Sample> {
  return (name, help, labelNames, rowsOf) =>
    registerScrapedGauge<string>(registry, {
      name,
      help,
      labelNames: [...place, ...labelNames],
      *series() {
        for (const sample of samples()) {
          const where = Object.fromEntries(place.map((label) => [label, sample[label]]));
          for (const [own, value] of rowsOf(sample)) yield [{ ...where, ...own }, value];
        }
      },
    });
}

/** A gauge whose series are read at each scrape, so that none outlives what it is about. */
export function registerScrapedGauge<const L extends string>(
  registry: Registry,
  { name, help, labelNames, series }: ScrapedGauge<L>,
): void {
  new Gauge<L>({
    registers: [registry],
    name,
    help,
    labelNames,
    collect() {
      this.reset();
      // One without labels begins at zero again, which would say that something is zero.
      if (labelNames.length === 0) this.remove();
      for (const [labels, value] of series()) this.set(labels, value);
    },
  });
}
