import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DecodeIssue, PoolFacts } from '../api/facts.ts';
import type { UpstreamError } from '../api/errors.ts';
import { poolFacts } from '../../test/support/builders.ts';
import { poolNotFound, upstreamFailure } from '../../test/support/fake-modelarts.ts';
import type { Read } from './pool-pass.ts';
import { PoolObservations, type KnownPool, type PoolPassInput } from './pool-observations.ts';

const interval = 30_000;
const maxStaleness = 300_000;

/** Passes over the pools of a project, on scripted answers. */
class Passes {
  readonly observations = new PoolObservations();
  now = 0;
  known: KnownPool[] = [];
  mayBeSelected: PoolPassInput['mayBeSelected'] = () => true;
  #sequence = 0;

  get input(): PoolPassInput {
    const { now, known, mayBeSelected } = this;
    return {
      now,
      pollIntervalMs: interval,
      maxStalenessMs: maxStaleness,
      confirmations: 2,
      known,
      mayBeSelected,
    };
  }

  answer<T>(value: T, issues: readonly DecodeIssue[] = [], sequence = ++this.#sequence): Read<T> {
    return { ok: true, answer: { value, issues, sequence, date: 0 } };
  }

  /** Lists by workspace, then the details that follow from them; answers which were asked for. */
  take(
    lists: Record<string, readonly PoolFacts[] | UpstreamError>,
    details: Record<string, PoolFacts | UpstreamError> = {},
    options: { issues?: readonly DecodeIssue[]; unidentified?: number; afterMs?: number } = {},
  ): readonly string[] {
    const { issues = [], unidentified = 0, afterMs = interval } = options;
    this.now += afterMs;
    const reads = Object.entries(lists).map(([workspace, items]) => {
      if (items instanceof Error) return [workspace, { ok: false, error: items }] as const;
      const value = { items, unidentified, received: items.length + unidentified };
      return [workspace, this.answer(value, issues)] as const;
    });
    const wanted = this.observations.applyLists(new Map(reads), this.input);
    const shown = Object.values(lists).flatMap((items) => (items instanceof Error ? [] : items));
    const answers = wanted.map((name) => {
      const detail = details[name] ?? shown.find(({ id }) => id === name) ?? poolNotFound();
      if (detail instanceof Error) return [name, { ok: false, error: detail }] as const;
      return [name, this.answer(detail)] as const;
    });
    this.observations.applyDetails(new Map(answers), this.input);
    return wanted;
  }

  get(name = 'pool-a') {
    return this.observations.get(name);
  }
}

const a = poolFacts();
const mirrorOfA: KnownPool = { poolName: 'pool-a', workspaceID: '0', declared: false };
const down = upstreamFailure('Unreachable');

