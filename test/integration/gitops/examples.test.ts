import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { group } from '../../../src/api/kinds/metadata.ts';
import type { ModelArtsProject } from '../../../src/api/kinds/modelarts-project.ts';
import { kinds } from '../../../src/api/kinds/registry.ts';
import { findKubectl } from '../../../tools/control-plane/binaries.ts';
import { root } from '../../../tools/run-command.ts';
import { said } from '../../support/cluster-objects.ts';
import type { CommandResult } from '../../support/control-plane.ts';
import { eventually } from '../../support/eventually.ts';
import { Stage } from '../../support/stage.ts';
import { kubeconfigFor } from '../kubernetes/support/identity.ts';
import { saidOf } from '../lifecycle/small-world.ts';
import { applicationCRD, kustomizationCRD } from './crds.ts';
import { gitopsFile } from './verdicts.ts';

const examples = join(root, 'examples');
const read = (name: string): string => readFileSync(join(examples, name), 'utf8');
const { spec: project } = parse(read('gitops/pools/project.yaml')) as ModelArtsProject;
const { stringData: key } = parse(read('first-project/secret.yaml')) as {
  stringData: Record<string, string>;
};
const pool = 'pool-vision-1a2b3c4d';

/** Commands of the sh blocks under a heading of docs/gitops.md. */
function commands(heading: string): string[] {
  const page = readFileSync(join(root, 'docs', 'gitops.md'), 'utf8');
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const blocks = [...section.split('\n## ')[0]!.matchAll(/```sh\n(.*?)```/gs)];
  return blocks.flatMap(([, block = '']) => block.split('\n')).filter((line) => /^[a-z]/.test(line));
}

const flux = await kustomizationCRD().catch((error: Error) => error);
if (flux instanceof Error)
  process.stderr.write(`skipped: the Kustomizations of Flux, because ${flux.message}\n`);

