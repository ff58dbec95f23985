import { Gauge, type Registry } from 'prom-client';

export interface ScrapedGauge<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Labels and value of each series there is now. Must be quick. */
  readonly series: () => Iterable<readonly [Readonly<Record<L, string>>, number]>;
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
