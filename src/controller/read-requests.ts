import type { Asked, ProjectRunner } from './project-runner.ts';
import type { ProjectState } from './project-state.ts';

export interface ReadRequestsOptions {
  readonly state: ProjectState;
  readonly runner: Pick<ProjectRunner, 'readAll' | 'readPool'>;
  /** The project is no longer read. */
  readonly stopped: AbortSignal;
  /** The request on the project (undefined) or on this pool was met: its echo can be written. */
  readonly onMet: (poolName: string | undefined) => void;
}

/** An annotation, and what of it was echoed. */
export interface ReadRequest {
  readonly value: string | undefined;
  readonly echoed: string | undefined;
}

/**
 * Meets the annotation modelarts-operator.dev/reconcile-requested-at on a project and its pools: reads at once for a
 * new value; where that is not complete, the next read of its own accord that is settles it.
 */
export class ReadRequests {
  readonly #options: ReadRequestsOptions;
  /** Values that are being acted upon, by pool; under '' the project's. */
  readonly #wanted = new Map<string, string>();

  constructor(options: ReadRequestsOptions) {
    this.#options = options;
  }

  forProject(request: ReadRequest): void {
    const { state, runner, onMet } = this.#options;
    this.#meet('', request, {
      read: (now) => runner.readAll(now),
      met: (value) => {
        state.handledReconcileAt = value;
        onMet(undefined);
      },
    });
  }

  forPool(poolName: string, request: ReadRequest): void {
    const { state, runner, onMet } = this.#options;
    this.#meet(poolName, request, {
      read: (now) => runner.readPool(poolName, now),
      met: (value) => {
        state.poolHandledReconcileAt.set(poolName, value);
        onMet(poolName);
      },
    });
  }

  #meet(
    on: string,
    { value, echoed }: ReadRequest,
    how: { read: (now: boolean) => Promise<Asked>; met: (value: string) => void },
  ): void {
    if (value === undefined || value === echoed || this.#wanted.get(on) === value) return;
    this.#wanted.set(on, value);
    const isWanted = (): boolean => !this.#options.stopped.aborted && this.#wanted.get(on) === value;
    const attempt = async (): Promise<void> => {
      for (let now = true; isWanted(); now = false) {
        const became = await how.read(now);
        if (became === 'complete' && isWanted()) how.met(value);
        if (became !== 'incomplete') return;
      }
    };
    void attempt();
  }
}
