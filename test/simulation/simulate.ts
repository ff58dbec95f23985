import type { ModelArtsPool } from '../../src/api/kinds/modelarts-pool.ts';
import type { ModelArtsWorkload } from '../../src/api/kinds/modelarts-workload.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { snapshot } from '../../src/simulator/snapshot.ts';
import type { StoredObject } from './apiserver/objects.ts';
import { Stage, type Mutation } from './stage.ts';
import { storyOf, type ProjectStory, type Story } from './story.ts';
import { Trace } from './trace.ts';
import { TruthReader } from './truth-reader.ts';
import type { Violation } from './violation.ts';
import { said } from './write-rules.ts';

export interface SimulationOptions {
  readonly seed: number;
  /** Only these faults and actions strike. Default: all that the seed draws. */
  readonly allowed?: ReadonlySet<string> | undefined;
  readonly mutation?: Mutation | undefined;
  /** Told of each event, and of what the operator logs. */
  readonly say?: ((line: string) => void) | undefined;
}

export interface Outcome {
  readonly seed: number;
  readonly story: Story;
  readonly violations: readonly Violation[];
  /** Equal for equal histories. */
  readonly hash: string;
  /** What went wrong or was done, in order. */
  readonly struck: readonly string[];
  readonly events: number;
  /** Virtual milliseconds, in all and from the end of the faults until all mirrors were right. */
  readonly elapsedMs: number;
  readonly recoveredMs: number;
}

/** The credential's five minutes, eight intervals of back-off, the longest that a silent watch goes on, and some air. */
const longestRecoveryMs = 20 * 60_000;
const lookMs = 5_000;
/** What follows at once from the last read. */
const briefMs = 5_000;
/** What was still on its way when all mirrors were right. */
const settlingMs = 30_000;
/** The longest that a reflector waits before it tries again (`src/kubernetes/reflector.ts`), and some air. */
const longestWaitMs = 75_000;
/** A world that moves on for longer is not waited for. */
const mostQuietTries = 10;

/** Runs a seed to its end, or to the first broken invariant. */
export async function simulate(options: SimulationOptions): Promise<Outcome> {
  const { seed, allowed, mutation, say } = options;
  const drawn = storyOf(seed);
  const story = mutation?.provoke?.(drawn) ?? drawn;
  const trace = new Trace(say);
  const stage = new Stage({ story, trace, log: loggerTo(say), allowed, mutation });
  const { scheduler, verdict } = stage;
  const broken = (): boolean => verdict.broken;
  const pass = (ms: number): Promise<void> => scheduler.run(scheduler.now + ms, broken);

  stage.begin();
  await pass(story.chaosMs);
  const healedAt = scheduler.now;
  if (!verdict.broken) {
    stage.heal();
    // Who wakes up or acts later than that gives much to write.
    await pass(Math.max(0, stage.unsettledUntil - scheduler.now));
    await recover(stage, pass);
  }
  const recoveredMs = scheduler.now - healedAt;
  if (story.endsQuietly && !verdict.broken) await beQuiet(stage, pass);
  return {
    seed,
    story,
    violations: verdict.violations,
    hash: trace.hash,
    struck: stage.faults.struck,
    events: scheduler.events,
    elapsedMs: scheduler.now,
    recoveredMs,
  };
}

type Pass = (ms: number) => Promise<void>;

/** Invariants 2 and 7: whatever happened, the mirrors end as a fresh read. */
async function recover(stage: Stage, pass: Pass): Promise<void> {
  const { scheduler, verdict } = stage;
  const until = scheduler.now + longestRecoveryMs;
  for (;;) {
    await pass(lookMs);
    if (verdict.broken) return;
    confirmDeletions(stage);
    const { hanging } = stage.weather;
    const wrong = hanging > 0 ? [`${hanging} requests were never given up`] : await whatIsWrong(stage);
    if (wrong.length === 0) return;
    verdict.must(scheduler.now < until, 'Faithful', () => wrong.join('\n'));
  }
}

/**
 * Invariant 1. Most operators are quiet at once; one that is not is judged when it had the time it may take: until a cache
 * is whole again, what is written from it is refused, and what a fault put off is still done.
 */
