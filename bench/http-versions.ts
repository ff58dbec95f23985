import type { RequestOptions } from 'node:https';
import { Pool } from 'undici';

import { against, atOnce, kubeConfigOf, type Bench, type Cluster } from './harness.ts';
import { numberFrom } from './sizes.ts';

const concurrency = 16;
const warmUp = 400;
const rounds = 2;

interface Cost {
  readonly perSecond: number;
  /** Milliseconds of CPU a write. */
  readonly client: number;
  readonly apiserver: number;
}

/**
 * Writes of one small object each over one multiplexed connection (HTTP/2, as client-go has it), against the same over
 * as many kept-alive ones as there are writers (HTTP/1.1, as the transport has it).
 * BENCH_WRITES: 4000 of each in each round.
 */
export const httpVersions: Bench = {
  name: 'http-versions',
  run: async (cluster) => {
    const namespace = `bench-http-${process.pid}`;
    await cluster.kubectl(['create', 'namespace', namespace]);
    const costs = { one: [] as Cost[], two: [] as Cost[] };
    for (let round = 0; round < rounds; round++) {
      for (const version of ['one', 'two'] as const)
        costs[version].push(await measured(cluster, version, `/api/v1/namespaces/${namespace}/configmaps`));
    }
    const mean = (version: keyof typeof costs, field: keyof Cost): number =>
      costs[version].reduce((sum, cost) => sum + cost[field], 0) / rounds;
    const compared = (field: keyof Cost, unit: string) =>
      against(`http-versions/two-${field}`, mean('two', field), unit, mean('one', field));
    return [
      compared('perSecond', 'writes/s'),
      compared('client', 'ms of CPU/write'),
      compared('apiserver', 'ms of CPU/write'),
    ];
  },
};

async function measured(cluster: Cluster, version: 'one' | 'two', path: string): Promise<Cost> {
  const config = kubeConfigOf(cluster);
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const { ca, cert, key } = tls;
  const credential = tls.headers as Record<string, string> | undefined;
  const headers = { ...credential, 'content-type': 'application/json', accept: 'application/json' };
  const pool = new Pool(config.getCurrentCluster()?.server ?? '', {
    connect: { ca, cert, key } as object,
    ...(version === 'two'
      ? { allowH2: true, connections: 1, pipelining: concurrency }
      : { allowH2: false, connections: concurrency, pipelining: 1 }),
  });
  const object = JSON.stringify({ metadata: { generateName: 'written-' }, data: { text: 'x'.repeat(1500) } });
  const write = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path,
      headers,
      body: object,
    });
    const answer = await body.text();
    if (statusCode !== 201) throw new Error(`a write was answered with ${statusCode}: ${answer}`);
  };
  await atOnce(concurrency, warmUp, write);
  const count = numberFrom('BENCH_WRITES', 4_000);
  const [apiserver, client] = [await cpuOfApiserver(cluster), process.cpuUsage()];
  const seconds = await atOnce(concurrency, count, write);
  const { user, system } = process.cpuUsage(client);
  const cost = {
    perSecond: count / seconds,
    client: (user + system) / 1000 / count,
    apiserver: ((await cpuOfApiserver(cluster)) - apiserver) / count,
  };
  await pool.close();
  return cost;
}

/** Milliseconds so far, by its own metrics. */
async function cpuOfApiserver(cluster: Cluster): Promise<number> {
  const metrics = await cluster.kubectl(['get', '--raw', '/metrics']);
  return 1000 * Number(/^process_cpu_seconds_total (\S+)$/m.exec(metrics)?.[1]);
}
