import { stringify } from 'yaml';

import { harmless } from '../plugin/terminal-text.ts';
import type { Finding, Level } from './finding.ts';

const words: Readonly<Record<Level, string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

/** One line of text, whatever a server may have put into its message. */
export function lineOf({ check, about, level, found, advice }: Finding): string {
  const subject = about === undefined ? check : `${check} of ${about}`;
  const text = `${words[level]} ${subject}: ${found}${advice === undefined ? '' : ` -> ${advice}`}`;
  return `${harmless(text)}\n`;
}

/** The worst level and all findings. */
export function reportOf(findings: readonly Finding[], format: 'json' | 'yaml'): string {
  const report = { result: worstOf(findings), findings };
  return format === 'json'
    ? `${JSON.stringify(report, undefined, 2)}\n`
    : stringify(report, { lineWidth: 0, aliasDuplicateObjects: false });
}

export function worstOf(findings: readonly Finding[]): Level {
  const levels = findings.map(({ level }) => level);
  return levels.includes('fail') ? 'fail' : levels.includes('warn') ? 'warn' : 'ok';
}