describe('the examples', () => {
  let stage: Stage;
  let folder: string;
  let kubeconfig: string;

  /** Runs a shell command as somebody whose current namespace is the stage's. */
  const shell = (command: string, config = kubeconfig): Promise<CommandResult> =>
    new Promise((resolve) => {
      const path = `${dirname(findKubectl() ?? '')}:${process.env['PATH']}`;
      const env = { ...process.env, KUBECONFIG: config, PATH: path, POLL_SECONDS: '1' };
      execFile('sh', ['-c', command], { env, cwd: root }, (error, stdout, stderr) =>
        resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error ? -1 : 0 }),
      );
    });
  const ok = async (command: string): Promise<string> => {
    const { stdout, stderr, code } = await shell(command);
    if (code !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
    return stdout;
  };
  /** A kustomization of examples/ as a file, with the simulator in the place of ModelArts. */
  const rendered = async (name: string): Promise<string> => {
    const text = await ok(`kubectl kustomize examples/${name}`);
    const file = join(folder, `${name.replaceAll('/', '-')}.yaml`);
    writeFileSync(file, text.replace(project.endpoint, stage.simulator.url));
    return file;
  };
  const asAccount = async (account: string): Promise<string> => {
    const token = (await ok(`kubectl create token ${account}`)).trim();
    const config = kubeconfigFor({ token }) as { contexts: { context: object }[] };
    const contexts = config.contexts.map(({ context, ...rest }) => ({
      ...rest,
      context: { ...context, namespace: stage.namespace },
    }));
    const file = join(folder, account);
    writeFileSync(file, JSON.stringify({ ...config, contexts }));
    return file;
  };

  beforeAll(async () => {
    stage = await Stage.open({
      manualClock: true,
      scenario: {
        projects: [
          {
            id: project.projectID,
            keys: [{ accessKey: key['accessKeyID']!, secretKey: key['secretAccessKey']! }],
            pools: [
              {
                name: 'vision',
                id: pool,
                retention: '3650d',
                driver: { gpu: '535.1' },
                resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 3 }],
                jobs: [
                  { name: 'nightly', uid: 'job-nightly', status: 'Running', age: '1h', cards: 1, nodes: 3 },
                ],
              },
            ],
          },
        ],
      },
    });
    stage.simulator.world.setPhase({ pool, phase: 'Creating' });
    folder = mkdtempSync(join(tmpdir(), 'examples-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, (await stage.kubectl(['config', 'view', '--raw', '--flatten'])).stdout);
    await ok(`kubectl config set-context --current --namespace ${stage.namespace}`);
  });
  afterAll(async () => {
    await stage.close();
    rmSync(folder, { recursive: true });
  });

  it('first-project: shows the pools of the project', async () => {
    await ok(`kubectl apply -f ${await rendered('first-project')}`);
    // By these Argo CD knows what it may prune.
    await ok('kubectl label maproj eu-de app.kubernetes.io/instance=argo-app');
    await ok('kubectl annotate maproj eu-de argocd.argoproj.io/tracking-id=argo-app');
    await ok('kubectl wait maproj/eu-de --for=condition=Synced --timeout=30s');
    expect(await ok('kubectl get mapool -o name')).toBe(`modelartspool.modelarts-operator.dev/${pool}\n`);
    expect(await ok('kubectl get mapool,mawl -o yaml')).not.toMatch(/argo/);
    await ok('kubectl delete maproj eu-de');
    await ok('kubectl delete mapool,mawl --all');
  });

  it('gitops: what needs the pool comes after it, and the recipes of docs/gitops.md wait for it', async () => {
    const documents = parseAllDocuments(await ok('kubectl kustomize examples/gitops'));
    const waves = documents.map((document) => {
      const { kind, metadata } = document.toJS() as { kind: string; metadata: { annotations: object } };
      return `${Object.values(metadata.annotations).join()} ${kind}`;
    });
    expect(waves.sort()).toEqual(['-1 ModelArtsProject', '0 ModelArtsPool', '1 ConfigMap']);

    await ok(`kubectl apply -f ${await rendered('gitops/pools')}`);
    await eventually(async () => expect((await saidOf(stage, 'vision'))[0]).toBe('False/Creating'));
    const recipes = commands('kubectl wait');
    expect(recipes.length).toBeGreaterThan(5);
    const ended: string[] = [];
    // Those of one object one after the other, as a person would.
    const byObject = Object.values(Object.groupBy(recipes, (recipe) => recipe.split(' ')[2]!));
    const waiting = Promise.all(
      byObject.map(async (recipes = []) => {
        for (const recipe of recipes) {
          // A second is enough for what is so already, but not on a busy machine.
          await ok(recipe.replace('--timeout=1s', '--timeout=1m'));
          ended.push(recipe);
        }
      }),
    );
    await Promise.race([waiting, eventually(() => ended.some((recipe) => recipe.includes('--for=create')))]);
    expect(ended.filter((recipe) => /mapool\/vision|completionTime/.test(recipe))).toEqual([]);
    stage.simulator.world.setPhase({ pool, phase: 'Running' });
    stage.simulator.world.finishJob({ pool, job: 'job-nightly', outcome: 'Completed' });
    await waiting;
    await ok('kubectl apply -k examples/gitops/training');
  });

  const apply = 'kubectl apply --server-side --field-manager';
  it.each([
    ['Argo CD', `${apply} argocd-controller`, 'kubectl diff --server-side --field-manager argocd-controller'],
    [
      'Flux',
      `${apply} kustomize-controller --force-conflicts`,
      'kubectl diff --server-side --field-manager kustomize-controller --force-conflicts',
    ],
    ['kubectl', 'kubectl apply', 'kubectl diff'],
  ])('gitops: applied by %s again and again, nothing changes', async (_tool, apply, diff) => {
    const file = await rendered('gitops/pools');
    await ok(`${apply} -f ${file}`);
    await eventually(async () =>
      expect(await saidOf(stage, 'vision')).toEqual(['True/Running', 'True/ReadComplete']),
    );
    await stage.settled('eu-de');
    const objects = async () => [
      await stage.cluster.pools.get('vision'),
      await stage.cluster.projects.get('eu-de'),
    ];
    const versions = (all: Awaited<ReturnType<typeof objects>>) =>
      all.map(({ metadata }) => metadata.resourceVersion);
    // The operator may write its sign of life into the project in between.
    const after = await eventually(async () => {
      const before = await objects();
      await ok(`${apply} -f ${file}`);
      const after = await objects();
      expect(versions(after)).toEqual(versions(before));
      expect(await ok(`${diff} -f ${file}`)).toBe('');
      return after;
    });

    // Of these objects the operator owns the status and nothing else.
    for (const { metadata } of after) {
      const own = (metadata.managedFields ?? []).filter(({ manager }) => manager === 'modelarts-operator');
      expect(own.map(({ subresource, fieldsV1 }) => [subresource, Object.keys(fieldsV1 ?? {})])).toEqual([
        ['status', ['f:status']],
      ]);
    }
    expect(after[0]?.spec).toEqual({ projectRef: { name: 'eu-de' }, poolName: pool });
  });

  it('ci: a Job with no more rights than it needs waits until cards are free', async () => {
    await ok('kubectl apply -k examples/ci');
    expect(await ok('kubectl get job nightly -o jsonpath={.spec.template.spec.initContainers[0].name}')).toBe(
      'wait',
    );
    const config = await asAccount('wait-for-accelerator');
    const script = 'examples/ci/wait-for-accelerator.sh';
    const waitFor = (args: string) => shell(`${script} ${args}`, config);

    stage.simulator.world.addJob({
      pool,
      job: { uid: 'long', name: 'long', status: 'Running', cards: 1, nodes: 3 },
    });
    await eventually(async () =>
      expect((await stage.pool('vision'))?.status).toMatchObject({ free: { 'nvidia.com/gpu': '0' } }),
    );
    const wait = waitFor('vision nvidia.com/gpu 2 60');
    expect(await waitFor('vision nvidia.com/gpu 2 0')).toEqual({
      code: 1,
      stdout: 'vision: nvidia.com/gpu free: 0, wanted: 2\n',
      stderr: 'vision: 2 nvidia.com/gpu did not become free within 0 s\n',
    });
    stage.simulator.world.finishJob({ pool, job: 'long', outcome: 'Completed' });
    expect(await wait).toEqual({
      code: 0,
      stdout: 'vision: nvidia.com/gpu free: 0, wanted: 2\nvision: nvidia.com/gpu free: 3, wanted: 2\n',
      stderr: '',
    });

    expect(await waitFor('vision huawei.com/ascend-1980 1 0')).toMatchObject({
      code: 1,
      stdout: 'vision: huawei.com/ascend-1980 free: not known, wanted: 1\n',
    });
    expect(await waitFor('no-such nvidia.com/gpu 1 0')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('modelartspools.modelarts-operator.dev "no-such" not found'),
    });
    expect(await waitFor('vision')).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') });
    stage.simulator.world.fault({ status: 503 });
    await eventually(async () => said(await stage.pool('vision'), 'Synced') === 'False/Unreachable', {
      deadline: 'collected',
    });
    expect(await waitFor('vision nvidia.com/gpu 1 0')).toMatchObject({
      code: 1,
      stdout: 'vision: nvidia.com/gpu free: not known, wanted: 1\n',
    });
  });
});

