import type { Registry } from 'prom-client';

import { registerScrapedGauge } from './scraped-gauge.ts';

/** The way to the apiserver as it is now. */
export interface ApiserverSource {
  /** Writes under way. */
  writesInFlight(): number;
  /** The most that may be under way at once; learnt from how long they take. */
  writeLimit(): number;
  /** When the client certificate of the kubeconfig ends, milliseconds since the epoch; undefined without one. */
  clientCertificateEndsAt(): number | undefined;
}

export function registerApiserverMetrics(registry: Registry, source: ApiserverSource): void {
  const gauge = (name: string, help: string, value: () => number | undefined): void =>
    registerScrapedGauge(registry, {
      name,
      help,
      labelNames: [],
      series: () => {
        const now = value();
        return now === undefined ? [] : [[{}, now]];
      },
    });
  gauge('modelarts_operator_writes_in_flight', 'Writes to the apiserver that are under way.', () =>
    source.writesInFlight(),
  );
  gauge(
    'modelarts_operator_writes_in_flight_limit',
    'The most writes to the apiserver that may be under way at once, as learnt from how long they take.',
    () => source.writeLimit(),
  );
  gauge(
    'modelarts_operator_client_certificate_expiration_timestamp_seconds',
    'When the client certificate of the kubeconfig ends, as Unix time; absent where it holds none.',
    () => {
      const endsAt = source.clientCertificateEndsAt();
      return endsAt === undefined ? undefined : endsAt / 1000;
    },
  );
}
