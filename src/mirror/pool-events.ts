import type { ModelArtsPoolStatus } from '../api/kinds/modelarts-pool.ts';
import { findCondition } from './conditions.ts';
import type { EventDraft } from './decision.ts';
import { cutText } from './text.ts';

type Shown = string | number | undefined;

const troublePhases = ['Abnormal', 'Error', 'CreationFailed', 'ScalingFailed', 'Waiting'];

/** The Events of a status write: transitions only, and none for a mirror that is filled for the first time. */
export function poolEvents(before: ModelArtsPoolStatus, after: ModelArtsPoolStatus): EventDraft[] {
  return [
    ...lossEvents(before, after),
    ...(before.phase === undefined ? [] : factEvents(before, after)),
    ...syncEvents(before, after),
  ];
}

function factEvents(before: ModelArtsPoolStatus, after: ModelArtsPoolStatus): EventDraft[] {
  const events: EventDraft[] = [];
  const changed = (reason: EventDraft['reason'], what: string, from: Shown, to: Shown, warn: boolean) => {
    if (shown(from) === shown(to)) return;
    const note = `${what} changed from ${shown(from)} to ${shown(to)}.`;
    events.push({ type: warn ? 'Warning' : 'Normal', reason, note: cutText(note, 512) });
  };
  changed('PhaseChanged', 'Phase', before.phase, after.phase, troublePhases.includes(after.phase ?? ''));
  for (const kind of ['gpu', 'npu'] as const) {
    const [from, to] = [before.driver?.[kind], after.driver?.[kind]];
    changed(
      'DriverStateChanged',
      `State of the ${kind} driver`,
      from?.state,
      to?.state,
      to?.state === 'Abnormal',
    );
    changed('DriverVersionChanged', `Version of the ${kind} driver`, from?.version, to?.version, false);
  }
  const [fewer, more] = [before.nodes, after.nodes];
  changed('NodesChanged', 'Available nodes', fewer?.summary, more?.summary, false);
  changed(
    'NodesChanged',
    'Number of abnormal nodes',
    fewer?.abnormal,
    more?.abnormal,
    (more?.abnormal ?? 0) > (fewer?.abnormal ?? 0),
  );
  const flags = (status: ModelArtsPoolStatus) => [...(status.restrictions?.flags ?? [])].sort().join(', ');
  changed('RestrictionsChanged', 'Restrictions', flags(before), flags(after), flags(after) !== '');
  return events;
}

function lossEvents(before: ModelArtsPoolStatus, after: ModelArtsPoolStatus): EventDraft[] {
  const ready = findCondition(after.conditions, 'Ready');
  if (ready?.status !== 'False' || findCondition(before.conditions, 'Ready')?.reason === ready.reason)
    return [];
  const { reason, message } = ready;
  if (reason !== 'PoolNotFound' && reason !== 'ProjectNotFound' && reason !== 'Duplicate') return [];
  return [{ type: 'Warning', reason, note: message }];
}

/** Only what concerns this pool alone: of a failing project the project's own Event tells, once and not for each pool. */
function syncEvents(before: ModelArtsPoolStatus, after: ModelArtsPoolStatus): EventDraft[] {
  const from = findCondition(before.conditions, 'Synced');
  const to = findCondition(after.conditions, 'Synced');
  if (to === undefined || from?.status === to.status) return [];
  if (to.status === 'False' && to.reason === 'InvalidResponse') {
    return [{ type: 'Warning', reason: 'SyncFailed', note: to.message }];
  }
  if (to.status === 'True' && from?.status === 'False' && from.reason === 'InvalidResponse') {
    return [{ type: 'Normal', reason: 'SyncRecovered', note: 'The pool was read whole again.' }];
  }
  return [];
}

function shown(value: Shown): string {
  return value === undefined || value === '' ? 'none' : String(value);
}
