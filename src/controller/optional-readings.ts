import type { Clock, Random } from '../runtime/clock.ts';
import type { TurnResult } from './cadence.ts';
import type { Connector } from './connection.ts';
import type { MirrorKey } from './keys.ts';
import { OptionalReading } from './optional-reading.ts';
import { resolveWorkspaces } from './pool-pass.ts';
import type { Logger } from './ports.ts';
import type { ProjectState } from './project-state.ts';
import type { SpecIdentity } from './resource-spec-observations.ts';
import { passOverResourceSpecs } from './resource-spec-pass.ts';
import { everyVersion, passOverVersions } from './version-pass.ts';
import { versionTwins } from './version-twins.ts';
import type { KnownWorkload } from './workload-observations.ts';

/** The mirrors of one project that these readings keep. */
export interface OptionalMirrors {
  resourceSpecs(): readonly SpecIdentity[];
  /** Of training-job versions, by version id. */
  versions(): ReadonlyMap<string, KnownWorkload>;
  /** Annotation modelarts-operator.dev/confirm-deletion. */
  confirmDeletion(): string | undefined;
}

export interface OptionalReadingsOptions {
  readonly state: ProjectState;
  readonly connector: Connector;
  readonly mirrors: OptionalMirrors;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Look at these again, and at the project. */
  readonly onMirrors: (keys: Iterable<MirrorKey>) => void;
}

/** New flavors are rare, and what one has does not change. Milliseconds. */
const flavorIntervalMs = 10 * 60_000;

/** All that is read of a project besides its pools and their workloads. None of it holds up another. */
export class OptionalReadings {
  readonly #options: OptionalReadingsOptions;
  readonly #flavors: OptionalReading;
  /** They were seen to be needed; from then on their own interval will do. */
  #flavorsWanted = false;
  /** All but the flavors, which are only asked for where runtime metrics do not do. */
  readonly #others: readonly OptionalReading[];

  constructor(options: OptionalReadingsOptions) {
    this.#options = options;
    this.#flavors = this.#resourceFlavors();
    this.#others = [this.#runtimeMetrics(), this.#versions(), this.#resourceSpecs()];
    options.connector.onRenewed(() => this.wakeFailed());
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#all.map((reading) => reading.run(signal)));
  }

  wake(): void {
    for (const reading of this.#all) reading.wake();
  }

  wakeFailed(): void {
    for (const reading of this.#all) reading.wakeIfFailed();
  }

  /** Resolves when a turn of each that started after this call has ended. */
  async readAll(now: boolean): Promise<readonly (TurnResult | undefined)[]> {
    const turns = await Promise.all(this.#others.map((reading) => reading.next(now)));
    return [...turns, await this.#flavors.next(now)];
  }

  get #all(): readonly OptionalReading[] {
    return [this.#flavors, ...this.#others];
  }

  #runtimeMetrics(): OptionalReading {
    const { state, clock } = this.#options;
    return new OptionalReading({
      ...this.#options,
      feature: 'runtimeMetrics',
      what: 'runtime metrics',
      mode: 'Auto',
      intervalMs: state.settings.poolIntervalMs,
      mirrored: () => false,
      read: async (reader, signal) => {
        const known = [...state.pools.values()].map(({ poolName }) => poolName);
        const { value, issues } = await reader.getRuntimeMetrics(signal);
        state.capacity.noteMetrics(value, known, clock.monotonic());
        return issues;
      },
      announce: () => {
        if (!this.#flavorsWanted && this.#needsFlavors) {
          this.#flavorsWanted = true;
          this.#flavors.wake();
        }
        this.#announcePools();
      },
    });
  }

  #resourceFlavors(): OptionalReading {
    const { state } = this.#options;
    return new OptionalReading({
      ...this.#options,
      feature: 'resourceFlavors',
      what: 'resource flavors',
      mode: 'Auto',
      intervalMs: flavorIntervalMs,
      mirrored: () => false,
      read: async (reader, signal) => {
        if (!this.#needsFlavors) return undefined;
        const { value, issues } = await reader.listResourceFlavors(signal);
        state.capacity.noteFlavors(value);
        return issues;
      },
      announce: () => this.#announcePools(),
    });
  }

  get #needsFlavors(): boolean {
    const { state } = this.#options;
    return state.capacity.needsFlavors(state.pools.values(), state.apiFeatures ?? {});
  }

  #announcePools(): void {
    const { state, onMirrors } = this.#options;
    const { namespace, name } = state.view;
    onMirrors(
      [...state.pools.values()].map(({ poolName }) => ({ kind: 'pool', namespace, project: name, poolName })),
    );
  }

  #versions(): OptionalReading {
    const { state, mirrors, clock, onMirrors } = this.#options;
    const { namespace, name, spec } = state.view;
    const { settings, versions: observations } = state;
    return new OptionalReading({
      ...this.#options,
      feature: 'trainingJobVersions',
      what: 'training-job versions',
      mode: spec.workloads.mode === 'None' ? 'Disabled' : spec.trainingJobVersions.mode,
      intervalMs: settings.versionIntervalMs,
      mirrored: () => mirrors.versions().size > 0,
      read: async (reader, signal) =>
        passOverVersions(
          {
            reader,
            workspaces: await resolveWorkspaces(reader, spec.discovery.workspaces, signal),
            observations,
            spec: spec.workloads,
            deletion: spec.deletion,
            settings,
            known: mirrors.versions(),
            newest: state.newestVersions,
            now: clock.now(),
            monotonic: clock.monotonic(),
          },
          signal,
        ),
      announce: () => {
        state.versionTwins = versionTwins(state);
        const rows = [...observations.rowsOf(everyVersion)].map(({ facts }) => facts.uid);
        onMirrors(
          [...new Set([...rows, ...mirrors.versions().keys()])].map((uid) => ({
            kind: 'workload',
            namespace,
            project: name,
            source: 'TrainingJobVersion',
            uid,
          })),
        );
      },
    });
  }

  #resourceSpecs(): OptionalReading {
    const { state, mirrors, clock, onMirrors } = this.#options;
    const { namespace, name, spec } = state.view;
    const { mode, jobTypes } = spec.resourceSpecs;
    const intervalMs = state.settings.resourceSpecIntervalMs;
    return new OptionalReading({
      ...this.#options,
      feature: 'resourceSpecs',
      what: 'resource specifications',
      mode,
      intervalMs,
      mirrored: () => mirrors.resourceSpecs().length > 0,
      read: (reader, signal) =>
        passOverResourceSpecs(
          {
            reader,
            jobTypes,
            observations: state.resourceSpecs,
            guard: {
              known: mirrors.resourceSpecs(),
              ...spec.deletion,
              confirmation: mirrors.confirmDeletion(),
              now: clock.monotonic(),
              intervalMs,
            },
          },
          signal,
        ),
      announce: () =>
        onMirrors(
          [...state.resourceSpecs.values(), ...mirrors.resourceSpecs()].map(({ jobType, specID }) => ({
            kind: 'resourceSpec',
            namespace,
            project: name,
            jobType,
            specID,
          })),
        ),
    });
  }
}
