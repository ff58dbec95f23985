import type { Draws } from './draws.ts';
import { somePool } from './some-pool.ts';
import type { Stage } from './stage.ts';

export const actionKinds = [
  'addPool',
  'removePool',
  'removeSeveralPools',
  'addJob',
  'finishJob',
  'stopJob',
  'removeJob',
  'failNode',
  'upgradeDriver',
  'renamePool',
  'rotateSecret',
  'revokeTokens',
  'requestReconcile',
  'editStatus',
  'deleteMirror',
  'declarePool',
  'suspend',
  'changeSpec',
  'compact',
  'kill',
  'stop',
  'pause',
  'jumpClock',
  'apiserverDown',
  'upstreamDown',
] as const;
export type ActionKind = (typeof actionKinds)[number];

type Act = (stage: Stage, draws: Draws, n: number) => void;

/** What each does; nothing where there is nothing to do it to. */
const acts: Readonly<Record<ActionKind, Act>> = {
  addPool: (stage, draws, n) => {
    const { name, projectID } = draws.pick(stage.story.projects);
    stage.world.addPool({ project: projectID, pool: somePool(`${name}-new-${n}`, draws) });
  },
  removePool: (stage, draws) => {
    const pool = stage.somePool(draws);
    if (pool !== undefined) stage.world.removePool({ pool, gradually: draws.chance(0.3) });
  },
  removeSeveralPools: (stage, draws) => {
    for (let i = 0; i < 3; i++) acts.removePool(stage, draws, i);
  },
  addJob: (stage, draws, n) => {
    const pool = stage.somePool(draws);
    if (pool !== undefined)
      stage.world.addJob({ pool, job: { uid: `${pool.replace('/', '-')}-late-${n}`, name: `late-${n}` } });
  },
  finishJob: (stage, draws) =>
    stage.withJob(draws, (pool, job) =>
      stage.world.finishJob({ pool, job, outcome: draws.pick(['Completed', 'Failed'] as const) }),
    ),
  stopJob: (stage, draws) => stage.withJob(draws, (pool, job) => stage.world.stopJob({ pool, job })),
  removeJob: (stage, draws) => stage.withJob(draws, (pool, job) => stage.world.removeJob({ pool, job })),
  failNode: (stage, draws) => {
    const pool = stage.somePool(draws);
    if (pool !== undefined && stage.nodesOf(pool) > 0) stage.world.failNode({ pool });
  },
  upgradeDriver: (stage, draws) => {
    const pool = stage.somePool(draws);
    if (pool !== undefined)
      stage.world.upgradeDriver({
        pool,
        kind: 'gpu',
        version: '535.1',
        strategy: draws.pick(['force', 'idle'] as const),
      });
  },
  renamePool: (stage, draws, n) => {
    const pool = stage.somePool(draws);
    if (pool !== undefined) stage.world.updatePool({ pool, set: { name: `renamed-${n}` } });
  },
  rotateSecret: (stage, draws, n) => stage.rotateSecret(draws.pick(stage.story.projects), n),
  revokeTokens: (stage, draws, n) => {
    const project = draws.pick(stage.story.projects);
    stage.revokeTokens(project);
    // Whoever gave the token out gives out another one, a while later.
    stage.later(aWhile(stage, draws, 60_000), () => stage.rotateSecret(project, n));
  },
  requestReconcile: (stage, draws, n) =>
    stage.patch('modelartsprojects', draws.pick(stage.story.projects).name, {
      metadata: { annotations: { 'modelarts-operator.dev/reconcile-requested-at': `request-${n}` } },
    }),
  editStatus: (stage, draws) => {
    const resource = draws.pick(['modelartspools', 'modelartsworkloads'] as const);
    const object = stage.someObject(resource, draws);
    if (object !== undefined)
      stage.patch(resource, object, { status: { phase: 'Edited', type: 'by hand' } }, 'status');
  },
  deleteMirror: (stage, draws) => {
    const resource = draws.pick(['modelartspools', 'modelartsworkloads'] as const);
    const object = stage.someObject(resource, draws);
    if (object !== undefined) stage.request('DELETE', resource, object);
  },
  declarePool: (stage, draws) => {
    const project = draws.pick(stage.story.projects);
    const poolName = stage.somePool(draws)?.split('/')[1];
    if (poolName?.startsWith(project.name) === true)
      stage.request('POST', 'modelartspools', '', {
        metadata: { name: `declared-${poolName}`, namespace: stage.story.namespace },
        spec: { projectRef: { name: project.name }, poolName },
      });
  },
  suspend: (stage, draws) => {
    const { name } = draws.pick(stage.story.projects);
    stage.patch('modelartsprojects', name, { spec: { suspend: true } });
    stage.later(aWhile(stage, draws, 60_000), () =>
      stage.patch('modelartsprojects', name, { spec: { suspend: false } }),
    );
  },
  changeSpec: (stage, draws) =>
    stage.patch('modelartsprojects', draws.pick(stage.story.projects).name, {
      spec: { polling: { maxStaleness: `${stage.story.maxStalenessMs / 1000 + draws.pick([-2, 1, 5])}s` } },
    }),
  compact: (stage, draws) => stage.apiserver.storage.compact(draws.pick([0, 0, 10])),
  kill: (stage, draws) => stage.kill(draws.next(), draws.between(0, 30_000)),
  stop: (stage, draws) => stage.stop(draws.next()),
  pause: (stage, draws) => stage.processAt(draws.next())?.pause(draws.pick(stage.story.size.pauses) * 1000),
  jumpClock: (stage, draws) =>
    stage.processAt(draws.next())?.skew(draws.pick([-7_200_000, -60_000, 30_000, 7_200_000])),
  apiserverDown: (stage, draws) =>
    stage.weather.down('apiserver', aWhile(stage, draws, 60_000), stage.onlySometimes(draws)),
  upstreamDown: (stage, draws) =>
    stage.weather.down('upstream', aWhile(stage, draws, 120_000), stage.onlySometimes(draws)),
};

/** In milliseconds. */
function aWhile({ story }: Stage, draws: Draws, most: number): number {
  return draws.between(1_000, Math.min(most, story.size.longestTrouble * 1000));
}

export function perform(kind: ActionKind, stage: Stage, draws: Draws, n: number): void {
  acts[kind](stage, draws, n);
}
