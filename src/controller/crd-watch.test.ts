import { describe, expect, it } from '@jest/globals';
import type { EventDraft } from '../mirror/decision.ts';
import { CrdWatch } from './crd-watch.ts';
import { noMetrics, type EventSubject } from './ports.ts';

const subject: EventSubject = {
  apiVersion: 'modelarts-operator.dev/v1alpha1',
  kind: 'ModelArtsPool',
  namespace: 'team',
  name: 'pool-a',
  uid: 'pool-uid',
};

function watching() {
  const events: EventDraft[] = [];
  const outdated = new Map<string, boolean>();
  const crds = new CrdWatch(
    { publish: (_subject, event) => events.push(event) },
    { ...noMetrics, crdOutdated: (kind, is) => outdated.set(kind, is) },
  );
  return { crds, events, outdated };
}

describe('invariant 12 (Old CRDs do no harm)', () => {
  it('says nothing while all that is sent is stored', () => {
    const { crds, events, outdated } = watching();
    crds.compare('pool', { phase: 'Running', nodes: {} }, { phase: 'Running' }, subject);
    expect(events).toEqual([]);
    expect(outdated.get('pool')).toBeUndefined();
    expect(crds.pruned('pool').size).toBe(0);
  });

  it('remembers what is dropped, and says so once a kind', () => {
    const { crds, events, outdated } = watching();
    const sent = { phase: 'Running', allocated: { cpu: '1' }, nodes: { summary: '1/1' } };
    crds.compare('pool', sent, { phase: 'Running', nodes: { summary: '1/1' } }, subject);
    crds.compare('pool', sent, { phase: 'Running' }, subject);
    expect([...crds.pruned('pool')].sort()).toEqual(['allocated', 'nodes']);
    expect([...crds.pruned('workload')]).toEqual([]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'Warning', reason: 'CRDOutdated' });
    expect(events[0]?.note).toContain('allocated');
    expect(outdated.get('pool')).toBe(true);
  });
});
