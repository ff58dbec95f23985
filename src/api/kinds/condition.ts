import type { Static } from 'typebox';
import { integer, object, oneOf, optional, tableOf, text, time } from '../schema/fields.ts';

const condition = object('One observation about this object, as in metav1.Condition.', {
  type: text('type is the name of the condition, one of those listed for this kind.', {
    minLength: 1,
    maxLength: 316,
    pattern:
      '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
  }),
  status: oneOf('status is True, False or Unknown.', ['True', 'False', 'Unknown']),
  observedGeneration: optional(
    integer('observedGeneration is the metadata.generation that the condition was set upon.', {
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
  ),
  lastTransitionTime: time(
    'lastTransitionTime is when the status last changed from one value to another, in UTC.',
  ),
  reason: text('reason is one CamelCase word of a documented set that says why.', {
    minLength: 1,
    maxLength: 1024,
    pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
  }),
  message: text('message is a sentence for people. It holds no times and no counters.', { maxLength: 32768 }),
});

export type Condition = Static<typeof condition>;

/** The list of conditions that opens each status. `description` says which types there are and what they mean. */
export function conditions(description: string) {
  return optional(tableOf(`conditions ${description}`, ['type'], condition, { maxItems: 16 }));
}
