import type { TObject } from 'typebox';
import type { Rule } from '../schema/fields.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  /** 0 (default): always; 1: only with `-o wide`. */
  readonly priority?: 1;
}

/** All that makes a custom resource definition of ours; everything else about a kind is derived from it. */
export interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: TObject;
  readonly status: TObject;
  /** Rules that need the whole object. */
  readonly rules?: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
  /** JSON paths that field selectors may name: at most eight. */
  readonly selectableFields: readonly string[];
}

/** A column that shows the status of one condition. */
export function conditionColumn(name: string, type: string): PrinterColumn {
  return { name, type: 'string', jsonPath: `.status.conditions[?(@.type=="${type}")].status` };
}

export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
};
