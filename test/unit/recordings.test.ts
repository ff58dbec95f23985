import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import type { Condition } from '../../src/api/kinds/condition.ts';
import type { ModelArtsProjectSpec } from '../../src/api/kinds/modelarts-project.ts';
import { QueueWorkLoop } from '../../src/cli/assembly/queue-work-loop.ts';
import { groupOf } from '../../src/controller/keys.ts';
import { WorkQueue } from '../../src/kubernetes/work-queue.ts';
import { ModelArtsClients } from '../../src/modelarts/client.ts';
import type { Runtime } from '../../src/runtime/clock.ts';
import { readRecording, type Recording } from '../../src/simulator/replay-recording.ts';
import { startReplay } from '../../src/simulator/replay-server.ts';
import { fastRuntime } from '../support/fast-runtime.ts';
import { MemoryCluster } from '../support/memory-cluster.ts';

/**
 * What was recorded where something went wrong, and the mirrors that come of it. A report becomes a test by its file
 * alone: NAME.jsonl, beside it NAME.yaml where the spec of its ModelArtsProject matters, and a snapshot (jest -u).
 */
const folder = join(import.meta.dirname, '..', 'fixtures', 'recordings');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.slice(0, -'.jsonl'.length));

/** So fast that all is over when the second request comes: the failures first, and then the last of each answer. */
const speed = 1e6;

describe('the operator on a recording', () => {
  let cluster: MemoryCluster;
  beforeEach(() => {
    cluster = new MemoryCluster();
  });
  afterEach(() => cluster.stop());

  it.each(names)('makes these mirrors: %s', async (name) => {
    const recording = await readRecording(readFileSync(join(folder, `${name}.jsonl`), 'utf8').split('\n'));
    const runtime = runtimeOf(recording);
    const unrecorded: string[] = [];
    const { exchanges } = recording;
    const onUnrecorded = (request: string): unknown => unrecorded.push(request);
    const server = await startReplay({ clock: runtime, exchanges, speed, onUnrecorded });
    try {
      const ids = [...new Set(exchanges.map(({ path }) => path.split('/')[2] ?? ''))];
      for (const projectID of ids)
        cluster.project({ ...specOf(name, recording), endpoint: server.url, projectID });
      const operator = cluster.start({
        runtime,
        work: new QueueWorkLoop(new WorkQueue({ runtime, group: groupOf }), 4),
        modelarts: new ModelArtsClients({ runtime, endpoints: { allowLocal: true } }),
      });
      await operator.sync(AbortSignal.timeout(20_000));
    } finally {
      await cluster.stop();
      await server.stop();
    }
    expect(unrecorded).toEqual([]);
    expect(mirrors(cluster)).toMatchSnapshot();
  });
});

/** The time of the recording, and waits that are over soon. */
function runtimeOf({ startedAt }: Recording): Runtime {
  const fast = fastRuntime({ speed: 20 });
  const began = fast.monotonic();
  return { ...fast, now: () => Math.floor(Date.parse(startedAt) + fast.monotonic() - began) };
}

/** What was asked for says what the project had wanted. */
function specOf(name: string, { exchanges }: Recording): Partial<ModelArtsProjectSpec> {
  const has = (end: string): boolean => exchanges.some(({ path }) => path.endsWith(end));
  const asked = exchanges.map(({ query }) => new URLSearchParams(query).get('workspaceId'));
  const named = [...new Set(asked.filter((id) => id !== null))];
  const file = join(folder, `${name}.yaml`);
  return {
    rateLimit: { requestsPerSecond: 1000, burst: 1000 },
    discovery: { workspaces: has('/workspaces') ? ['*'] : named },
    resourceSpecs: { mode: has('/job/resource-specs') ? 'Auto' : 'Disabled' },
    trainingJobVersions: { mode: has('/training-jobs/versions') ? 'Auto' : 'Disabled' },
    ...(existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Partial<ModelArtsProjectSpec>) : {}),
  };
}

interface Shown {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
  readonly status?: { readonly conditions?: readonly Condition[] };
}

/** All but what tells when it was written. */
function mirrors({ projects, pools, workloads, resourceSpecs }: MemoryCluster): unknown {
  const objects = [projects, pools, workloads, resourceSpecs].flatMap((store) => [
    ...(store.objects as ReadonlyMap<string, Shown>).values(),
  ]);
  return objects
    .map(({ kind, metadata, spec, status: { conditions = [], ...status } = {} }) => ({
      kind,
      name: metadata.name,
      ...(kind !== 'ModelArtsProject' && { spec }),
      status: withoutTimes(status),
      conditions: conditions.map(
        ({ type, status, reason, message }) => `${type}=${status}/${reason}: ${message}`,
      ),
    }))
    .sort((a, b) => (`${a.kind}/${a.name}` < `${b.kind}/${b.name}` ? -1 : 1));
}

function withoutTimes(status: object): object {
  return Object.fromEntries(
    Object.entries(status).filter(([key]) => !['lastSyncTime', 'observedGeneration'].includes(key)),
  );
}
