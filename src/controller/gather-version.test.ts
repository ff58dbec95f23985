import { describe, expect, it } from '@jest/globals';
import {
  aDeclaredMirror,
  aPoolMirror,
  aProjectWith,
  poolFacts,
  workloadFacts,
} from '../../test/support/builders.ts';
import type { WorkloadFacts } from '../api/facts.ts';
import { compileSelection } from '../mirror/selection.ts';
import { isProjectOwned, versionUpstream } from './gather-version.ts';
import { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';
import { everyVersion } from './version-pass.ts';
import { versionTwins } from './version-twins.ts';

const family = { parentOf: () => undefined, isRead: () => true };

/** A project whose pools are pool-a and pool-b, with one version in each of `pools`. */
function aState(sections: Parameters<typeof aProjectWith>[0] = {}, ...pools: string[]): ProjectState {
  const view = aProjectWith(sections);
  const compiled = compileSelection(view.spec.discovery);
  if (!compiled.ok) throw new Error(compiled.message);
  const state = new ProjectState(view, settingsOf(view.spec), compiled.selection, 0);
  const items = ['pool-a', 'pool-b'].map((id) => poolFacts({ id, labels: { team: id } }));
  const answer = { value: { items, unidentified: 0, received: 2 }, issues: [], sequence: 1, date: 0 };
  const input = {
    now: 0,
    pollIntervalMs: 1,
    maxStalenessMs: 1,
    confirmations: 2,
    known: [],
    mayBeSelected: () => true,
  };
  state.pools.applyLists(new Map([['0', { ok: true, answer }]]), input);
  const details = items.map((value) => [value.id, { ok: true, answer: { ...answer, value } }] as const);
  state.pools.applyDetails(new Map(details), input);
  const rows = pools.map((namespace) => workloadFacts({ uid: `in-${namespace}`, namespace }));
  read(state, ...rows);
  return state;
}

function read(state: ProjectState, ...rows: WorkloadFacts[]): void {
  const walked = rows.map((facts) => ({ facts, readAt: 0, sequence: 1 }));
  state.versions.applyRows(everyVersion, walked, family);
}

const is = (state: ProjectState, pool: string): string =>
  versionUpstream(`in-${pool}`, pool, undefined, state).is;

describe('what is known of a training-job version', () => {
  it.each<[string, Parameters<typeof aProjectWith>[0], [string, string, string]]>([
    ['by default', {}, ['present', 'present', 'present']],
    ['of one pool', { discovery: { poolNames: ['pool-a'] } }, ['present', 'excluded', 'excluded']],
    ['of an old pool', { discovery: { poolNames: ['old'] } }, ['excluded', 'excluded', 'present']],
    ['with a selector', { discovery: { labelSelector: 'team=pool-a' } }, ['present', 'excluded', 'excluded']],
    ['where pools are declared', { discovery: { mode: 'Declared' } }, ['excluded', 'excluded', 'excluded']],
    ['without jobs', { workloads: { mode: 'None' } }, ['excluded', 'excluded', 'excluded']],
    ['without training', { workloads: { types: ['infer'] } }, ['excluded', 'excluded', 'excluded']],
    ['switched off', { trainingJobVersions: { mode: 'Disabled' } }, ['excluded', 'excluded', 'excluded']],
    ['suspended', { suspend: true }, ['unread', 'unread', 'unread']],
  ])('follows the selection: %s', (_name, sections, [a, b, old]) => {
    const state = aState(sections, 'pool-a', 'pool-b', 'old');
    expect([is(state, 'pool-a'), is(state, 'pool-b'), is(state, 'old')]).toEqual([a, b, old]);
  });

  it('is selected with the pool that a person declared', () => {
    const state = aState({ discovery: { mode: 'Declared' } }, 'pool-a');
    const pool = aDeclaredMirror({ poolName: 'pool-a' });
    expect(versionUpstream('in-pool-a', 'pool-a', pool, state).is).toBe('present');
  });

  it('belongs to its pool where that is one of this API, else to the project', () => {
    const state = aState();
    expect(isProjectOwned(undefined, undefined, state)).toBe(true);
    expect(isProjectOwned('old', undefined, state)).toBe(true);
    expect(isProjectOwned('pool-a', undefined, state)).toBe(false);
    expect(isProjectOwned('pool-c', aPoolMirror({ poolName: 'pool-c' }), state)).toBe(false);
  });

  it('is left to a workload only where ids prove that they are one job', () => {
    const state = aState({}, 'old');
    read(
      state,
      workloadFacts({ uid: '1485', jobName: 'same' }),
      workloadFacts({ uid: '1486', jobName: 'same' }),
    );
    const jobs = [
      workloadFacts({ uid: 'a', jobID: '1485', jobName: 'other' }),
      workloadFacts({ uid: 'b', jobName: 'same' }),
      workloadFacts({ uid: '1486', type: 'notebook' }),
    ];
    state.workloads.applyRows(
      'pool-a',
      jobs.map((facts) => ({ facts, readAt: 0, sequence: 1 })),
      family,
    );
    state.versionTwins = versionTwins(state);
    expect([...state.versionTwins]).toEqual(['1485']);
    expect(versionUpstream('1485', undefined, undefined, state).is).toBe('excluded');
    expect(versionUpstream('1486', undefined, undefined, state).is).toBe('present');
  });
});
