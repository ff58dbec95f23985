import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Condition } from '../../src/api/kinds/condition.ts';
import { group } from '../../src/api/kinds/metadata.ts';
import { seenFolderVariable } from '../../tools/seen-reasons.ts';

/**
 * Writes down which reasons stood on the apiserver while tests ran, so that tools/test.ts can hold them against the
 * catalogue. Does nothing where no folder is named.
 */
export class SeenReasons {
  readonly #file: string | undefined;
  readonly #known = new Set<string>();

  constructor(folder = process.env[seenFolderVariable]) {
    this.#file = folder === undefined ? undefined : join(folder, `${process.pid}.txt`);
  }

  conditions(kind: string, conditions: readonly Condition[] | undefined = []): void {
    for (const { type, status, reason } of conditions)
      this.#note(`condition ${kind} ${type} ${status} ${reason}`);
  }

  event(kind: string | undefined, reason: string | undefined): void {
    this.#note(`event ${kind} ${reason}`);
  }

  /** Any object as the apiserver answered it. */
  object(object: object): void {
    const { kind, apiVersion, status, regarding, reason } = object as {
      readonly kind?: string;
      readonly apiVersion?: string;
      readonly status?: { readonly conditions?: readonly Condition[] };
      readonly regarding?: { readonly kind?: string };
      readonly reason?: string;
    };
    if (regarding !== undefined) this.event(regarding.kind, reason);
    else if (kind !== undefined && apiVersion?.startsWith(`${group}/`))
      this.conditions(kind, status?.conditions);
  }

  #note(line: string): void {
    if (this.#file === undefined || this.#known.has(line)) return;
    this.#known.add(line);
    appendFileSync(this.#file, `${line}\n`);
  }
}
