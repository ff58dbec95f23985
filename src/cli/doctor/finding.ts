export type Level = 'ok' | 'warn' | 'fail';

/** What one check found: one line for people, one object for programs. */
export interface Finding {
  /** Which check, e.g. `crds`: API, as the levels are. */
  readonly check: string;
  /** What it is about, where there are several: `namespace/name` of a project, a URL. */
  readonly about?: string;
  readonly level: Level;
  /** A phrase; nothing secret. */
  readonly found: string;
  /** What to do; absent where nothing is. */
  readonly advice?: string;
}

type Said = Omit<Finding, 'check' | 'level' | 'found'>;

/** Findings of one check. */
export function findingsOf(check: string, about?: string) {
  const finding =
    (level: Level) =>
    (found: string, advice?: string): Finding => {
      const said: Said = { ...(about !== undefined && { about }), ...(advice !== undefined && { advice }) };
      return { check, level, found, ...said };
    };
  return { ok: finding('ok'), warn: finding('warn'), fail: finding('fail') };
}
