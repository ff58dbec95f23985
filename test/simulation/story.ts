import type { ModelArtsProjectSpec } from '../../src/api/kinds/modelarts-project.ts';
import type { Scenario } from '../../src/simulator/schema.ts';
import { actionKinds, type ActionKind } from './actions.ts';
import { drawsOf, type Draws } from './draws.ts';
import { requestFaults, upstreamFaults, watchFaults, type FaultRates } from './faults.ts';
import { sizes, type Size } from './sizes.ts';
import { somePool } from './some-pool.ts';

export interface ProjectStory {
  /** Of the ModelArtsProject, and of its Secret. */
  readonly name: string;
  readonly projectID: string;
  readonly credential: 'token' | 'aksk' | 'password';
  readonly confirmations: number;
  readonly spec: ModelArtsProjectSpec;
  readonly secret: Readonly<Record<string, string>>;
}

/** Something that happens to the world, the cluster, a process or the network. */
export interface PlannedAction {
  /** As Faults knows it. */
  readonly id: string;
  readonly at: number;
  readonly kind: ActionKind;
  /** Its own chances, by number. */
  readonly n: number;
}

/** One run, as far as it is decided before it begins. */
export interface Story {
  readonly seed: number;
  readonly namespace: string;
  /** One process without a lease, several of which one leads, or several that share the projects. */
  readonly sharing: 'alone' | 'led' | 'sharded';
  readonly size: Size;
  readonly replicas: number;
  readonly projects: readonly ProjectStory[];
  readonly scenario: Scenario;
  readonly rates: FaultRates;
  readonly actions: readonly PlannedAction[];
  /** How long things go wrong. */
  readonly chaosMs: number;
  /** Whether the operator must be quiet when everything is over. */
  readonly endsQuietly: boolean;
  /** After which everything is read again, whatever the lists say. */
  readonly maxStalenessMs: number;
  readonly rateLimit: { readonly requestsPerSecond: number; readonly burst: number };
  /** What must stand nowhere. */
  readonly secrets: readonly string[];
}

/** The oracle's own, which no fault reaches. */
export const oracleToken = 'token-of-the-oracle';
export const endpoint = 'https://modelarts.example.com';

/** Shards are twice the processes and projects, which takes thrice the time. */
const shareOfSharded = 1 / 12;
const shareOfLarge = 1 / 12;
/** By then an undisturbed operator has read everything once. */
const firstActionMs = 2_000;

/** Mostly things of one sort go wrong: where everything does at once, nothing gets far enough to break. */
export function storyOf(seed: number): Story {
  const draws = drawsOf(seed, 'story');
  const size = draws.chance(shareOfLarge) ? sizes.large : sizes.small;
  const sharing = draws.chance(shareOfSharded) ? 'sharded' : draws.pick(['alone', 'led'] as const);
  const rateLimit = draws.pick([
    { requestsPerSecond: 5, burst: 10 },
    { requestsPerSecond: 20, burst: 5 },
  ]);
  const maxStalenessMs = draws.pick(size.maxStaleness) * 1000;
  const projects = Array.from({ length: sharing === 'sharded' ? 2 : 1 }, (_, i) =>
    project(i, { size, rateLimit, maxStalenessMs }, draws),
  );
  const chaosMs = draws.pick(size.chaos) * 1000;
  return {
    seed,
    namespace: 'team',
    sharing,
    size,
    replicas: sharing === 'alone' ? 1 : 2,
    projects,
    scenario: scenario({ seed, size }, projects, draws),
    rates: {
      apiserver: { rate: rate(draws), kinds: some(requestFaults, draws) },
      watch: { rate: draws.pick([0, 0.2, 0.6]), kinds: some(watchFaults, draws) },
      upstream: { rate: rate(draws), kinds: some(upstreamFaults, draws) },
    },
    actions: actions({ size, chaosMs }, draws),
    chaosMs,
    endsQuietly: draws.chance(size.quietShare),
    maxStalenessMs,
    rateLimit,
    secrets: projects
      .flatMap(({ secret }) => Object.values(secret))
      .filter((text) => text.startsWith('secret-')),
  };
}

const rate = (draws: Draws): number => draws.pick([0, 0.01, 0.05, 0.15, 0.4]);

function some<T>(items: readonly T[], draws: Draws): T[] {
  const share = draws.pick([0.2, 0.5, 1]);
  return items.filter(() => draws.chance(share));
}

function actions({ size, chaosMs }: Pick<Story, 'size' | 'chaosMs'>, draws: Draws): PlannedAction[] {
  const kinds = some(actionKinds, draws);
  const drawn = Array.from({ length: kinds.length === 0 ? 0 : draws.whole(0, size.mostActions) }, () =>
    draws.pick(kinds),
  );
  // What the strictest rules are about happens often.
  const sure = (['removePool', 'removeJob'] as const).filter(() => draws.chance(0.5));
  return [...drawn, ...sure].map((kind, n) => ({
    id: `action#${n}:${kind}`,
    at: draws.between(firstActionMs, chaosMs),
    kind,
    n,
  }));
}

function project(
  i: number,
  { size, rateLimit, maxStalenessMs }: Pick<Story, 'size' | 'rateLimit' | 'maxStalenessMs'>,
  draws: Draws,
): ProjectStory {
  const name = `p${i}`;
  const projectID = name.padStart(32, '0');
  const credential = draws.pick(['token', 'token', 'aksk', 'password'] as const);
  const confirmations = draws.whole(1, 3);
  const extras = draws.chance(0.2) ? 'Auto' : 'Disabled';
  const spec: ModelArtsProjectSpec = {
    endpoint,
    projectID,
    credentials: {
      secretRef: { name },
      ...(credential === 'password' && { iamEndpoint: endpoint }),
    },
    polling: {
      poolInterval: `${draws.pick(size.intervals)}s`,
      workloadInterval: `${draws.pick(size.intervals)}s`,
      maxStaleness: `${maxStalenessMs / 1000}s`,
    },
    rateLimit,
    resourceSpecs: { mode: extras },
    trainingJobVersions: { mode: extras },
    deletion: { confirmations, maxPercent: draws.pick([50, 100]) },
    workloads: { history: { ttl: '8760h', minRetention: '1s' } },
  };
  return { name, projectID, credential, confirmations, spec, secret: secretOf(credential, name) };
}

function secretOf(credential: ProjectStory['credential'], name: string): Record<string, string> {
  switch (credential) {
    case 'token':
      return { token: `secret-token-of-${name}` };
    case 'aksk':
      return { accessKeyID: `AKID${name.toUpperCase()}`, secretAccessKey: `secret-key-of-${name}` };
    case 'password':
      return { username: 'operator', password: `secret-password-of-${name}`, domainName: 'EXAMPLE-DOMAIN' };
  }
}

function scenario(
  { seed, size }: Pick<Story, 'seed' | 'size'>,
  projects: readonly ProjectStory[],
  draws: Draws,
): Scenario {
  return {
    seed,
    projects: projects.map(({ name, projectID, secret }) => ({
      id: projectID,
      tokens: [oracleToken, ...(secret['token'] === undefined ? [] : [secret['token']])],
      users: [{ name: 'operator', password: secret['password'] ?? 'nobody knows it' }],
      ...(secret['accessKeyID'] !== undefined && {
        keys: [{ accessKey: secret['accessKeyID'], secretKey: secret['secretAccessKey'] ?? '' }],
      }),
      tokenLifetime: draws.pick(size.tokenLifetimes),
      pools: Array.from({ length: draws.pick(size.pools) }, (_, i) => somePool(`${name}-pool-${i}`, draws)),
    })),
  };
}
