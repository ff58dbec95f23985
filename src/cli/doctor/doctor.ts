import { withDefaults, type ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { HttpTransport } from '../../kubernetes/http-transport.ts';
import type { CommandContext } from '../context.ts';
import type { DoctorOptions } from '../endpoint-options.ts';
import { credentialsOf } from '../environment-credentials.ts';
import { CliFailure } from '../failure.ts';
import { loadKubeConfig, podNamespace } from '../kube-config.ts';
import { projectOfFlags } from '../project-of-flags.ts';
import type { ClusterQuestions } from './cluster-question.ts';
import { checkCRDs } from './crds.ts';
import { examineTargets } from './examine-targets.ts';
import { findingsOf, type Finding } from './finding.ts';
import { checkInstalls } from './installs.ts';
import { checkKubernetesVersion } from './kubernetes-version.ts';
import { checkLease } from './lease.ts';
import { checkOtherLeases } from './other-leases.ts';
import { findProjects, projectTarget } from './projects.ts';
import { lineOf, reportOf, worstOf } from './report.ts';
import { leaseNames } from './required-rights.ts';
import { checkRights } from './rights.ts';
import { targetOf, type Target } from './target.ts';

/** The manifests' namespace. */
const usualNamespace = 'modelarts-operator';

/**
 * Looks at everything that the operator needs, in the order in which a person would mend it, and changes nothing: GETs
 * and access reviews. Resolves with 0 when all is well or only worth a warning, and with 1 when something fails.
 */
export async function doctor(options: DoctorOptions, context: CommandContext): Promise<number> {
  const { signal, stdout, redactor } = context;
  const findings: Finding[] = [];
  try {
    for await (const { found, advice, ...finding } of examine(options, context)) {
      const said = {
        ...finding,
        found: redactor.text(found),
        ...(advice !== undefined && { advice: redactor.text(advice) }),
      };
      findings.push(said);
      if (options.output === 'text') stdout(lineOf(said));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CliFailure('the examination was interrupted', { cause: error });
  }
  if (options.output !== 'text') stdout(reportOf(findings, options.output));
  return worstOf(findings) === 'fail' ? 1 : 0;
}

async function* examine(options: DoctorOptions, context: CommandContext): AsyncGenerator<Finding> {
  if (options.endpoint !== undefined && options.projectId !== undefined) {
    const { endpoint, projectId } = options;
    const secret = credentialsOf(context.credentials);
    const place = { namespace: 'default', name: 'modelarts' };
    const { spec } = await projectOfFlags({ ...options, ...place, endpoint, projectId });
    // Whoever names the endpoint here is the one whose machine this is.
    const target = targetOf(endpoint, withDefaults(spec), secret, 'the environment');
    yield* examineTargets([target], { allowLocal: true }, context);
    return;
  }
  const cluster = openCluster(options, context);
  if ('level' in cluster) {
    yield cluster;
    return;
  }
  const { questions, config, close } = cluster;
  try {
    yield config;
    yield* examineCluster(options, context, questions);
  } finally {
    await close();
  }
}

async function* examineCluster(
  options: DoctorOptions,
  context: CommandContext,
  cluster: ClusterQuestions,
): AsyncGenerator<Finding> {
  const version = await checkKubernetesVersion(cluster);
  yield version;
  // Without an answer to that there is none to anything.
  if (version.level === 'fail' && version.advice?.includes('network') === true) return;
  const lease = {
    namespace: options.leaderElectionNamespace ?? podNamespace(context) ?? usualNamespace,
    name: options.leaderElectionId,
    shards: options.shards,
  };
  const crds = await checkCRDs(cluster);
  yield* crds;
  yield await checkRights(cluster, { namespaces: options.namespace, lease });
  const held = leaseNames(lease).map((name) => ({ namespace: lease.namespace, name }));
  yield* await Promise.all(held.map((one) => checkLease(cluster, one, context.runtime)));
  yield await checkInstalls(cluster);
  // Another install has the first shard's Lease where it has any.
  const others = held[0] && (await checkOtherLeases(cluster, held[0], context.runtime));
  if (others !== undefined) yield others;
  if (crds.some(({ about, level }) => about === 'ModelArtsProject' && level === 'fail')) return;
  const projects = await findProjects(cluster, { project: options.project, namespaces: options.namespace });
  if ('level' in projects) {
    yield projects;
    return;
  }
  const rules = {
    allowLocal: options.allowLocalEndpoints,
    ...(options.allowedEndpointHosts && { hostGlobs: options.allowedEndpointHosts }),
  };
  yield* examineTargets(targetsOf(cluster, projects), rules, context);
}

async function* targetsOf(
  cluster: ClusterQuestions,
  projects: readonly ModelArtsProject[],
): AsyncGenerator<Target | Finding> {
  for (const project of projects) yield await projectTarget(cluster, project);
}

interface OpenCluster {
  readonly questions: ClusterQuestions;
  readonly config: Finding;
  readonly close: () => Promise<void>;
}

function openCluster(options: DoctorOptions, context: CommandContext): OpenCluster | Finding {
  const { runtime, signal, version } = context;
  const say = findingsOf('kubeconfig');
  try {
    const kubeConfig = loadKubeConfig(options.kubeconfig, context, options.context);
    const transport = new HttpTransport({ kubeConfig, runtime, userAgent: `modelarts-operator/${version}` });
    const server = kubeConfig.getCurrentCluster()?.server ?? '';
    return {
      questions: { transport, signal },
      config: say.ok(`context ${kubeConfig.getCurrentContext()}, ${server}`),
      close: () => transport.close(),
    };
  } catch (error) {
    if (!(error instanceof CliFailure)) throw error;
    return say.fail(error.message, 'or name --endpoint and --project-id to look at ModelArts alone');
  }
}
