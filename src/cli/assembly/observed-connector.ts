import type { Answer, Connection, ModelArtsConnector, ModelArtsReader } from '../../api/upstream.ts';
import type { ClientObserver } from '../../modelarts/observer.ts';
import type { UpstreamMetrics } from '../../observability/upstream-metrics.ts';
import type { Redactor } from '../../observability/redactor.ts';

/** What the ModelArts client tells, as metrics; each exchange also to whoever records. */
export function clientObserver(
  metrics: UpstreamMetrics,
  onExchange?: ClientObserver['onExchange'],
): ClientObserver {
  return {
    ...(onExchange && { onExchange }),
    onTry: ({ operation, status, failure, durationMs, queuedMs }) => {
      metrics.requested(operation, status === undefined ? 'error' : String(status), durationMs / 1000);
      if (failure !== undefined) metrics.failed(operation, failure);
      metrics.waited(queuedMs / 1000);
    },
    onRetry: (operation) => metrics.retried(operation),
    onMutatingAttempt: () => metrics.mutatingAttempt(),
  };
}

/** Keeps a connection's secrets out of the logs while its reader is open, and counts what did not decode. */
export function observedConnector(
  inner: ModelArtsConnector,
  options: { readonly redactor: Redactor; readonly metrics: UpstreamMetrics },
): ModelArtsConnector {
  return {
    open: (connection) => {
      const releases = secretsOf(connection).map((secret) => options.redactor.hold(secret));
      const release = (): void => releases.forEach((each) => each());
      try {
        return observedReader(inner.open(connection), options.metrics, release);
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

/** The values of a connection that nobody may see. */
export function secretsOf({ credentials }: Connection): string[] {
  switch (credentials.type) {
    case 'token':
      return [credentials.token];
    case 'aksk':
      return [credentials.accessKeyID, credentials.secretAccessKey, credentials.securityToken ?? ''];
    case 'password':
      return [credentials.password];
  }
}

function observedReader(
  inner: ModelArtsReader,
  metrics: UpstreamMetrics,
  release: () => void,
): ModelArtsReader {
  const counted = async <T>(operation: string, answer: Promise<Answer<T>>): Promise<Answer<T>> => {
    const { issues } = await answer;
    if (issues.length > 0) metrics.undecodable(operation, issues.length);
    return answer;
  };
  return {
    listPools: (query, signal) => counted('GET /v2/{project}/pools', inner.listPools(query, signal)),
    getPool: (id, signal) => counted('GET /v2/{project}/pools/{pool}', inner.getPool(id, signal)),
    listWorkloads: (pool, query, signal) =>
      counted('GET /v2/{project}/pools/{pool}/workloads', inner.listWorkloads(pool, query, signal)),
    getStatistics: (pool, signal) =>
      counted('GET /v2/{project}/statistics/pools/{pool}/workloads', inner.getStatistics(pool, signal)),
    listWorkspaces: (signal) => counted('GET /v1/{project}/workspaces', inner.listWorkspaces(signal)),
    listResourceSpecs: (jobType, signal) =>
      counted('GET /v1/{project}/job/resource-specs', inner.listResourceSpecs(jobType, signal)),
    listTrainingJobVersions: (query, signal) =>
      counted('GET /v1/{project}/training-jobs/versions', inner.listTrainingJobVersions(query, signal)),
    getRuntimeMetrics: (signal) =>
      counted('GET /v2/{project}/metrics/runtime/pools', inner.getRuntimeMetrics(signal)),
    listResourceFlavors: (signal) =>
      counted('GET /v1/{project}/resourceflavors', inner.listResourceFlavors(signal)),
    plan: (requestsPerSecond) => inner.plan(requestsPerSecond),
    expirations: () => inner.expirations(),
    close: () => inner.close().finally(release),
  };
}
