import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { aPoolMirror, aProjectObject } from '../../../test/support/builders.ts';
import { projectEntry } from '../../controller/gather.ts';
import { registerCacheMetrics } from './metrics.ts';

describe('registerCacheMetrics', () => {
  it('shows the series of its own projects only, though all are in the caches', async () => {
    const registry = new Registry();
    const object = aProjectObject();
    const projects = ['mine', 'anothers'].map((name) =>
      projectEntry({ ...object, metadata: { ...object.metadata, namespace: 'ns', name } }),
    );
    registerCacheMetrics(registry, {
      projects: { values: () => projects },
      pools: {
        values: () =>
          projects.map(({ name }) => aPoolMirror({ namespace: 'ns', project: name, poolName: name })),
      },
      lastInQueue: () => 3,
      shown: (_, project) => project === 'mine',
    });
    const text = await registry.metrics();
    expect(text).toContain('modelarts_operator_project_synced{namespace="ns",project="mine"}');
    expect(text).toContain(
      'modelarts_workload_queue_position_max{namespace="ns",project="mine",pool="mine"} 3',
    );
    expect(text).not.toContain('anothers');
  });
});
