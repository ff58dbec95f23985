import { findPrometheus, type PrometheusPrograms } from '../../tools/prometheus/programs.ts';

const found: PrometheusPrograms | string = await findPrometheus((line) =>
  process.stderr.write(`${line}\n`),
).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
if (typeof found === 'string') process.stderr.write(`skipped: no Prometheus is asked, because ${found}\n`);

/** Undefined where there are none: then what needs them is skipped, and it was said why. */
export const programs: PrometheusPrograms | undefined = typeof found === 'string' ? undefined : found;
