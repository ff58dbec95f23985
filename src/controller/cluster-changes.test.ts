import { beforeEach, describe, expect, it } from '@jest/globals';

import { MemoryCluster, namespace } from '../../test/support/memory-cluster.ts';
import { ClusterChanges } from './cluster-changes.ts';

describe('what a change in the cluster asks for', () => {
  let cluster: MemoryCluster;
  let asked: string[];

  beforeEach(() => {
    cluster = new MemoryCluster();
    asked = [];
    cluster.project();
    new ClusterChanges({
      owns: () => true,
      stores: cluster,
      work: {
        add: (key, priority = 'normal') => asked.push(`${priority} ${key}`),
        addAfter: () => undefined,
      },
      running: () => undefined,
    }).listen();
    asked = [];
  });

  it.each([
    ['changes its spec', () => cluster.project({ suspend: true })],
    [
      'asks for a read',
      () => cluster.project({}, { 'modelarts-operator.dev/reconcile-requested-at': 'now' }),
    ],
    ['releases deletions', () => cluster.project({}, { 'modelarts-operator.dev/confirm-deletion': 'abc' })],
    ['removes it', () => cluster.projects.remove(cluster.project())],
  ])('comes first where a person %s', (_, change) => {
    change();
    expect(asked.at(-1)).toMatch(/^high project/);
  });

  it('waits its turn where it is our own status', () => {
    const project = cluster.projects.objects.get(`${namespace}/vision`)!;
    cluster.projects.apply({ ...project, status: { observedGeneration: 1 } });
    expect(asked).toEqual([expect.stringMatching(/^normal project/)]);
  });
});
