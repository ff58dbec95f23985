import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import type { CustomResourceDefinition } from '../../../src/api/kinds/custom-resource-definition.ts';
import { findBinaries } from '../../../tools/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../../tools/control-plane/control-plane.ts';
import { calmScenario } from '../../support/calm-scenario.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually, stays } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';

/** What the older CRD of each kind does not know. */
const unknown: Readonly<Record<string, readonly string[]>> = {
  ModelArtsProject: ['effective'],
  ModelArtsPool: ['nodes', 'allocated'],
  ModelArtsWorkload: ['accelerator'],
};

/** An apiserver of its own: no other test must meet these CRDs. */
describe('invariant 12 (Old CRDs do no harm)', () => {
  let controlPlane: ControlPlane;
  let stage: Stage;

  const apply = async (older: boolean): Promise<void> => {
    const folder = join(import.meta.dirname, '..', '..', '..', 'crds');
    const items = await Promise.all(
      (await readdir(folder)).map(async (file) => {
        const crd = parse(await readFile(join(folder, file), 'utf8')) as CustomResourceDefinition & {
          spec: { versions: { additionalPrinterColumns?: { jsonPath: string }[] }[] };
        };
        const [version] = crd.spec.versions as unknown as [
          {
            schema: { openAPIV3Schema: { properties: { status: { properties: Record<string, unknown> } } } };
          },
        ];
        if (older) {
          for (const field of unknown[crd.spec.names.kind] ?? [])
            delete version.schema.openAPIV3Schema.properties.status.properties[field];
        }
        return crd;
      }),
    );
    const { kubectl } = testCluster(controlPlane.kubeconfigPath);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    expect(await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], list)).toMatchObject({
      code: 0,
    });
    expect(
      await kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', '-'], list),
    ).toMatchObject({ code: 0 });
  };

  const outdated = async (): Promise<Record<string, number>> => {
    const metric = await stage.operator.metrics.registry
      .getSingleMetric('modelarts_operator_crd_outdated')!
      .get();
    return Object.fromEntries(metric.values.map(({ labels, value }) => [String(labels['kind']), value]));
  };

  beforeAll(async () => {
    controlPlane = await startControlPlane({ binaries: await findBinaries(() => undefined) });
    await apply(true);
    stage = await Stage.open({ scenario: calmScenario(['a', 'b']), kubeconfig: controlPlane.kubeconfigPath });
    await stage.connect({
      spec: { polling: { poolInterval: '1s', workloadInterval: '1s', maxStaleness: '1h' } },
    });
  });
  afterEach(() => stage.check());
  afterAll(async () => {
    await stage.close();
    await controlPlane.stop();
  });

  it('writes what the apiserver keeps, and nothing again and again', async () => {
    expect((await stage.cluster.pools.get('a')).status).toMatchObject({ phase: 'Running' });
    expect((await stage.cluster.pools.get('a')).status).not.toHaveProperty('allocated');
    // The Events about the CRDs may still be on their way.
    await stage.atRest();
    const [writes, versions] = [await stage.writes(), await stage.cluster.versions()];
    await stays(async () => (await stage.writes()) === writes, { for: 1_500 });
    expect(await stage.cluster.versions()).toEqual(versions);
  });

  it('still mirrors what changes', async () => {
    stage.simulator.world.finishJob({ pool: 'a', job: 'a-running', outcome: 'Failed' });
    stage.simulator.world.setPhase({ pool: 'b', phase: 'Error', message: 'broken' });
    await eventually(async () => {
      expect((await stage.cluster.workloads.get('a-running')).status?.phase).toBe('Failed');
      expect((await stage.cluster.pools.get('b')).status).toMatchObject({
        phase: 'Error',
        message: 'broken',
      });
    });
  });

  it('says so with one Warning a kind that names the command, and with the metric', async () => {
    expect(await outdated()).toMatchObject({ project: 1, pool: 1, workload: 1 });
    await eventually(async () => {
      const events = (await stage.cluster.events.all()).filter(({ reason }) => reason === 'CRDOutdated');
      expect(events.map(({ type, regarding }) => `${type} ${regarding.kind}`).sort()).toEqual([
        'Warning ModelArtsPool',
        'Warning ModelArtsProject',
        'Warning ModelArtsWorkload',
      ]);
      for (const { note, regarding } of events) {
        expect(note).toContain('modelarts-operator crds | kubectl apply');
        expect(note).toContain(unknown[regarding.kind]![0]);
      }
    });
  });

  it('has all of it with the newer CRDs and a restart', async () => {
    await apply(false);
    await stage.restart();
    await eventually(async () => {
      expect((await stage.cluster.pools.get('a')).status).toMatchObject({ nodes: { available: 1 } });
      expect((await stage.cluster.projects.get('demo')).status).toMatchObject({
        effective: { poolInterval: '1s' },
      });
      expect((await stage.cluster.workloads.get('a-queued')).status).toHaveProperty('accelerator');
    });
    expect(await outdated()).toMatchObject({ project: 0, pool: 0, workload: 0 });
  });
});
