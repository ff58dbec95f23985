import { afterEach, describe, expect, it } from '@jest/globals';

import type { Exchange } from '../../../src/modelarts/observer.ts';
import { systemRuntime } from '../../../src/runtime/system.ts';
import { quietScenario } from '../../../src/simulator/scenarios/quiet.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';
import { Bench, listPools, never } from './support/bench.ts';

const bench = new Bench();
afterEach(() => bench.clear());

async function quietPool(observer = {}) {
  const simulator = await startSimulator({
    runtime: systemRuntime,
    scenario: quietScenario,
    manualClock: true,
  });
  bench.afterwards(() => simulator.stop());
  const { reader } = bench.open({ endpoint: simulator.url }, { observer });
  const pool = (await listPools(reader)).value.items[0]!.id;
  const query = { offset: 0, limit: 500, order: 'oldestFirst' } as const;
  return { simulator, reader, pool, query };
}

describe('a page of workloads that is asked for again', () => {
  it('is known though time went on, and says what reading it anew says', async () => {
    const { simulator, reader, pool, query } = await quietPool();
    const first = await reader.listWorkloads(pool, query, never);
    simulator.advance(90_000);
    const again = await reader.listWorkloads(pool, { ...query, before: first.value }, never);
    const anew = await reader.listWorkloads(pool, query, never);
    expect(again.value.items).toEqual(anew.value.items);
    expect(again.value.items).not.toEqual(first.value.items);
    expect(again.value.fingerprint).toBe(first.value.fingerprint);
    expect(again.sequence).toBeGreaterThan(first.sequence);
  });

  it('is read where a job of it changed', async () => {
    const { simulator, reader, pool, query } = await quietPool();
    const first = await reader.listWorkloads(pool, query, never);
    const job = first.value.items.find(({ status }) => status === 'Running')!.uid;
    simulator.act({ finishJob: { pool, job, outcome: 'Completed' } });
    const again = await reader.listWorkloads(pool, { ...query, before: first.value }, never);
    expect(again.value.items.find(({ uid }) => uid === job)).toMatchObject({ status: 'Completed' });
  });

  it('is given whole to a recorder', async () => {
    const exchanges: Exchange[] = [];
    const { reader, pool, query } = await quietPool({
      onExchange: (exchange: Exchange) => exchanges.push(exchange),
    });
    const first = await reader.listWorkloads(pool, query, never);
    await reader.listWorkloads(pool, { ...query, before: first.value }, never);
    expect(exchanges.at(-1)?.answer?.body).toMatchObject({ items: expect.any(Array) });
  });
});
