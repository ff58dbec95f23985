import { isIP } from 'node:net';

import { describeError } from '../../observability/describe-error.ts';
import type { Clock } from '../../runtime/clock.ts';
import { withDeadline } from '../../runtime/wait.ts';
import { findingsOf, type Finding } from './finding.ts';
import type { TargetURL } from './target.ts';

const deadlineMs = 5_000;

/** All addresses of a name, as `dns.lookup` gives them. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/** Whether the host of a URL has addresses here. Undefined where no name needs to be resolved. */
export async function checkDNS(
  { about, url }: TargetURL,
  lookup: Lookup,
  clock: Clock,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const say = findingsOf('dns', about);
  const { hostname } = url;
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined;
  try {
    const found = await withDeadline(clock, `resolving ${hostname}`, deadlineMs, signal, (within) =>
      Promise.race([lookup(hostname), aborted(within)]),
    );
    return say.ok(`${hostname} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    if (signal.aborted) throw error;
    return say.fail(
      `${hostname} has no address: ${describeError(error)}`,
      'check the host in the endpoint, and the DNS of this machine or pod',
    );
  }
}

/** The resolver cannot be told to stop; it can be left. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
