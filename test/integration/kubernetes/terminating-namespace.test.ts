import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { findBinaries } from '../../../tools/control-plane/binaries.ts';
import { startControlPlane, type ControlPlane } from '../../../tools/control-plane/control-plane.ts';
import { calmScenario } from '../../support/calm-scenario.ts';
import { testCluster } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { installCRDsIn } from '../../support/install-crds.ts';
import { Stage } from '../../support/stage.ts';

/** A control plane of its own, in which nobody empties a namespace that is to go: it stays as it is for as long as it is looked at. */
describe('in a namespace that is being terminated', () => {
  let controlPlane: ControlPlane;
  let stage: Stage;

  beforeAll(async () => {
    controlPlane = await startControlPlane({
      binaries: await findBinaries(() => undefined),
      controllers: ['garbage-collector-controller'],
    });
    const kubeconfig = controlPlane.kubeconfigPath;
    await installCRDsIn(testCluster(kubeconfig));
    stage = await Stage.open({ scenario: calmScenario(['a']), kubeconfig });
    await stage.connect();
  });
  afterAll(async () => {
    await stage.close();
    await controlPlane.stop();
  });

  it('an Event that is refused is no right that the operator lacks', async () => {
    const dropped = (): Record<string, unknown>[] =>
      stage.operator.log.filter(({ message }) => message === 'An event was not written.');
    expect(dropped()).toEqual([]);
    await stage.kubectl(['delete', 'namespace', stage.namespace, '--wait=false']);
    stage.simulator.act({ setPhase: { pool: 'a', phase: 'Abnormal' } });
    await eventually(async () => expect((await stage.pool('a'))?.status?.phase).toBe('Abnormal'));
    await eventually(() => dropped().length > 0);
    expect(dropped()).toEqual(
      dropped().map(() =>
        expect.objectContaining({
          level: 'debug',
          why: 'Refused',
          error: expect.objectContaining({
            code: 403,
            message: expect.stringContaining('because it is being terminated'),
          }),
        }),
      ),
    );
  });
});
