import { isApiAbsent, isPoolNotFound, upstreamError } from '../../api/errors.ts';
import type { Answer, ModelArtsConnector, ModelArtsReader } from '../../api/upstream.ts';
import { describeError } from '../../observability/describe-error.ts';

/**
 * Hears every read of a connector, and has each trouble told once: one sentence, said again only after the same read
 * went well in between.
 */
export class ReadFailures {
  readonly #say: (sentence: string) => void;
  readonly #standing = new Map<string, string>();

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  /** Whether some read went wrong the last time. */
  get any(): boolean {
    return this.#standing.size > 0;
  }

  heard(inner: ModelArtsConnector): ModelArtsConnector {
    return { open: (connection) => this.#reader(inner.open(connection)) };
  }

  #reader(inner: ModelArtsReader): ModelArtsReader {
    return {
      listPools: (query, signal) =>
        this.#hear(`pools of workspace ${query.workspaceID}`, signal, inner.listPools(query, signal)),
      getPool: (id, signal) => this.#hear(`pool ${id}`, signal, inner.getPool(id, signal)),
      listWorkloads: (pool, query, signal) =>
        this.#hear(`workloads of pool ${pool}`, signal, inner.listWorkloads(pool, query, signal)),
      getStatistics: (pool, signal) =>
        this.#hear(`statistics of pool ${pool}`, signal, inner.getStatistics(pool, signal)),
      listWorkspaces: (signal) => this.#hear('workspaces', signal, inner.listWorkspaces(signal)),
      listResourceSpecs: (jobType, signal) =>
        this.#hear(
          `resource specifications for ${jobType}`,
          signal,
          inner.listResourceSpecs(jobType, signal),
        ),
      listTrainingJobVersions: (query, signal) =>
        this.#hear('training-job versions', signal, inner.listTrainingJobVersions(query, signal)),
      getRuntimeMetrics: (signal) => this.#hear('runtime metrics', signal, inner.getRuntimeMetrics(signal)),
      listResourceFlavors: (signal) =>
        this.#hear('resource flavors', signal, inner.listResourceFlavors(signal)),
      plan: (requestsPerSecond) => inner.plan(requestsPerSecond),
      expirations: () => inner.expirations(),
      close: () => inner.close(),
    };
  }

  async #hear<T>(what: string, signal: AbortSignal, answer: Promise<Answer<T>>): Promise<Answer<T>> {
    try {
      const { issues } = await answer;
      const [first] = issues;
      if (first === undefined) this.#standing.delete(what);
      else {
        const { path, expected, found } = first;
        const others = issues.length > 1 ? `, and ${issues.length - 1} more parts` : '';
        this.#note(what, `${what}: ${path} should be ${expected} and is ${found}${others}; it is left out`);
      }
    } catch (error) {
      if (!signal.aborted && !isNoTrouble(error)) this.#note(what, sentence(what, error));
    }
    return answer;
  }

  #note(what: string, text: string): void {
    const known = [...this.#standing.values()].includes(text);
    this.#standing.set(what, text);
    if (!known) this.#say(text);
  }
}

/** A pool that went meanwhile, or what this installation does not offer: that was read. */
function isNoTrouble(error: unknown): boolean {
  return isPoolNotFound(error) || (isApiAbsent(error) && isOptional(error));
}

const needed = /^GET \/v2\/\{project\}\/(pools|statistics)\b|\/workspaces$/;

function isOptional(error: unknown): boolean {
  return !needed.test(upstreamError(error)?.operation ?? '');
}

function sentence(what: string, error: unknown): string {
  const upstream = upstreamError(error);
  // Of any call it means the same: it is said once.
  if (upstream?.kind === 'Unauthorized' && upstream.clockSkewMs === undefined) {
    return 'ModelArts refused the credential of the environment; check that it is whole, still valid and of this project';
  }
  return `${what}: ${describeError(error)}`;
}
