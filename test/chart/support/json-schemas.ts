import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TestCluster } from '../../support/control-plane.ts';
import type { Rendered } from './objects.ts';

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
type Schema = Readonly<Record<string, unknown>> & {
  readonly properties?: unknown;
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
};

/**
 * Writes the schemas of these objects' kinds, as the apiserver publishes them (OpenAPI v3), in a layout that kubeconform
 * reads. A kind that the apiserver does not know has none.
 */
export async function writeSchemas(
  objects: readonly Rendered[],
  { kubectl }: TestCluster,
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const wanted = Map.groupBy(objects, ({ apiVersion }) => apiVersion);
  for (const [apiVersion, of] of wanted) {
    const path = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const { code, stdout } = await kubectl(['get', '--raw', `/openapi/v3/${path}`]);
    if (code !== 0) continue;
    const { schemas } = (JSON.parse(stdout) as { components: { schemas: Record<string, Schema> } })
      .components;
    const components = {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, closed(each)])),
    };
    for (const kind of new Set(of.map((object) => object.kind))) {
      const [name] = Object.entries(schemas).find(([, schema]) => isOf(schema, apiVersion, kind)) ?? [];
      if (name === undefined) continue;
      const schema = { $ref: `#/components/schemas/${name}`, components };
      await writeFile(join(folder, fileName(kind, apiVersion)), JSON.stringify(schema));
    }
  }
  return join(folder, '{{.ResourceKind}}{{.KindSuffix}}.json');
}

/** As kubeconform's `{{.ResourceKind}}{{.KindSuffix}}` names it. */
function fileName(kind: string, apiVersion: string): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return `${[kind.toLowerCase(), group.split('.')[0], version].filter((part) => part !== '').join('-')}.json`;
}

function isOf(schema: Schema, apiVersion: string, kind: string): boolean {
  return (schema['x-kubernetes-group-version-kind'] ?? []).some(
    (of) => of.kind === kind && [of.group, of.version].filter((part) => part !== '').join('/') === apiVersion,
  );
}

/** Unknown fields are errors, as with `kubectl --validate=strict`. */
function closed(schema: Schema): Schema {
  return schema.properties === undefined ? schema : { additionalProperties: false, ...schema };
}
