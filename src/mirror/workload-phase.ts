import { activeStatuses, terminalStatuses } from '../api/facts.ts';

/** The job has ended. */
export function isTerminal(phase: string): boolean {
  return terminalStatuses.includes(phase);
}

/** The job waits for its place. */
export function isWaiting(phase: string): boolean {
  return phase === 'Queue' || phase === 'Pending';
}

/** A word that this version does not know. */
export function isUnknown(phase: string): boolean {
  return !isTerminal(phase) && !activeStatuses.includes(phase);
}

/** Neither waiting nor running nor over: no duration of ModelArts says since when. */
export function isInterrupted(phase: string): boolean {
  return phase === 'Abnormal' || phase === 'Terminating' || isUnknown(phase);
}

/** The job holds nodes. A word that is not known does where the job has hosts. */
export function isPlaced(phase: string, hostIPs: readonly string[]): boolean {
  if (isTerminal(phase) || isWaiting(phase)) return false;
  return !isUnknown(phase) || hostIPs.length > 0;
}
