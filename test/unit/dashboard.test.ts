import { describe, expect, it } from '@jest/globals';

import { dashboard } from '../../tools/generate/monitoring/dashboard.ts';

interface Drawn {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}
const { panels, templating } = dashboard() as {
  readonly panels: readonly Drawn[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
};

describe('the dashboard', () => {
  it('has a place for each panel', () => {
    const taken = new Map<string, string>();
    const overlaps: string[] = [];
    for (const { title, gridPos } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++)
        for (let line = y; line < y + h; line++) {
          const other = taken.get(`${column} ${line}`);
          if (other !== undefined) overlaps.push(`${title} lies on ${other}`);
          taken.set(`${column} ${line}`, title);
        }
    }
    expect([...new Set(overlaps)]).toEqual([]);
  });

  it('names panels and queries apart', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { targets = [] } of panels)
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  it('asks with the variables that it offers, and offers none in vain', () => {
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const used = exprs.flatMap((expr) => [...expr.matchAll(/\$(\w+)/g)].map((match) => match[1]!));
    const offered = templating.list.map(({ name }) => name).filter((name) => name !== 'datasource');
    expect([...new Set(used)].sort()).toEqual(['__rate_interval', ...offered].sort());
  });

  it('has the rows that people look for', () => {
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'Pools',
      'Workloads and queues',
      'Sync health',
      'Requests to ModelArts',
      'Writes to the apiserver',
      'Runtime',
    ]);
  });
});