describe('what is read of pools', () => {
  it('is one detail at first, then list rows, and a detail again after maxStaleness', () => {
    const passes = new Passes();
    const asked = Array.from({ length: 21 }, () => passes.take({ 0: [a] }).length);
    expect(asked.reduce((sum, n) => sum + n)).toBe(3);
    expect(asked[0]).toBe(1);
    expect(asked[10]).toBe(1);
  });

  it('does not read all details at the same time for ever', () => {
    const passes = new Passes();
    const pools = Array.from({ length: 20 }, (_, n) => poolFacts({ id: `pool-${n}` }));
    expect(passes.take({ 0: pools })).toHaveLength(20);
    for (let n = 0; n < 30; n++) expect(passes.take({ 0: pools }).length).toBeLessThanOrEqual(4);
  });

  it('is a changed row at once, while details agree', () => {
    const passes = new Passes();
    passes.take({ 0: [a] });
    passes.take({ 0: [{ ...a, phase: 'Abnormal' }] });
    expect(passes.get()?.facts?.phase).toBe('Abnormal');
  });

  it('is no row that was never compared: what decides about the pool may be missing in it', () => {
    const passes = new Passes();
    const whole = poolFacts({ labels: { team: 'vision' } });
    passes.observations.applyLists(
      new Map([['0', passes.answer({ items: [a], unidentified: 0, received: 1 })]]),
      passes.input,
    );
    expect(passes.get()?.facts).toBeUndefined();
    passes.take({ 0: [a] }, { 'pool-a': whole });
    expect(passes.get()?.facts).toEqual(whole);
    passes.take({ 0: [a] });
    expect(passes.get()?.facts).toEqual(whole);
    expect(passes.observations.listIsPartial).toBe(true);
  });

  it('is the row again where the detail showed more only because the pool changed between the two reads', () => {
    const passes = new Passes();
    const described = { ...a, description: 'new' };
    passes.take({ 0: [a] }, { 'pool-a': described });
    expect(passes.take({ 0: [described] }, { 'pool-a': described })).toEqual(['pool-a']);
    expect(passes.observations.listIsPartial).toBe(false);
    expect(passes.take({ 0: [{ ...described, phase: 'Abnormal' }] })).toEqual([]);
    expect(passes.get()?.facts?.phase).toBe('Abnormal');
  });

  it('is the detail where the row changed and still leaves out what that shows', () => {
    const passes = new Passes();
    const labels = { team: 'vision' };
    passes.take({ 0: [a] }, { 'pool-a': { ...a, labels } });
    const changed = { ...a, phase: 'Abnormal' };
    expect(passes.take({ 0: [changed] }, { 'pool-a': { ...changed, labels } })).toEqual(['pool-a']);
    expect(passes.get()?.facts).toEqual({ ...changed, labels });
    expect(passes.observations.listIsPartial).toBe(true);
  });

  it('is the detail alone once the list proved partial, again whenever the row changes', () => {
    const passes = new Passes();
    const row = { ...a, labels: {} };
    const whole = poolFacts({ labels: { team: 'vision' } });
    passes.take({ 0: [row] }, { 'pool-a': whole });
    expect(passes.take({ 0: [row] }, { 'pool-a': whole })).toEqual([]);
    const changed = { ...whole, phase: 'Abnormal' };
    expect(passes.take({ 0: [{ ...row, phase: 'Abnormal' }] }, { 'pool-a': changed })).toEqual(['pool-a']);
    expect(passes.get()?.facts).toEqual(changed);
  });

  it('asks for a changed detail again while that fails, and says so', () => {
    const passes = new Passes();
    const row = { ...a, labels: {} };
    const whole = poolFacts({ labels: { team: 'vision' } });
    passes.take({ 0: [row] }, { 'pool-a': whole });
    const changed = { ...row, phase: 'Abnormal' };
    expect(passes.take({ 0: [changed] }, { 'pool-a': down })).toEqual(['pool-a']);
    expect(passes.take({ 0: [changed] }, { 'pool-a': down })).toEqual(['pool-a']);
    expect(passes.get()).toMatchObject({ facts: whole, detailHealth: { failures: 2 } });
    passes.take({ 0: [changed] }, { 'pool-a': { ...whole, phase: 'Abnormal' } });
    expect(passes.get()?.detailHealth).toBeUndefined();
    expect(passes.take({ 0: [changed] })).toEqual([]);
  });

  it('takes a list for partial that contradicts the detail twice while neither changes', () => {
    const passes = new Passes();
    const row = { ...a, jobFlavors: ['one'] };
    const detail = { ...a, jobFlavors: ['one', 'two'] };
    passes.take({ 0: [row] }, { 'pool-a': detail });
    expect(passes.observations.listIsPartial).toBe(false);
    for (let n = 0; n < 10; n++) passes.take({ 0: [row] }, { 'pool-a': detail });
    expect(passes.observations.listIsPartial).toBe(true);
    passes.take({ 0: [row] });
    expect(passes.get()?.facts).toEqual(detail);
  });

  it('goes on with rows where details fail, and leaves them alone for maxStaleness', () => {
    const passes = new Passes();
    passes.take({ 0: [a] }, { 'pool-a': down });
    expect(passes.get()).toMatchObject({ facts: a, verified: false });
    expect(passes.get()?.detailHealth).toBeUndefined();
    expect(passes.take({ 0: [a] }, { 'pool-a': down })).toEqual([]);
    passes.take({ 0: [a] }, { 'pool-a': upstreamFailure('Forbidden') }, { afterMs: maxStaleness });
    expect(passes.get()).toMatchObject({ verified: true });
  });

  it('needs no details of pools that discovery leaves out whatever they are like', () => {
    const passes = new Passes();
    passes.mayBeSelected = () => false;
    passes.known = [{ poolName: 'pool-b', workspaceID: '0', declared: true }];
    expect(passes.take({ 0: [a, poolFacts({ id: 'pool-b' })] })).toEqual(['pool-b']);
    expect(passes.get()?.facts).toEqual(a);
  });

  it('names what did not decode from the pool down, whichever call showed it', () => {
    const passes = new Passes();
    const issue = { item: 'pool-a', expected: 'a text', found: '7' };
    passes.take({ 0: [a] });
    passes.take({ 0: [a] }, {}, { issues: [{ ...issue, path: 'items[3].status.phase' }] });
    expect(passes.get()?.issues).toEqual([{ ...issue, path: 'status.phase' }]);
  });

  it('never gives way to an older answer', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), (sequences) => {
        const passes = new Passes();
        passes.take({ 0: [a] });
        for (const sequence of sequences) {
          const row = { ...a, phase: `seen-${sequence}` };
          const list = passes.answer({ items: [row], unidentified: 0, received: 1 }, [], 100 + sequence);
          passes.observations.applyLists(new Map([['0', list]]), passes.input);
        }
        expect(passes.get()?.facts?.phase).toBe(`seen-${Math.max(...sequences)}`);
      }),
    );
  });
});

