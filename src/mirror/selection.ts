import type { PoolFacts } from '../api/facts.ts';
import type { ProjectView } from './world.ts';
import { parseLabelSelector } from './label-selector.ts';

export type Discovery = ProjectView['spec']['discovery'];

export interface PoolSelection {
  /** The pool matches `discovery`. With mode Declared none does: those that a person declared are mirrored anyway. */
  selects(pool: Pick<PoolFacts, 'id' | 'workspaceID' | 'labels'>): boolean;
}

export type CompiledSelection =
  { readonly ok: true; readonly selection: PoolSelection } | { readonly ok: false; readonly message: string };

/** Which pools a project's `discovery` selects; not ok where its label selector cannot be read. */
export function compileSelection(discovery: Discovery): CompiledSelection {
  const parsed = parseLabelSelector(discovery.labelSelector ?? '');
  if (!parsed.ok) return parsed;
  const workspaces = new Set(discovery.workspaces);
  const names = new Set(discovery.poolNames ?? []);
  const selects: PoolSelection['selects'] = (pool) =>
    discovery.mode === 'All' &&
    (workspaces.has('*') || workspaces.has(pool.workspaceID)) &&
    (names.size === 0 || names.has(pool.id)) &&
    parsed.selector.matches(pool.labels);
  return { ok: true, selection: { selects } };
}
