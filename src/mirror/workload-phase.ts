import { activeStatuses, terminalStatuses } from '../api/facts.ts';

const terminal: readonly (string | undefined)[] = terminalStatuses;
const active: readonly (string | undefined)[] = activeStatuses;

/** The job has ended. */
export function isTerminal(phase: string | undefined): boolean {
  return terminal.includes(phase);
}

/** What a status word of ModelArts means for the job; `unknown` for none or one that this version does not know. */
export type PhaseClass = 'waiting' | 'starting' | 'running' | 'interrupted' | 'ended' | 'unknown';

export function phaseClass(phase: string | undefined): PhaseClass {
  if (isTerminal(phase)) return 'ended';
  if (!active.includes(phase)) return 'unknown';
  if (phase === 'Queue' || phase === 'Pending') return 'waiting';
  if (phase === 'Creating') return 'starting';
  return phase === 'Running' ? 'running' : 'interrupted';
}

/** The job holds nodes. One with a word that is not known does where it has hosts. */
export function isPlaced(phase: string, hostIPs: readonly string[]): boolean {
  const is = phaseClass(phase);
  return is === 'unknown' ? hostIPs.length > 0 : is !== 'waiting' && is !== 'ended';
}
