import { setTimeout as sleep } from 'node:timers/promises';

import type { SeededRandom } from '../../../src/simulator/seeded-random.ts';
import { upstreamFaults } from '../../support/upstream-faults.ts';
import type { RealParts } from './real-parts.ts';

export interface Disturbed {
  readonly parts: RealParts;
  readonly random: SeededRandom;
  /** Kills an operator with SIGKILL and starts another. */
  killOperator(): Promise<void>;
}

/** Makes something go wrong, for a while, and puts it right again. */
export interface Disturbance {
  readonly name: string;
  run(disturbed: Disturbed): Promise<void>;
}

/** Milliseconds that a thing stays broken. */
const aWhile = ({ random }: Disturbed): Promise<unknown> => sleep(random.integer(200, 3_000));

const upstream = (name: string, faults: number): Disturbance => ({
  name,
  run: async (disturbed) => {
    const { parts, random } = disturbed;
    const rules = Array.from({ length: faults }, () => random.pick(upstreamFaults)?.[1] ?? {});
    await parts.modelArts.fault(rules);
    await aWhile(disturbed);
    await aWhile(disturbed);
    await parts.modelArts.heal();
  },
});

export const disturbances: readonly Disturbance[] = [
  { name: 'the operator is killed', run: ({ killOperator }) => killOperator() },
  {
    name: 'kube-apiserver is killed',
    run: async (disturbed) => {
      const { controlPlane } = disturbed.parts;
      await controlPlane.apiserver.kill('SIGKILL');
      await aWhile(disturbed);
      await controlPlane.start();
    },
  },
  {
    name: 'etcd is killed',
    run: async (disturbed) => {
      const { controlPlane } = disturbed.parts;
      await controlPlane.etcd.kill('SIGKILL');
      await aWhile(disturbed);
      await controlPlane.start();
    },
  },
  {
    name: 'kube-apiserver freezes',
    run: async (disturbed) => {
      const { apiserver } = disturbed.parts.controlPlane;
      apiserver.signal('SIGSTOP');
      await aWhile(disturbed);
      apiserver.signal('SIGCONT');
    },
  },
  { name: 'connections are cut', run: async ({ parts }) => parts.way.cut() },
  {
    name: 'the network is away',
    run: async (disturbed) => {
      const { way } = disturbed.parts;
      way.refuse(true);
      way.cut();
      await aWhile(disturbed);
      way.refuse(false);
    },
  },
  {
    name: 'the network swallows what is said',
    run: async (disturbed) => {
      const { way } = disturbed.parts;
      way.stall(true);
      await aWhile(disturbed);
      way.stall(false);
      // What was swallowed is missing from the stream: TLS would not bear it, and no network gives such a connection back.
      way.cut();
    },
  },
  {
    name: 'the network is slow',
    run: async (disturbed) => {
      const { way } = disturbed.parts;
      way.slow(disturbed.random.integer(50, 500));
      await aWhile(disturbed);
      await aWhile(disturbed);
      way.slow(0);
    },
  },
  upstream('ModelArts errs', 1),
  upstream('ModelArts errs in two ways', 2),
];
