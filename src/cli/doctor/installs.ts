import { fieldManager } from '../../mirror/identity.ts';
import { get, unanswered, type ClusterQuestions } from './cluster-question.ts';
import { findingsOf, type Finding } from './finding.ts';

const say = findingsOf('installs');

interface Deployment {
  readonly metadata: { readonly namespace?: string; readonly name?: string };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly command?: readonly string[];
          readonly args?: readonly string[];
        }[];
      };
    };
  };
}

/** One deployment of the operator that is meant to run. */
interface Install {
  readonly name: string;
  readonly replicas: number;
  /** Those that share it take turns; undefined: without one. */
  readonly lease: string | undefined;
  /** Undefined: all. */
  readonly namespaces: readonly string[] | undefined;
}

/** Whether two operators would write the same mirrors: deployments by their label, in all namespaces. */
export async function checkInstalls(cluster: ClusterQuestions): Promise<Finding> {
  const answer = await get<{ readonly items: readonly Deployment[] }>(cluster, '/apis/apps/v1/deployments', {
    labelSelector: `app.kubernetes.io/name=${fieldManager}`,
  });
  if (answer.is !== 'answered') return unanswered(say, answer, 'the deployments of all namespaces');
  return judgeInstalls(answer.value.items);
}

export function judgeInstalls(deployments: readonly Deployment[]): Finding {
  const installs = deployments.map(installOf).filter(({ replicas }) => replicas > 0);
  if (installs.length === 0) return say.ok('no deployment of the operator runs in this cluster');
  const alone = installs.find(({ replicas, lease }) => replicas > 1 && lease === undefined);
  if (alone !== undefined) {
    return say.fail(
      `${alone.name} has ${alone.replicas} replicas that all write`,
      'start them with --leader-elect, so that one does',
    );
  }
  for (const [at, a] of installs.entries()) {
    const b = installs.slice(at + 1).find((other) => collides(a, other));
    if (b !== undefined) {
      return say.fail(
        `${a.name} and ${b.name} write the same mirrors under different Leases`,
        'remove one of them, or give each its own namespaces with --namespace',
      );
    }
  }
  return say.ok(installs.map(({ name, replicas }) => `${name} (replicas: ${replicas})`).join(', '));
}

function collides(a: Install, b: Install): boolean {
  if (a.lease !== undefined && a.lease === b.lease) return false;
  const { namespaces } = b;
  return (
    a.namespaces === undefined ||
    namespaces === undefined ||
    a.namespaces.some((name) => namespaces.includes(name))
  );
}

function installOf({ metadata, spec }: Deployment): Install {
  const { namespace = '', name = '' } = metadata;
  const args = (spec?.template?.spec?.containers ?? []).flatMap(({ command = [], args = [] }) => [
    ...command,
    ...args,
  ]);
  const elects = args.some((arg) => arg === '--leader-elect' || arg === '--leader-elect=true');
  const namespaces = valuesOf(args, '--namespace').flatMap((value) => value.split(','));
  const [place = namespace] = valuesOf(args, '--leader-election-namespace');
  const [id = fieldManager] = valuesOf(args, '--leader-election-id');
  return {
    name: `${namespace}/${name}`,
    replicas: spec?.replicas ?? 1,
    lease: elects ? `${place}/${id}` : undefined,
    namespaces: namespaces.length === 0 ? undefined : namespaces,
  };
}

/** Of `--flag value` and `--flag=value`. */
function valuesOf(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, at) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return arg === flag && args[at + 1] !== undefined ? [args[at + 1] ?? ''] : [];
  });
}
