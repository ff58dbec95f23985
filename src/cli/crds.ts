import { stringify } from 'yaml';

import { customResourceDefinitions } from '../api/kinds/registry.ts';

/** Every CRD of ours as one YAML stream. */
export function crdDocuments(): string {
  return customResourceDefinitions()
    .map((crd) => `---\n${stringify(crd, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join('');
}
