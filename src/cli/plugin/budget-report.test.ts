import { describe, expect, it } from '@jest/globals';

import { poolObject, projectObject } from '../../../test/support/mirror-objects.ts';
import type { ModelArtsProjectSpec } from '../../api/kinds/modelarts-project.ts';
import { budgetLines, budgetReport, type BudgetReport } from './budget-report.ts';
import { requestRates, totalOf, type RateInput } from './request-rates.ts';
import { plain } from './terminal-text.ts';

const late = 1.05;
const byDefault = { poolMs: 30_000, workloadMs: 15_000 };
const features = {
  runtimeMetrics: 'Offered',
  trainingJobVersions: 'Absent',
  resourceSpecs: 'Absent',
  poolList: 'Full',
};
const pool = (byStatus: Record<string, number>) => poolObject('pool', { workloads: { byStatus } });
const input = (
  spec: Partial<ModelArtsProjectSpec> = {},
  pools = [pool({ Running: 3, Queue: 2 })],
  apiFeatures: Record<string, string> = features,
): RateInput => ({ project: projectObject('eu', spec, { apiFeatures }), pools });

/** Requests an hour by the last words of each endpoint, the lateness of turns taken out. */
function rates(of: RateInput, intervals = byDefault): Record<string, number> {
  return Object.fromEntries(
    requestRates(of, intervals).map(({ endpoint, perHour }) => [
      endpoint.replace(/^GET \/v\d\/\{project\}\//, ''),
      Math.round(perHour * late * 100) / 100,
    ]),
  );
}

const list = 'pools';
const detail = 'pools/{pool}';
const statistics = 'statistics/pools/{pool}/workloads';
const lists = 'pools/{pool}/workloads';
const metrics = 'metrics/runtime/pools';

describe('requests an hour', () => {
  it('follow the formula of docs/performance.md', () => {
    // A turn every 15 s: statistics, and two lists; every 5 min the four empty active lists and three of what has ended.
    expect(rates(input())).toEqual({
      ...{ [list]: 120, [metrics]: 120, [detail]: 12, [statistics]: 240 },
      [lists]: 240 * 2 + 12 * (4 + 3),
    });
  });

  it.each<[string, RateInput, Record<string, number>]>([
    ['no pools', input({}, []), { [list]: 120, [metrics]: 120 }],
    [
      'three workspaces',
      input({ discovery: { workspaces: ['0', 'a', 'b'] } }, []),
      { [list]: 360, [metrics]: 120 },
    ],
    [
      'all workspaces: those that pools are in',
      input({ discovery: { workspaces: ['*'] } }, [poolObject('pool', { workspaceID: 'a', workloads: {} })]),
      { [list]: 240, workspaces: 120, [lists]: 12 * 9, [statistics]: 240 },
    ],
    [
      'jobs are not mirrored',
      input({ workloads: { mode: 'None' } }),
      { [statistics]: 240, [lists]: Number.NaN },
    ],
    ['ended jobs are not mirrored', input({ workloads: { mode: 'Active' } }), { [lists]: 240 * 2 + 12 * 4 }],
    [
      'pages of 500',
      input({ workloads: { history: { maxPerPool: 1000 } } }, [pool({ Running: 1200, Completed: 50_000 })]),
      { [lists]: 240 * 3 + 12 * (5 + 2 + 1 + 1) },
    ],
    [
      'a list that leaves fields out',
      input({}, undefined, { ...features, poolList: 'Partial' }),
      { [detail]: 120 },
    ],
    [
      'capacity from flavors',
      input({}, [], { ...features, runtimeMetrics: 'Absent' }),
      { resourceflavors: 6, [metrics]: Number.NaN },
    ],
    [
      'the older APIs',
      input({}, [], {}),
      { 'training-jobs/versions': 60, 'job/resource-specs': 2, [metrics]: 120 },
    ],
    [
      'the older APIs, not wanted',
      input({ trainingJobVersions: { mode: 'Disabled' }, resourceSpecs: { mode: 'Disabled' } }, [], {}),
      { 'training-jobs/versions': Number.NaN, 'job/resource-specs': Number.NaN },
    ],
  ])('of %s', (_what, of, wanted) => {
    const found = rates(of);
    // NaN: not asked at all.
    const shown = Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key] ?? Number.NaN]));
    expect(shown).toEqual(wanted);
  });

  it('come near what `npm run bench -- quiet` counts: 35 a minute', () => {
    const ended = { Completed: 1, Failed: 1, Terminated: 1 };
    const pools = [pool({ Running: 3, Queue: 2, ...ended }), pool({ Running: 1, Queue: 1 }), pool({})];
    expect(totalOf(requestRates(input({}, pools, {}), byDefault)) / 60).toBeCloseTo(36.4, 1);
  });

  it('are none of a suspended project', () => {
    expect(totalOf(requestRates(input({ suspend: true }), byDefault))).toBe(0);
  });
});

