import type { Condition } from '../api/kinds/condition.ts';
import { poolPhases, wordAsReason, type PhaseReason } from '../api/reasons.ts';
import type { ConditionDraft } from './conditions.ts';

/** What a phase of ModelArts means for a pool's conditions: the truth table of docs, as data. */
export interface PhaseMeaning {
  readonly ready: 'True' | 'False';
  /** ModelArts is at work on it. */
  readonly reconciling?: true;
  /** A person must act. */
  readonly stalled?: true;
}

export const phaseMeanings: Readonly<Record<PhaseReason, PhaseMeaning>> = {
  Creating: { ready: 'False', reconciling: true },
  Running: { ready: 'True' },
  Abnormal: { ready: 'False' },
  Deleting: { ready: 'False', reconciling: true },
  Error: { ready: 'False', stalled: true },
  CreationFailed: { ready: 'False', stalled: true },
  ScalingFailed: { ready: 'False', stalled: true },
  Waiting: { ready: 'False', stalled: true },
};

/** What the conditions of a pool are made of: facts, and nothing that depends on when they were read. */
export interface PoolCircumstances {
  readonly phase: string | undefined;
  /** ModelArts' own text about the phase. */
  readonly message: string | undefined;
  /** `state` of each driver that the pool has, by kind. */
  readonly drivers: readonly { readonly kind: 'gpu' | 'npu'; readonly state: string | undefined }[];
  readonly nodesCreating: number;
  readonly nodesDeleting: number;
}

function isKnownPhase(phase: string | undefined): phase is PhaseReason {
  return (poolPhases as readonly (string | undefined)[]).includes(phase);
}

export function readyDraft(pool: PoolCircumstances): ConditionDraft {
  const { phase } = pool;
  if (isKnownPhase(phase)) {
    return { type: 'Ready', status: phaseMeanings[phase].ready, reason: phase, message: phaseSentence(pool) };
  }
  const message =
    phase === undefined
      ? 'ModelArts did not say the phase of the pool.'
      : `This version of the operator does not know the phase "${phase}".`;
  return { type: 'Ready', status: 'Unknown', reason: 'UnknownPhase', message };
}

/** The states of a driver that need no person, worst last. */
const driverStates = ['Running', 'Creating', 'Upgrading'];

/** Undefined for a pool without a driver. With two drivers the worse one is named. */
export function driverReadyDraft({ drivers }: PoolCircumstances): ConditionDraft | undefined {
  if (drivers.length === 0) return undefined;
  const rank = (state: string | undefined) =>
    state === undefined
      ? 0.5
      : driverStates.includes(state)
        ? driverStates.indexOf(state)
        : driverStates.length;
  const worst = drivers.reduce((a, b) => (rank(b.state) > rank(a.state) ? b : a));
  const type = 'DriverReady';
  if (worst.state === undefined) {
    return {
      type,
      status: 'Unknown',
      reason: 'UnknownState',
      message: `ModelArts did not say the state of the ${worst.kind} driver.`,
    };
  }
  const status: Condition['status'] = worst.state === 'Running' ? 'True' : 'False';
  const reason = wordAsReason(worst.state, 'UnknownState');
  const which =
    drivers.length === 2 && status === 'True' ? 'gpu and npu drivers are' : `${worst.kind} driver is`;
  return { type, status, reason, message: `The ${which} ${worst.state}.` };
}

/** At most one of Reconciling and Stalled; where both would hold, what a person must do goes first. */
export function progressDraft(pool: PoolCircumstances): ConditionDraft | undefined {
  const { phase } = pool;
  if (isKnownPhase(phase) && phaseMeanings[phase].stalled) {
    return { type: 'Stalled', status: 'True', reason: phase, message: phaseSentence(pool) };
  }
  const reconciling = (reason: string, message: string): ConditionDraft => ({
    type: 'Reconciling',
    status: 'True',
    reason,
    message,
  });
  if (isKnownPhase(phase) && phaseMeanings[phase].reconciling) return reconciling(phase, phaseSentence(pool));
  if (pool.nodesCreating > 0) return reconciling('NodesCreating', 'ModelArts is adding nodes.');
  if (pool.nodesDeleting > 0) return reconciling('NodesDeleting', 'ModelArts is removing nodes.');
  for (const { kind, state } of pool.drivers) {
    if (state === 'Creating')
      return reconciling('DriverCreating', `ModelArts is installing the ${kind} driver.`);
    if (state === 'Upgrading')
      return reconciling('DriverUpgrading', `ModelArts is upgrading the ${kind} driver.`);
  }
  return undefined;
}

function phaseSentence({ phase, message }: PoolCircumstances): string {
  const sentence = `ModelArts reports the phase ${phase}`;
  return message === undefined || message === '' ? `${sentence}.` : `${sentence}: ${message}`;
}
