import { stringify } from 'yaml';

import type { ExportedObject } from './exported-object.ts';

export const outputFormats = ['yaml', 'json'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** A change while following, in the words of a Kubernetes watch. */
export interface ExportEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As it is now; of a deleted one, as it was last. */
  readonly object: ExportedObject;
}

/** All objects as one text, in parts: YAML documents, or a v1 List as `kubectl get -o json` gives it. */
export function* listText(objects: readonly ExportedObject[], format: OutputFormat): Iterable<string> {
  if (format === 'yaml') {
    for (const object of objects) yield yamlDocument(object);
    return;
  }
  yield '{\n  "apiVersion": "v1",\n  "kind": "List",\n  "items": [';
  for (const [at, object] of objects.entries()) {
    const text = JSON.stringify(object, undefined, 2).replaceAll('\n', '\n    ');
    yield `${at === 0 ? '' : ','}\n    ${text}`;
  }
  yield `${objects.length === 0 ? '' : '\n  '}]\n}\n`;
}

/** One event: a YAML document, or one line of JSON. */
export function eventText(event: ExportEvent, format: OutputFormat): string {
  return format === 'yaml' ? yamlDocument(event) : `${JSON.stringify(event)}\n`;
}

function yamlDocument(value: unknown): string {
  return `---\n${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
