/**
 * A program of its own, so that its memory can be limited from outside: asks for the list of pools at the URL that it is
 * given, once, and prints what became of it as a line of JSON.
 */
import { UpstreamError } from '../../src/api/errors.ts';
import { ModelArtsClients } from '../../src/modelarts/client.ts';
import { systemRuntime } from '../../src/runtime/system.ts';

export interface HeavyReading {
  readonly pools?: number;
  readonly kind?: string;
  readonly message?: string;
  readonly ms: number;
  /** The most work that was done in one go, while nothing else could run: milliseconds of this thread's processor time. */
  readonly blockedMs: number;
  readonly peakMiB: number;
}

const [endpoint = ''] = process.argv.slice(2);
const reader = new ModelArtsClients({
  runtime: systemRuntime,
  endpoints: { allowLocal: true },
  patience: { tries: 1 },
}).open({
  endpoint,
  projectID: '0'.repeat(32),
  credentials: { type: 'token', token: 'a-token' },
  rateLimit: { requestsPerSecond: 1, burst: 1 },
});

/** Not the clock's time: a busy machine stops for longer. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
let blockedMs = 0;
let last = workedMs();
const ticking = setInterval(() => {
  const now = workedMs();
  blockedMs = Math.max(blockedMs, now - last);
  last = now;
}, 1);

const begun = performance.now();
const outcome = await reader.listPools({ workspaceID: '0' }, AbortSignal.timeout(120_000)).then(
  ({ value }) => ({ pools: value.items.length }),
  (error: unknown) =>
    error instanceof UpstreamError
      ? { kind: error.kind, message: error.message }
      : { message: `no UpstreamError: ${String(error)}` },
);
const ms = performance.now() - begun;
await new Promise((resolve) => setTimeout(resolve, 5));
clearInterval(ticking);
await reader.close();
const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
const reading: HeavyReading = { ...outcome, ms: Math.round(ms), blockedMs: Math.round(blockedMs), peakMiB };
process.stdout.write(`${JSON.stringify(reading)}\n`);
