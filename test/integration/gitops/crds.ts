import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const kustomizeController = 'github.com/fluxcd/kustomize-controller@v1.7.3';

/**
 * Flux's own CRD, from its Go module.
 *
 * @throws Error where there is no Go, or the module cannot be had.
 */
export async function kustomizationCRD(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', kustomizeController], {
      cwd: tmpdir(),
    });
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    const file = 'kustomize.toolkit.fluxcd.io_kustomizations.yaml';
    return readFileSync(join(Dir, 'config', 'crd', 'bases', file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'no go on PATH' : `${kustomizeController} cannot be downloaded`;
    throw new Error(reason, { cause: error });
  }
}

type Schema = Readonly<Record<string, unknown>>;
const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const number: Schema = { type: 'integer', format: 'int64' };
const list = (items: Schema): Schema => ({ type: 'array', items });
const record = (properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

/** As much of Argo CD's CRD as an Application from Git has; the whole comes only with Argo CD's whole source. */
export const applicationCRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    name: 'applications.argoproj.io',
    annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in for tests' },
  },
  spec: {
    group: 'argoproj.io',
    scope: 'Namespaced',
    names: {
      kind: 'Application',
      listKind: 'ApplicationList',
      plural: 'applications',
      singular: 'application',
    },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: record(
            {
              apiVersion: text,
              kind: text,
              metadata: { type: 'object' },
              spec: record(
                {
                  project: text,
                  source: record({ repoURL: text, targetRevision: text, path: text }, 'repoURL'),
                  destination: record({ server: text, name: text, namespace: text }),
                  syncPolicy: record({
                    automated: record({ prune: flag, selfHeal: flag, allowEmpty: flag, enabled: flag }),
                    syncOptions: list(text),
                    retry: record({
                      limit: number,
                      backoff: record({ duration: text, factor: number, maxDuration: text }),
                    }),
                  }),
                },
                'destination',
                'project',
              ),
            },
            'metadata',
            'spec',
          ),
        },
      },
    ],
  },
};