async function beQuiet(stage: Stage, pass: Pass): Promise<void> {
  const { oracle, scheduler, verdict } = stage;
  const settledAt = Math.max(scheduler.now + settlingMs, stage.unsettledUntil + longestWaitMs);
  let before = worldOf(stage);
  await pass(briefMs);
  for (let tries = 0; tries < mostQuietTries && !verdict.broken; tries++) {
    const settled = scheduler.now >= settledAt;
    oracle.beginQuiet();
    await pass(stage.story.maxStalenessMs + stage.story.size.beyondStaleness * 1000);
    const breaches = oracle.endQuiet();
    if (verdict.broken) return;
    const after = worldOf(stage);
    if (after !== before || (breaches.length > 0 && !settled)) {
      // What moved on is waited for no longer than this window; what an operator owes, until it can have paid.
      await pass(after === before ? Math.max(settlingMs, settledAt - scheduler.now) : briefMs);
      before = worldOf(stage);
      continue;
    }
    for (const breach of breaches) verdict.must(false, 'Quiet', () => breach);
    const wrong = await whatIsWrong(stage);
    verdict.must(wrong.length === 0, 'Faithful', () => wrong.join('\n'));
    return;
  }
}

/** Everything that is so in ModelArts but the time, and the tokens that were given out. */
function worldOf({ simulation }: Stage): string {
  simulation.catchUp();
  const { projects } = snapshot(simulation.world, { jobs: true });
  return JSON.stringify(projects, (key, value: unknown) => (key === 'tokens' ? undefined : value));
}

/** Read from ModelArts only where nothing is plainly wrong: a whole read costs as much as a second of the run. */
async function whatIsWrong(stage: Stage): Promise<string[]> {
  const plain = plainlyWrong(stage);
  if (plain.length > 0) return plain;
  const reader = new TruthReader(stage);
  const wrong: string[] = [];
  for (const project of stage.story.projects)
    wrong.push(
      ...(await reader.differences(project, {
        pools: mirroredPools(stage, project),
        workloads: mirrorsOf(stage, 'modelartsworkloads', project) as ModelArtsWorkload[],
      })),
    );
  return wrong;
}

/** What projects say of themselves, and which pools have a mirror. */
function plainlyWrong(stage: Stage): string[] {
  const wrong: string[] = [];
  stage.simulation.catchUp();
  for (const project of stage.story.projects) {
    const object = stage.apiserver.storage.get('modelartsprojects', stage.story.namespace, project.name);
    for (const type of ['Ready', 'Synced']) {
      if (object === undefined) continue;
      const word = said(object, type);
      // A part that failed before everything healed is read again at its own turn.
      if (!word.startsWith('True/') || word === 'True/PartialFailure')
        wrong.push(`project ${project.name} says ${type} ${word}`);
    }
    const { pools } = stage.world.project(project.projectID);
    const mirrored = new Set(mirroredPools(stage, project).map(({ spec }) => spec.poolName));
    for (const pool of mirrored)
      if (!pools.has(pool)) wrong.push(`pool ${pool} is mirrored and is not there`);
    for (const pool of pools.keys()) if (!mirrored.has(pool)) wrong.push(`pool ${pool} has no mirror`);
  }
  return wrong;
}

function mirroredPools(stage: Stage, project: ProjectStory): ModelArtsPool[] {
  const pools = mirrorsOf(stage, 'modelartspools', project) as ModelArtsPool[];
  return pools.filter((pool) => !isDeclaredWithoutPool(pool));
}

function mirrorsOf(stage: Stage, resource: string, { name }: ProjectStory): StoredObject[] {
  return stage
    .objects(resource)
    .filter(({ spec }) => (spec as { projectRef: { name: string } }).projectRef.name === name)
    .filter((object) => said(object, 'Ready') !== 'False/Duplicate');
}

/** A person's declaration stays when its pool goes. */
function isDeclaredWithoutPool(pool: ModelArtsPool): boolean {
  const declared = pool.metadata.annotations?.['modelarts-operator.dev/discovered-by'] === undefined;
  return declared && said(pool as never, 'Ready') === 'False/PoolNotFound';
}

/** The person who is asked does what the condition's message says. */
function confirmDeletions(stage: Stage): void {
  for (const { status, metadata } of stage.objects('modelartsprojects')) {
    const token = /confirm-deletion=([0-9a-f]+)/.exec(JSON.stringify(status ?? {}))?.[1];
    if (token !== undefined)
      stage.patch('modelartsprojects', metadata.name, {
        metadata: { annotations: { 'modelarts-operator.dev/confirm-deletion': token } },
      });
  }
}

function loggerTo(say: SimulationOptions['say']): Logger {
  const line =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      say?.(`          ${level} ${message} ${JSON.stringify(fields, errorsAsText)}`);
  const log: Logger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: () => log,
  };
  return log;
}

function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
