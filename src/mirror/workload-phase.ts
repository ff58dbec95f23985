import { activeStatuses, terminalStatuses } from '../api/facts.ts';

/** The job has ended. */
export function isTerminal(phase: string): boolean {
  return terminalStatuses.includes(phase);
}

/** What a status word of ModelArts means for the job; `unknown` for a word that this version does not know. */
export type PhaseClass = 'waiting' | 'starting' | 'running' | 'interrupted' | 'ended' | 'unknown';

export function phaseClass(phase: string): PhaseClass {
  if (isTerminal(phase)) return 'ended';
  if (!activeStatuses.includes(phase)) return 'unknown';
  if (phase === 'Queue' || phase === 'Pending') return 'waiting';
  if (phase === 'Creating') return 'starting';
  return phase === 'Running' ? 'running' : 'interrupted';
}

/** The job holds nodes. One with a word that is not known does where it has hosts. */
export function isPlaced(phase: string, hostIPs: readonly string[]): boolean {
  const is = phaseClass(phase);
  return is === 'unknown' ? hostIPs.length > 0 : is !== 'waiting' && is !== 'ended';
}
