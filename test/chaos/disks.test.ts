import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { systemRuntime } from '../../src/runtime/system.ts';
import { demoProjectID } from '../../src/simulator/scenarios/demo.ts';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { buildBundle, type Bundle } from '../support/bundle.ts';
import { calmScenario } from '../support/calm-scenario.ts';
import { clusterObjects, said } from '../support/cluster-objects.ts';
import { testCluster } from '../support/control-plane.ts';
import { eventually } from '../support/eventually.ts';
import { Program } from '../support/program.ts';
import { projectObjects } from './support/real-parts.ts';

/** How this machine lets us mount something that only one process sees; undefined where it does not. */
const unshare = [
  ['unshare', '-m'],
  ['unshare', '-rm'],
].find((command) => {
  try {
    execFileSync(command[0]!, [...command.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]);
    return true;
  } catch {
    return false;
  }
});
if (unshare === undefined)
  process.stderr.write('skipped: disks that are full or read-only, because nothing can be mounted here\n');
if (!existsSync('/dev/full'))
  process.stderr.write('skipped: a recording onto a full device, because there is no /dev/full\n');
const whereMountable = unshare === undefined ? it.skip : it;
const whereFullDevice = existsSync('/dev/full') ? it : it.skip;

const ended = /The recording ended: it cannot be written\. The operator goes on without it\./g;

/** Its own disk is full or cannot be written: a pod with `readOnlyRootFilesystem`, and one whose volume has filled up. */
describe('an operator on a bad disk', () => {
  const { kubeconfig, kubectl, uniqueNamespace } = testCluster();
  let bundle: Bundle;
  let simulator: Simulator;
  let home: string;

  beforeAll(async () => {
    bundle = await buildBundle();
    home = await mkdtemp(join(tmpdir(), 'modelarts-operator-home-'));
    simulator = await startSimulator({ runtime: systemRuntime, scenario: calmScenario(['a', 'b']) });
  });
  afterAll(async () => {
    await simulator.stop();
    await rm(home, { recursive: true });
    await bundle.remove();
  });

  /** What it said, when it has mirrored everything and ended as it was told to. */
  async function mirrorsAll(flags: readonly string[], around: readonly string[] = []): Promise<string> {
    const namespace = await uniqueNamespace('disk');
    const cluster = clusterObjects(kubeconfig, namespace);
    const project = { name: 'demo', projectID: demoProjectID };
    const spec = { polling: { poolInterval: '1s', workloadInterval: '1s' } };
    await kubectl(
      ['apply', '-n', namespace, '-f', '-'],
      projectObjects(namespace, simulator.url, [project], spec),
    );
    const [file, ...args] = [
      ...around,
      ...[process.execPath, bundle.file, 'run', `--kubeconfig=${kubeconfig}`, `--namespace=${namespace}`],
      ...['--allow-local-endpoints', '--metrics-bind-address=0', '--health-probe-bind-address=0'],
      ...flags,
    ];
    const program = new Program([file!, ...args], {
      cwd: home,
      env: { HOME: home, PATH: process.env['PATH']! },
    });
    try {
      await eventually(async () => {
        const { status } = await cluster.projects.get('demo');
        expect(said({ status: status! }, 'Synced')).toBe('True/ReadComplete');
        expect(status).toMatchObject({ pools: 2, workloads: 6 });
      });
      program.kill('SIGTERM');
      const { code, stderr } = await program.ended;
      expect(`${code} ${stderr.includes('"level":"error"')}`).toBe('0 false');
      return stderr;
    } finally {
      program.kill('SIGKILL');
      await cluster.close();
      await kubectl(['delete', 'namespace', namespace, '--wait=false']);
    }
  }

  whereFullDevice('goes on when its recording cannot be written, and says so once', async () => {
    expect((await mirrorsAll(['--record=/dev/full'])).match(ended)).toHaveLength(1);
  });

  whereMountable('goes on when the disk of its recording fills up, and says so once', async () => {
    const script = 'mount -t tmpfs -o size=4k tmpfs "$HOME" && exec "$@"';
    const log = await mirrorsAll([`--record=${home}/recording`], [...unshare!, 'sh', '-c', script, 'sh']);
    expect(log.match(ended)).toHaveLength(1);
  });

  whereMountable('needs no disk at all: everything is read-only, its home and /tmp too', async () => {
    const script = [
      'for at in / "$HOME" /tmp; do mount --bind "$at" "$at"; mount -o remount,bind,ro "$at" || exit 90; done',
      'for at in "$HOME" /tmp .; do touch "$at/written" 2>/dev/null && exit 91; done',
      'exec "$@"',
    ].join('\n');
    expect(await mirrorsAll([], [...unshare!, 'sh', '-c', script, 'sh'])).not.toMatch(/EROFS|read-only/i);
  });

  whereMountable('does not begin when its recording cannot be made, and says why', async () => {
    const script = 'mount -t tmpfs -o ro tmpfs "$HOME" && exec "$@"';
    const flags = [`--kubeconfig=${kubeconfig}`, `--record=${home}/recording`];
    const command = [process.execPath, bundle.file, 'run', ...flags];
    const [file, ...args] = [...unshare!, 'sh', '-c', script, 'sh', ...command];
    const program = new Program([file!, ...args], {
      cwd: home,
      env: { HOME: home, PATH: process.env['PATH']! },
    });
    const { code, stderr } = await program.ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`cannot write the recording ${home}/recording`),
    ]);
  });
});
