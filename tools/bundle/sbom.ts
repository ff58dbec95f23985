import { runCommand } from '../run-command.ts';

interface Component {
  readonly name: string;
  readonly version: string;
  readonly externalReferences?: readonly { readonly type: string }[];
}

export interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools?: unknown;
    readonly component: Component;
    readonly [more: string]: unknown;
  };
  readonly components: readonly Component[];
  readonly [more: string]: unknown;
}

const command = [
  'npm',
  'sbom',
  '--sbom-format=cyclonedx',
  '--sbom-type=application',
  '--omit=dev',
  '--package-lock-only',
] as const;

/** The bill of what package-lock.json pins for the product, in CycloneDX; or a sentence why there is none. */
export async function billOfMaterials(): Promise<BillOfMaterials | string> {
  const { code, output } = await runCommand(command).catch((error: unknown) => ({
    code: 1,
    output: String(error),
  }));
  // npm prints its warnings around the JSON.
  const text = output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1);
  if (code !== 0 || text === '')
    return `npm sbom (npm 10 or newer) gave no bill of materials: ${output.trim()}`;
  return repeatable(JSON.parse(text) as BillOfMaterials);
}

/**
 * Without what differs from one build of the same sources to the next: a serial number, the time, npm's version, the
 * name of the folder, and where packages were downloaded from.
 */
export function repeatable(bill: BillOfMaterials): BillOfMaterials {
  const { serialNumber: _serial, metadata, components, ...rest } = bill;
  const { timestamp: _time, tools: _tools, component, ...about } = metadata;
  return {
    ...rest,
    metadata: { ...about, component: { ...withoutDownload(component), name: 'modelarts-operator' } },
    components: components.map(withoutDownload),
  };
}

function withoutDownload(component: Component): Component {
  const kept = (component.externalReferences ?? []).filter(({ type }) => type !== 'distribution');
  return { ...component, externalReferences: kept };
}
