import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';

import { aDeclaredMirror, aPoolMirror, aProjectObject } from '../../../test/support/builders.ts';
import { projectEntry } from '../../controller/gather.ts';
import type { ProjectReading } from '../../controller/operator.ts';
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
      reading: () => ({
        lastSyncAt: undefined,
        failure: undefined,
        expirations: undefined,
        lastInQueue: () => 3,
      }),
      shown: (_, project) => project === 'mine',
    });
    const text = await registry.metrics();
    expect(text).toContain('modelarts_operator_project_synced{namespace="ns",project="mine"}');
    expect(text).toContain(
      'modelarts_workload_queue_position_max{namespace="ns",project="mine",pool="mine"} 3',
    );
    expect(text).not.toContain('anothers');
  });

  it('shows amounts as numbers, and one object a pool', async () => {
    const registry = new Registry();
    const ready = (reason: string) => ({
      type: 'Ready',
      status: 'False' as const,
      reason,
      message: '',
      lastTransitionTime: '2026-03-01T12:00:00Z',
    });
    registerCacheMetrics(registry, {
      projects: { values: () => [] },
      pools: {
        values: () => [
          aPoolMirror({
            status: {
              displayName: 'Vision',
              conditions: [ready('Abnormal')],
              capacity: { cpu: '3920m', memory: '1Ki', 'nvidia.com/gpu': '8' },
            },
          }),
          aDeclaredMirror({ status: { conditions: [ready('Duplicate')] } }),
        ],
      },
      reading: () => undefined,
    });
    const of = 'namespace="team",project="vision",pool="pool-a"';
    const text = await registry.metrics();
    expect(text.match(/^modelarts_pool_(capacity|condition|info)\{.*$/gm)).toEqual([
      `modelarts_pool_info{${of},display_name="Vision",type="",workspace=""} 1`,
      `modelarts_pool_condition{${of},condition="Ready",status="False",reason="Abnormal"} 1`,
      `modelarts_pool_capacity{${of},resource="cpu"} 3.92`,
      `modelarts_pool_capacity{${of},resource="memory"} 1024`,
      `modelarts_pool_capacity{${of},resource="nvidia.com/gpu"} 8`,
    ]);
  });

  it('shows what reading knows before what the status says', async () => {
    const object = aProjectObject({
      status: {
        lastSyncTime: '1970-01-01T00:00:01Z',
        effective: { poolInterval: '30s', workloadInterval: '1m30s' },
      },
    });
    const text = async (reading: ProjectReading | undefined): Promise<string[] | null> => {
      const registry = new Registry();
      registerCacheMetrics(registry, {
        projects: { values: () => [projectEntry(object)] },
        pools: { values: () => [] },
        reading: () => reading,
      });
      return (await registry.metrics()).match(/(?<=^modelarts_operator_project_)[a-z_]*seconds\{.*$/gm);
    };
    const { namespace, name } = object.metadata;
    const of = `namespace="${namespace}",project="${name}"`;
    const intervals = [
      `interval_seconds{${of},reads="pools"} 30`,
      `interval_seconds{${of},reads="workloads"} 90`,
    ];
    expect(await text(undefined)).toEqual([`last_sync_timestamp_seconds{${of}} 1`, ...intervals]);
    const certificates = new Map([['modelarts.example.com', 5_000]]);
    const known = { lastSyncAt: 2_000, failure: undefined, expirations: { certificates, token: 4_000 } };
    expect(await text({ ...known, lastInQueue: () => undefined })).toEqual([
      `last_sync_timestamp_seconds{${of}} 2`,
      ...intervals,
      `certificate_expiration_timestamp_seconds{${of},host="modelarts.example.com"} 5`,
      `token_expiration_timestamp_seconds{${of}} 4`,
    ]);
  });
});
