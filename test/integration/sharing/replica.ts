/** One replica in a process of its own: what `modelarts-operator run --shards` is, with leases that are short. */
import { KubeConfig } from '@kubernetes/client-node';

import { assembleSharded, type LeaseTiming } from '../../../src/cli/assembly/sharded-assembly.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { Redactor } from '../../../src/observability/redactor.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';

export interface ReplicaArguments {
  readonly server: string;
  readonly namespace: string;
  readonly identity: string;
  readonly shards: number;
  readonly timing: LeaseTiming;
  /** How wrong its wall clock is. */
  readonly skewMs: number;
}

const { server, namespace, identity, shards, timing, skewMs } = JSON.parse(
  process.argv[2] ?? '',
) as ReplicaArguments;
const kubeConfig = new KubeConfig();
kubeConfig.loadFromOptions({
  clusters: [{ name: 'test', server, skipTLSVerify: true }],
  users: [{ name: 'test' }],
  contexts: [{ name: 'test', cluster: 'test', user: 'test' }],
  currentContext: 'test',
});
const runtime = { ...systemRuntime, now: () => systemRuntime.now() + skewMs };
const redactor = new Redactor();
const replica = assembleSharded({
  kubeConfig,
  runtime,
  log: createLogger({ level: 'info', format: 'text', stream: process.stdout, redactor, now: runtime.now }),
  redactor,
  instance: identity,
  version: '0.0.0-test',
  namespaces: [namespace],
  endpoints: { allowLocal: true },
  shards,
  namespace,
  name: 'sharing',
  identity,
  timing,
});
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort(new Error('the test stops the replica')));
try {
  await replica.work(stopping.signal);
} finally {
  await replica.close();
}
