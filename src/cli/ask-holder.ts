import { group, version } from '../api/kinds/metadata.ts';
import { modelArtsProject, type ModelArtsProject } from '../api/kinds/modelarts-project.ts';
import type { Lease } from '../kubernetes/lease.ts';
import { ResourceClient } from '../kubernetes/resource-client.ts';
import type { Transport } from '../kubernetes/transport.ts';
import { annotations, fieldManager } from '../mirror/identity.ts';
import type { Runtime } from '../runtime/clock.ts';
import { sleep } from '../runtime/wait.ts';

/** client-go's RetryPeriod: a live holder renews this often. */
const renewalMs = 2_000;
const leaseCallMs = 5_000;
const lookAgainMs = 500;

/** Takes the lease, or says that another process holds it and is alive: it was seen to renew. */
export async function takeLease(
  lease: Lease,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<'taken' | 'held'> {
  for (let seen: number | undefined; ; seen = lease.changedAt) {
    if (await lease.acquireOrRenew(leaseCallMs)) return 'taken';
    if (seen !== undefined && lease.changedAt !== seen) return 'held';
    await sleep(runtime, renewalMs, signal);
  }
}

export interface AskOptions {
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  /** Absent: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** Whether a project, as `namespace/name`, is asked for. */
  readonly wanted: (project: string) => boolean;
  readonly timeoutMs: number;
}

export interface AskedProject {
  readonly object: ModelArtsProject;
  /** The holder said that it has read all of it since it was asked. */
  readonly handled: boolean;
}

/**
 * Has the process that holds the lease make a pass over the projects: by the annotation that a person would set, and
 * by its echo. Suspended projects are left alone and count as handled.
 */
export async function askHolder(options: AskOptions): Promise<readonly AskedProject[]> {
  const { transport, runtime, signal } = options;
  const { plural, kind } = modelArtsProject;
  const client = new ResourceClient<ModelArtsProject>({
    transport,
    resource: { group, version, plural, kind, namespaced: true },
    fieldManager: `${fieldManager}-sync`,
  });
  const list = async (): Promise<ModelArtsProject[]> => {
    const lists = await Promise.all(
      (options.namespaces ?? [undefined]).map((namespace) => client.list({ namespace, signal })),
    );
    return lists.flatMap(({ items }) => items).filter(({ metadata }) => options.wanted(nameOf(metadata)));
  };
  const value = new Date(runtime.now()).toISOString();
  const handled = ({ spec, status }: ModelArtsProject): boolean =>
    spec.suspend === true || status?.lastHandledReconcileAt === value;
  for (const { metadata, spec } of await list()) {
    if (spec.suspend === true) continue;
    const body = { metadata: { annotations: { [annotations.reconcileRequestedAt]: value } } };
    await client.patch(metadata, body, { type: 'merge', signal });
  }
  const deadline = runtime.monotonic() + options.timeoutMs;
  for (;;) {
    const projects = await list();
    if (projects.every(handled) || runtime.monotonic() >= deadline) {
      return projects.map((object) => ({ object, handled: handled(object) }));
    }
    await sleep(runtime, lookAgainMs, signal);
  }
}

const nameOf = ({ namespace = '', name }: ModelArtsProject['metadata']): string => `${namespace}/${name}`;
