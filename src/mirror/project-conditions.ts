import type { Condition } from '../api/kinds/condition.ts';
import type { ModelArtsProjectStatus } from '../api/kinds/modelarts-project.ts';
import { configurationReasons } from '../api/reasons.ts';
import { findCondition, type ConditionDraft } from './conditions.ts';
import { annotations } from './identity.ts';
import { issuesMessage, suspendedMessage } from './pool-status.ts';
import { firstOf } from './text.ts';
import type { ProjectWorld } from './world.ts';

type Draft = ConditionDraft | Condition;

/** The conditions of a project, as §4 of the design has them. A project that is suspended keeps all but two. */
export function projectConditions(world: ProjectWorld, suspended: boolean): Draft[] {
  const before = world.object.status ?? {};
  const keep = (type: string) => findCondition(before.conditions, type) ?? notReadYet(type);
  if (suspended) {
    const because = { status: 'Unknown', reason: 'Suspended', message: suspendedMessage } as const;
    return [
      { type: 'Ready', ...because },
      findCondition(before.conditions, 'Authenticated') ?? notReadYet('Authenticated'),
      { type: 'Synced', ...because },
      findCondition(before.conditions, 'DeletionBlocked') ?? nothingBlocked,
    ];
  }
  return [
    ready(world) ?? keep('Ready'),
    authenticated(world) ?? keep('Authenticated'),
    synced(world) ?? keep('Synced'),
    deletionBlocked(world, before),
  ];
}

/** Undefined: what stands there stays. */
function ready(world: ProjectWorld): ConditionDraft | undefined {
  const { configuration, authentication, read } = world;
  const type = 'Ready';
  if (configuration) return { type, status: 'False', ...configuration };
  if (authentication?.accepted === false) {
    const { reason, message } = authentication;
    return { type, status: 'False', reason, message };
  }
  switch (read.is) {
    case 'complete':
      return reading;
    case 'partial':
      return read.stale ? stale : reading;
    case 'failing':
      if (read.stale) return stale;
      return overcome(world) ? notReadYet(type) : undefined;
    case 'pending':
    case 'suspended':
      return undefined;
  }
}

/** Whether in part or whole, and why not, is for `Synced` to say: said here too, each change of it would be said twice. */
const reading: ConditionDraft = {
  type: 'Ready',
  status: 'True',
  reason: 'Reading',
  message: 'ModelArts is being read.',
};
const stale: ConditionDraft = {
  type: 'Ready',
  status: 'Unknown',
  reason: 'Stale',
  message: 'Nothing could be read for too long; `Synced` says why.',
};

/** What stands there speaks of a configuration that has been mended since. */
function overcome({ object }: ProjectWorld): boolean {
  const reason = findCondition(object.status?.conditions, 'Ready')?.reason ?? '';
  return Object.hasOwn(configurationReasons, reason);
}

function authenticated({ authentication }: ProjectWorld): ConditionDraft | undefined {
  const type = 'Authenticated';
  if (authentication === undefined) return undefined;
  if (authentication.accepted) {
    return { type, status: 'True', reason: 'Accepted', message: 'ModelArts accepts the credential.' };
  }
  const { reason, message } = authentication;
  return { type, status: 'False', reason, message };
}

function synced(world: ProjectWorld): ConditionDraft | undefined {
  const { configuration, read, partial } = world;
  const type = 'Synced';
  if (configuration) return { type, status: 'False', ...configuration };
  switch (read.is) {
    case 'complete':
      return partial.length === 0 ? complete(world) : partialFailure(partial);
    case 'partial':
      if (!read.announce) return undefined;
      return partialFailure(partial.length === 0 ? [issuesMessage(read.issues)] : partial);
    case 'failing':
      return read.announce
        ? { type, status: 'False', reason: read.reason, message: read.message }
        : undefined;
    case 'pending':
    case 'suspended':
      return undefined;
  }
}

function complete({ effective }: ProjectWorld): ConditionDraft {
  const type = 'Synced';
  if (!effective.stretched) {
    return { type, status: 'True', reason: 'ReadComplete', message: 'The last reads were complete.' };
  }
  return {
    type,
    status: 'True',
    reason: 'BudgetStretched',
    message:
      'All is read, but `rateLimit` does not allow the intervals of `polling`: `status.effective` shows those in use. ' +
      'Raise `rateLimit` as far as ModelArts allows, lengthen the intervals, or select fewer pools; ' +
      'projects with the same credential share one budget.',
  };
}

function partialFailure(parts: readonly string[]): ConditionDraft {
  return {
    type: 'Synced',
    status: 'False',
    reason: 'PartialFailure',
    message: `Not everything could be read: ${firstOf(parts, 3, '; ')}`,
  };
}

/** Ids that the message names; the command that it prints holds for all. */
const namedIDs = 6;

function deletionBlocked(world: ProjectWorld, before: ModelArtsProjectStatus): Draft {
  const { object, blocked, read, configuration } = world;
  const kept = findCondition(before.conditions, 'DeletionBlocked');
  if (blocked === undefined) {
    // Without a complete read nothing shows that what was held back is there again.
    const unproven = configuration !== undefined || read.is === 'pending' || read.is === 'failing';
    return (unproven ? kept : undefined) ?? nothingBlocked;
  }
  const { namespace, name } = object.metadata;
  const command =
    `kubectl annotate modelartsproject ${name} --namespace ${namespace ?? 'default'} --overwrite ` +
    `${annotations.confirmDeletion}=${blocked.token}`;
  return {
    type: 'DeletionBlocked',
    status: 'True',
    reason: 'MaxPercentExceeded',
    message:
      `More ${blocked.what} are missing at once than \`deletion.maxPercent\` allows, so none is deleted. ` +
      `To delete exactly these: ${command} (${firstOf(blocked.ids, namedIDs)})`,
  };
}

const nothingBlocked: ConditionDraft = {
  type: 'DeletionBlocked',
  status: 'False',
  reason: 'NothingBlocked',
  message: 'No deletion is held back.',
};

function notReadYet(type: string): ConditionDraft {
  return { type, status: 'Unknown', reason: 'NotReadYet', message: 'ModelArts has not been read yet.' };
}