describe('objects of the tools, on an apiserver that has their kinds', () => {
  let stage: Stage;
  const crds = [JSON.stringify(applicationCRD), ...(flux instanceof Error ? [] : [flux])];
  beforeAll(async () => {
    stage = await Stage.open({ scenario: { projects: [] }, start: false });
    for (const crd of crds) {
      const { stderr, code } = await stage.kubectl(['apply', '--server-side', '-f', '-'], crd);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    const names = ['crd/applications.argoproj.io'];
    if (!(flux instanceof Error)) names.push('crd/kustomizations.kustomize.toolkit.fluxcd.io');
    await stage.kubectl(['wait', ...names, '--for=condition=Established', '--timeout=30s']);
  });
  afterAll(async () => {
    for (const crd of crds) await stage.kubectl(['delete', '--wait=false', '-f', '-'], crd);
    await stage.close();
  });

  const applied = async (file: string): Promise<CommandResult> =>
    eventually(async () => {
      const text = read(file).replace(/^ {2}namespace: .*$/gm, `  namespace: ${stage.namespace}`);
      const result = await stage.kubectl(['apply', '--server-side', '-f', '-'], text);
      // The apiserver serves a new kind a moment after it says so.
      return result.stderr.includes('no matches for kind') ? false : result;
    });

  it('the Application of Argo CD', async () => {
    expect(await applied('argocd/application.yaml')).toMatchObject({ code: 0, stderr: '' });
  });

  (flux instanceof Error ? it.skip : it)('the Kustomizations of Flux', async () => {
    expect(await applied('flux/kustomizations.yaml')).toMatchObject({ code: 0, stderr: '' });
  });

  it('what Argo CD leaves alone are kinds of ours, and none that an example has in Git', () => {
    const rows = gitopsFile<Record<'apiGroups' | 'kinds', string[]>[]>('argocd/resource-exclusions.yaml');
    expect(rows.map(({ apiGroups }) => apiGroups)).toEqual([[group]]);
    const excluded = rows.flatMap((row) => row.kinds);
    const inGit = ['ModelArtsPool', 'ModelArtsProject'];
    expect([...excluded, ...inGit].sort()).toEqual(kinds.map(({ kind }) => kind).sort());
  });

  it('the Kustomization has the expressions of gitops/flux, and waits for what is in the folder', () => {
    const [first] = parseAllDocuments(read('flux/kustomizations.yaml')).map(
      (document) =>
        document.toJS() as { spec: { healthCheckExprs: unknown; healthChecks: object[]; path: string } },
    );
    const { healthCheckExprs } = gitopsFile<{ healthCheckExprs: unknown }>('flux/health-check-exprs.yaml');
    expect(first?.spec.healthCheckExprs).toEqual(healthCheckExprs);
    expect(first?.spec.healthChecks).toEqual(
      ['project', 'pool'].map((name) => {
        const { apiVersion, kind, metadata } = parse(read(`gitops/pools/${name}.yaml`)) as ModelArtsProject;
        return { apiVersion, kind, name: metadata.name, namespace: 'team-a' };
      }),
    );
  });
});