describe('invariant 3 (Never guess a deletion): when a pool is gone', () => {
  const seen = () => {
    const passes = new Passes();
    passes.known = [mirrorOfA];
    passes.take({ 0: [a], other: [] });
    return passes;
  };

  it('is after as many complete lists as asked, and the word of the detail read', () => {
    const passes = seen();
    expect(passes.take({ 0: [] })).toEqual([]);
    expect(passes.get()).toMatchObject({ absences: 1, gone: false });
    expect(passes.take({ 0: [] })).toEqual(['pool-a']);
    expect(passes.get()).toMatchObject({ gone: true, facts: a });
  });

  it.each<[string, Parameters<Passes['take']>]>([
    ['the list of its workspace fails', [{ 0: down, other: [] }]],
    ['its workspace is not listed', [{ other: [] }]],
    ['a row of the list has no identity', [{ 0: [] }, {}, { unidentified: 1 }]],
    ['no list was read', [{}]],
    ['another pool is listed twice as soon as an interval allows', [{ 0: [] }, {}, { afterMs: 0 }]],
  ])('is not where %s', (_why, what) => {
    const passes = seen();
    for (let n = 0; n < 5; n++) passes.take(...what);
    expect(passes.get()).toMatchObject({ gone: false });
    expect(passes.get()!.absences).toBeLessThanOrEqual(1);
  });

  it.each<[string, PoolFacts | UpstreamError]>([
    ['shows it', a],
    ['fails', down],
    ['says that the API is not offered', upstreamFailure('NotFound', { what: 'api' })],
    ['says that the project is not known', upstreamFailure('NotFound', { what: 'project' })],
    ['is refused', upstreamFailure('Unauthorized')],
  ])('is not where the detail read %s', (_why, detail) => {
    const passes = seen();
    for (let n = 0; n < 5; n++) passes.take({ 0: [] }, { 'pool-a': detail });
    expect(passes.get()).toMatchObject({ gone: false });
  });

  it('counts anew once it is listed again', () => {
    const passes = seen();
    passes.take({ 0: [] });
    passes.take({ 0: [a] });
    passes.take({ 0: [] });
    expect(passes.get()).toMatchObject({ absences: 1, gone: false });
  });

  it('takes all lists for a mirror that does not say its workspace', () => {
    const passes = new Passes();
    passes.known = [{ poolName: 'pool-a', declared: false }];
    passes.take({ 0: [], other: down });
    passes.take({ 0: [], other: down });
    expect(passes.get()).toMatchObject({ gone: false });
    passes.take({ 0: [], other: [] });
    passes.take({ 0: [], other: [] });
    expect(passes.get()).toMatchObject({ gone: true });
  });

  it('is at once for a declared pool that was never seen, and not when it could not be read', () => {
    const passes = new Passes();
    passes.known = [{ poolName: 'pool-a', declared: true }];
    passes.take({ 0: [] }, { 'pool-a': down });
    expect(passes.get()).toMatchObject({ gone: false, detailHealth: { failures: 1 } });
    passes.take({ 0: [] });
    expect(passes.get()).toMatchObject({ gone: true });
  });

  it('reads a declared pool that no list shows by its detail, each time', () => {
    const passes = new Passes();
    passes.known = [{ poolName: 'pool-a', workspaceID: 'elsewhere', declared: true }];
    for (const phase of ['Running', 'Abnormal']) {
      expect(passes.take({ 0: [] }, { 'pool-a': { ...a, phase } })).toEqual(['pool-a']);
      expect(passes.get()?.facts?.phase).toBe(phase);
    }
  });

  it('never is by fewer than `confirmations` complete lists, whatever comes in between', () => {
    const list = fc.constantFrom<'with' | 'without' | 'fails' | 'unidentified' | 'early'>(
      'with',
      'without',
      'fails',
      'unidentified',
      'early',
    );
    fc.assert(
      fc.property(fc.array(list, { maxLength: 12 }), (script) => {
        const passes = seen();
        let lacked = 0;
        for (const what of script) {
          if (what === 'with') lacked = 0;
          if (what === 'without') lacked += 1;
          passes.take(
            { 0: what === 'with' ? [a] : what === 'fails' ? down : [] },
            {},
            {
              unidentified: what === 'unidentified' ? 1 : 0,
              afterMs: what === 'early' ? 1 : interval,
            },
          );
          if (what === 'early' && passes.get()!.absences > lacked) lacked = passes.get()!.absences;
          expect(passes.get()!.gone).toBe(passes.get()!.absences >= 2);
          expect(passes.get()!.absences).toBeLessThanOrEqual(lacked);
        }
      }),
    );
  });
});
