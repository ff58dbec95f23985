import { parseAllDocuments } from 'yaml';

/** An object as the chart or a kustomization renders it. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The parts of a Deployment that tests look at. */
export interface Deployment extends Rendered {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: Rendered['metadata'];
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly [{ readonly image: string; readonly args: string[] }];
      };
    };
  };
}

export function objectsOf(yaml: string): Rendered[] {
  return parseAllDocuments(yaml)
    .map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as Rendered | null;
    })
    .filter((object) => object !== null);
}

export const nameOf = ({ kind, metadata }: Rendered): string =>
  `${kind} ${[metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/')}`;

export function deploymentOf(objects: readonly Rendered[]): Deployment {
  const found = objects.find(({ kind }) => kind === 'Deployment');
  if (found === undefined) throw new Error(`no Deployment among ${objects.map(nameOf).join(', ')}`);
  return found as Deployment;
}

/** What Helm's own labels say is a release's affair. */
const helmLabels = [
  'helm.sh/chart',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
];

/** The object without the labels that only Helm sets, wherever they stand: in metadata, templates and selectors. */
export function withoutHelmLabels(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelmLabels);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !helmLabels.includes(key))
      .map(([key, each]) => [key, withoutHelmLabels(each)]),
  );
}
