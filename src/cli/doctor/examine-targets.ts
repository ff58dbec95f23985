import { lookup } from 'node:dns/promises';

import { ModelArtsClients } from '../../modelarts/client.ts';
import type { EndpointRules } from '../../modelarts/address.ts';
import { proxyFor } from '../../modelarts/proxy.ts';
import { secretsOf } from '../assembly/observed-connector.ts';
import type { CommandContext } from '../context.ts';
import { AskedCalls } from './asked-calls.ts';
import { checkCalls } from './calls.ts';
import { checkDNS } from './dns.ts';
import { findingsOf, type Finding } from './finding.ts';
import { checkConnection, urlsOf, type Target } from './target.ts';
import { checkTLS } from './tls.ts';

/** A call is asked once more where nobody answers; a doctor that waits is no help. */
const patience = { tries: 2, tryMs: 10_000, totalMs: 20_000 };

/** Looks at each target from the outside in: the address, its name, its certificate, the credential, the calls. */
export async function* examineTargets(
  targets: AsyncIterable<Target | Finding> | Iterable<Target | Finding>,
  endpoints: EndpointRules,
  context: CommandContext,
): AsyncGenerator<Finding> {
  const { runtime, proxy, redactor } = context;
  const clients = new ModelArtsClients({ runtime, endpoints, proxy, patience });
  /** Credentials that ModelArts refused: five refusals lock a key. */
  const refused = new Map<string, string>();
  for await (const target of targets) {
    if ('level' in target) {
      yield target;
      continue;
    }
    const { endpoint, credentials } = target.connection;
    const credential = JSON.stringify([endpoint, credentials]);
    const before = refused.get(credential);
    if (before !== undefined) {
      const found = `not asked again: ModelArts refused the same credential for ${before}`;
      yield findingsOf('credentials', target.about).fail(found, `mend ${target.credentialSource}`);
      continue;
    }
    for (const secret of secretsOf(target.connection)) redactor.hold(secret);
    const asked = new AskedCalls({ ...target, clock: runtime, signal: context.signal });
    yield* examine(target, asked, clients, context);
    if (asked.refused) refused.set(credential, target.about);
  }
}

async function* examine(
  target: Target,
  asked: AskedCalls,
  clients: ModelArtsClients,
  { runtime, signal, proxy }: CommandContext,
): AsyncGenerator<Finding> {
  const { finding, reader } = checkConnection(target, clients);
  yield finding;
  if (reader === undefined) return;
  try {
    for (const each of urlsOf(target)) {
      const { about, url } = each;
      const via = proxyFor(url, proxy);
      if (via !== undefined) {
        const what = `${url.host} is reached through the proxy ${via.host}, which resolves its name`;
        yield findingsOf('proxy', about).ok(what);
        continue;
      }
      const dns = await checkDNS(each, (host) => lookup(host, { all: true }), runtime, signal);
      if (dns !== undefined) yield dns;
      if (dns?.level === 'fail') return;
      const tls = await checkTLS(each, target.connection.caBundle, runtime, signal);
      yield tls;
      if (tls.level === 'fail') return;
    }
    yield* checkCalls({ target, reader, asked });
  } finally {
    await reader.close();
  }
}
