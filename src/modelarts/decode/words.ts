import { activeStatuses, terminalStatuses, workloadTypes } from '../../api/facts.ts';

/** A documented vocabulary: gives a word its documented spelling; an unknown word stays as sent (D08 to D10, D14). */
export type Vocabulary = (word: string | undefined) => string | undefined;

function vocabulary(words: readonly string[]): Vocabulary {
  const known = new Map(words.map((word) => [word.toLowerCase(), word]));
  return (word) => (word === undefined ? undefined : (known.get(word.trim().toLowerCase()) ?? word.trim()));
}

export const poolType = vocabulary(['Dedicate', 'Logical']);
export const poolPhase = vocabulary([
  ...['Creating', 'Running', 'Abnormal', 'Deleting', 'Error'],
  ...['CreationFailed', 'ScalingFailed', 'Waiting'],
]);
export const scopeType = vocabulary(['Train', 'Infer', 'Notebook']);
export const scopeState = vocabulary(['Enabling', 'Enabled', 'Disabling', 'Disabled', 'EnableFailed']);
export const driverState = vocabulary(['Creating', 'Upgrading', 'Running', 'Abnormal']);
export const updateStrategy = vocabulary(['force', 'idle']);
export const workloadType = vocabulary(workloadTypes);
export const workloadStatus = vocabulary([...activeStatuses, ...terminalStatuses]);
export const workspaceStatus = vocabulary(['CREATE_FAILED', 'NORMAL', 'DELETING', 'DELETE_FAILED']);
