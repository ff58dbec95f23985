import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { WorkloadFacts } from '../api/facts.ts';
import { workloadFacts } from '../../test/support/builders.ts';
import { FakeModelArts, upstreamFailure } from '../../test/support/fake-modelarts.ts';
import { pageSize, walkWorkloads, type WalkOptions } from './walk.ts';

const start = Date.UTC(2026, 0, 1);
const job = (n: number, over: Partial<WorkloadFacts> = {}): WorkloadFacts =>
  workloadFacts({
    uid: `job-${String(n).padStart(5, '0')}`,
    creationTime: start + n * 1000,
    ...over,
  });
const jobs = (count: number): WorkloadFacts[] => Array.from({ length: count }, (_, n) => job(n));

function having(rows: readonly WorkloadFacts[]): FakeModelArts {
  const modelarts = new FakeModelArts();
  modelarts.workloads.set('pool-a', rows);
  return modelarts;
}

const walk = (modelarts: FakeModelArts, options: WalkOptions = { query: { order: 'oldestFirst' } }) =>
  walkWorkloads(modelarts, 'pool-a', options, new AbortController().signal);

const whole: WalkOptions = { query: { order: 'oldestFirst' }, beyondShortPages: true };

describe('walkWorkloads', () => {
  it.each([
    [0, 1],
    [1, 1],
    [499, 1],
    [500, 2],
    [501, 2],
    [998, 2],
    [999, 3],
    [1000, 3],
    [1001, 3],
  ])('reads %i rows whole, in %i requests', async (count, requests) => {
    const result = await walk(having(jobs(count)));
    expect(result).toMatchObject({ complete: true, unidentified: 0, requests });
    expect(result.rows.size).toBe(count);
  });

  it.each([
    [0, 1],
    [1, 2],
    [499, 2],
    [500, 2],
    [501, 3],
  ])('asks past a short page where that is wanted: %i rows in %i requests', async (count, requests) => {
    const result = await walk(having(jobs(count)), whole);
    expect(result).toMatchObject({ complete: true, requests });
    expect(result.rows.size).toBe(count);
  });

  it('finds everything on a server whose pages are smaller than asked for, where nothing may be missed', async () => {
    const modelarts = having(jobs(250));
    modelarts.spoilPage = (page) => ({ items: page.slice(0, 100) });
    expect((await walk(modelarts)).rows.size).toBe(100);
    const result = await walk(modelarts, whole);
    expect(result).toMatchObject({ complete: true });
    expect(result.rows.size).toBe(250);
  });

  it('is not complete when a row before the last page went meanwhile: another slipped over the edge', async () => {
    const modelarts = having(jobs(700));
    modelarts.before = (call) => {
      if (call.endsWith(' 499')) modelarts.workloads.set('pool-a', jobs(700).slice(1));
    };
    expect(await walk(modelarts)).toMatchObject({ complete: false });
  });

  it('is not complete when rows came in before the edge', async () => {
    const modelarts = having(jobs(700));
    modelarts.before = (call) => {
      if (call.endsWith(' 499')) modelarts.workloads.set('pool-a', [job(-5), ...jobs(700)]);
    };
    expect(await walk(modelarts)).toMatchObject({ complete: false });
  });

  it('is complete when jobs are added at the end meanwhile', async () => {
    const modelarts = having(jobs(700));
    modelarts.before = (call) => {
      if (call.endsWith(' 499')) modelarts.workloads.set('pool-a', jobs(720));
    };
    const result = await walk(modelarts);
    expect(result.complete).toBe(true);
    expect(result.rows.size).toBe(720);
  });

  it('ends, and proves nothing, on a server that forgets `offset`', async () => {
    const modelarts = having(jobs(600));
    modelarts.spoilPage = () => ({ items: jobs(pageSize) });
    const result = await walk(modelarts);
    expect(result).toMatchObject({ complete: false, requests: 2 });
  });

  it('keeps a row that came twice as it was read last, with the answer that carried it', async () => {
    const modelarts = having(jobs(600));
    let page = 0;
    modelarts.date = () => page * 1000;
    modelarts.spoilPage = (items) => {
      page += 1;
      return { items: items.map((row) => ({ ...row, priority: String(page) })) };
    };
    const { rows } = await walk(modelarts);
    const edge = rows.get(job(499).uid);
    expect(edge).toMatchObject({ facts: { priority: '2' }, readAt: 2000, sequence: 2 });
  });

  it('counts rows without an identity, and pages past them', async () => {
    const modelarts = having(jobs(600));
    modelarts.spoilPage = (items, { offset }) =>
      offset === 0 ? { items: items.slice(1), unidentified: 1, received: items.length } : { items };
    const result = await walk(modelarts);
    expect(result).toMatchObject({ unidentified: 1, requests: 2 });
    expect(result.rows.size).toBe(599);
  });

  it('ends where a page holds nothing that has an identity', async () => {
    const modelarts = having(jobs(600));
    modelarts.spoilPage = (items) => ({ items: [], unidentified: items.length, received: items.length });
    expect(await walk(modelarts)).toMatchObject({ complete: false, unidentified: 500, requests: 1 });
  });

  it('is not complete when it was told that it has enough', async () => {
    const result = await walk(having(jobs(600)), {
      query: { order: 'newestFirst' },
      enough: (_page, rows) => rows.size >= 100,
    });
    expect(result).toMatchObject({ complete: false, requests: 1 });
    expect(result.rows.has(job(599).uid)).toBe(true);
  });

  it('rejects with what upstream said, and takes nothing in after a stop', async () => {
    const modelarts = having(jobs(600));
    const refusal = upstreamFailure('Unreachable');
    modelarts.failure = (call) => (call.endsWith(' 499') ? refusal : undefined);
    await expect(walk(modelarts)).rejects.toBe(refusal);

    const stop = new AbortController();
    const late = having(jobs(3));
    late.before = () => stop.abort(new Error('stopped'));
    await expect(walkWorkloads(late, 'pool-a', whole, stop.signal)).rejects.toThrow('stopped');
  });

  it('never says complete about less than there is, however small the pages are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(120), fc.integer({ min: 2, max: 130 }), async (count, cap) => {
        const modelarts = having(jobs(count));
        modelarts.spoilPage = (page) => ({ items: page.slice(0, cap) });
        const result = await walk(modelarts, whole);
        expect(result).toMatchObject({ complete: true });
        expect(result.rows.size).toBe(count);
      }),
    );
  });
});
