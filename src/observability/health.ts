import type { Registry } from 'prom-client';

import type { HttpAnswer, Route } from './http-endpoint.ts';

/**
 * What a probe asks. Neither answer depends on ModelArts: a sick cloud must not restart the operator or take it out of
 * rotation, it is said in conditions and metrics.
 */
export interface HealthSource {
  /** Why the operator cannot work, as a few words (`caches not synced`); undefined when it can. */
  notReady(): string | undefined;
}

/** `/healthz`: this process answers. `/readyz`: its caches are filled, so that what it would write is planned on facts. */
export function healthRoutes(source: HealthSource): Record<string, Route> {
  return {
    '/healthz': () => text(200, 'ok'),
    '/readyz': () => {
      const reason = source.notReady();
      return reason === undefined ? text(200, 'ok') : text(503, `not ready: ${reason}`);
    },
  };
}

/** `/metrics` in Prometheus' text format. */
export function metricsRoutes(registry: Registry): Record<string, Route> {
  return {
    '/metrics': async () => ({
      status: 200,
      contentType: registry.contentType,
      body: await registry.metrics(),
    }),
  };
}

const text = (status: number, line: string): HttpAnswer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${line}\n`,
});