describe('the budget of a project', () => {
  const report = (of: RateInput, all: readonly RateInput[] = [of]): BudgetReport => budgetReport(of, all);

  it('shows what halving the intervals costs, and down to a second only', () => {
    const { cadences, perHour } = report(input());
    expect(
      cadences.map(({ poolInterval, workloadInterval }) => `${poolInterval} ${workloadInterval}`),
    ).toEqual([...['30s 15s', '15s 8s', '8s 4s', '4s 2s']]);
    expect(cadences[0]?.perHour).toBe(perHour);
    expect(report(input({ polling: { poolInterval: '1s', workloadInterval: '1s' } })).cadences).toHaveLength(
      1,
    );
  });

  it('says from where on the operator would wait longer instead', () => {
    const many = Array.from({ length: 40 }, () => pool({ Running: 1 }));
    const stretched = report(input({ rateLimit: { requestsPerSecond: 10 } }, many)).cadences.map(
      ({ stretchedBy }) => stretchedBy,
    );
    // 40 pools, two requests each 15 s and more every 5 min: 6.3 a second, then 10.8, 20.4 and 39.7; 8 may be planned.
    expect(stretched).toEqual([1, 1.5, 2.75, 5]);
  });

  it('is shared by those with the same Secret, under the smallest limit', () => {
    const others = [
      { project: projectObject('ap', { rateLimit: { requestsPerSecond: 2 } }), pools: [] },
      { project: projectObject('elsewhere', { endpoint: 'https://other.example.com' }), pools: [] },
      { project: projectObject('other', { credentials: { secretRef: { name: 'other' } } }), pools: [] },
    ];
    const one = input();
    const { budget } = report(one, [one, ...others]);
    expect(budget).toMatchObject({ requestsPerSecond: 2, perHour: 7200, sharedWith: ['team/ap'] });
    expect(budget.othersPerHour).toBeGreaterThan(0);
  });

  it('counts with the intervals in use', () => {
    const { project, pools } = input();
    const effective = { poolInterval: '1m', workloadInterval: '30s' };
    const slow = report({ project: { ...project, status: { ...project.status, effective } }, pools });
    expect(slow.intervals).toEqual({ pool: '1m', workload: '30s', stretched: true });
    expect(slow.perHour).toBeLessThan(report(input()).perHour);
    expect(slow.cadences[0]).toMatchObject({ poolInterval: '30s' });
  });

  it('reads as a page', () => {
    const lines = budgetLines([report(input())], plain).join('\n');
    expect(lines).toContain('Project:     team/eu\nPools:       1\nIntervals:   pools 30s, jobs 15s\n');
    expect(lines).toMatch(/ENDPOINT +REQUESTS\/HOUR\nGET \/v2\/\{project\}\/pools +114\n/);
    expect(lines).toMatch(/^30s +15s +\d+ +\d+ % +yes$/m);
    expect(budgetLines([report(input({ suspend: true }))], plain).join('\n')).toContain('none: suspended');
    expect(budgetLines([], plain)).toEqual(['There is no ModelArtsProject here.']);
  });
});
