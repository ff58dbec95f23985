import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ApiError, TransportError } from './errors.ts';
import { initialState, step } from './reflector-state.ts';
import type { ReflectorInput, ReflectorState } from './reflector-state.ts';

const object = (version: string) => ({ metadata: { name: 'a', resourceVersion: version } });
const apiError = (code: number, causes: { reason: string }[] = []): ApiError =>
  new ApiError('GET /x', { code, reason: '', message: '', details: { causes } });
const unreachable = new TransportError('cut');
const cluster = { at: 'watching', version: '7', heard: true } as const;
const line = (value: unknown): ReflectorInput<never> => ({ type: 'line', line: value });

const cases: {
  name: string;
  from: ReflectorState;
  input: ReflectorInput<never>;
  to: ReflectorState;
  backOff: boolean;
}[] = [
  {
    name: 'a list begins',
    from: initialState,
    input: { type: 'begin' },
    to: { at: 'paging', paged: true, next: undefined },
    backOff: false,
  },
  {
    name: 'a page that is not the last leads to the next',
    from: { at: 'paging', paged: true, next: undefined },
    input: { type: 'page', objects: [], next: 'token', version: '5' },
    to: { at: 'paging', paged: true, next: 'token' },
    backOff: false,
  },
  {
    name: 'the last page ends the list',
    from: { at: 'paging', paged: true, next: 'token' },
    input: { type: 'page', objects: [], next: undefined, version: '5' },
    to: { at: 'listed', version: '5' },
    backOff: false,
  },
  {
    name: 'an empty continue token is the last page too, as the apiserver writes it',
    from: { at: 'paging', paged: true, next: 'token' },
    input: { type: 'page', objects: [], next: '', version: '5' },
    to: { at: 'listed', version: '5' },
    backOff: false,
  },
  {
    name: 'a page that could not be read is asked for again',
    from: { at: 'paging', paged: true, next: 'token' },
    input: { type: 'failed', error: unreachable },
    to: { at: 'paging', paged: true, next: 'token' },
    backOff: true,
  },
  {
    name: 'a continue token that expired starts over, in one piece',
    from: { at: 'paging', paged: true, next: 'token' },
    input: { type: 'failed', error: apiError(410) },
    to: { at: 'empty', paged: false },
    backOff: true,
  },
  ...[unreachable, apiError(429), apiError(500), apiError(410), apiError(400)].map((error) => ({
    name: `a list in one piece that failed starts over in pages: ${String(error)}`,
    from: { at: 'paging', paged: false, next: undefined } as const,
    input: { type: 'failed', error } as const,
    to: { at: 'empty', paged: true } as const,
    backOff: true,
  })),
  {
    name: 'a first page that expired starts over in pages',
    from: { at: 'paging', paged: true, next: undefined },
    input: { type: 'failed', error: apiError(410) },
    to: { at: 'empty', paged: true },
    backOff: true,
  },
  {
    name: 'a watch opens',
    from: { at: 'listed', version: '5' },
    input: { type: 'opened' },
    to: { at: 'watching', version: '5', heard: false },
    backOff: false,
  },
  {
    name: 'a bookmark moves the version on',
    from: { at: 'watching', version: '5', heard: false },
    input: line({ type: 'BOOKMARK', object: object('9') }),
    to: { at: 'watching', version: '9', heard: true },
    backOff: false,
  },
  {
    name: 'a watch that said something and ended is opened again at once',
    from: cluster,
    input: { type: 'ended' },
    to: { at: 'listed', version: '7' },
    backOff: false,
  },
  {
    name: 'a watch that ended without a word is opened again later',
    from: { at: 'watching', version: '7', heard: false },
    input: { type: 'ended' },
    to: { at: 'listed', version: '7' },
    backOff: true,
  },
  {
    name: 'a watch that was cut resumes from the version it had',
    from: cluster,
    input: { type: 'failed', error: unreachable },
    to: { at: 'listed', version: '7' },
    backOff: true,
  },
  {
    name: 'an ERROR event with 410 lists again',
    from: cluster,
    input: line({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
    }),
    to: { at: 'empty', paged: true },
    backOff: true,
  },
  {
    name: 'an ERROR event with 500 resumes',
    from: cluster,
    input: line({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd' } }),
    to: { at: 'listed', version: '7' },
    backOff: true,
  },
  {
    name: 'a 410 on opening lists again',
    from: { at: 'listed', version: '7' },
    input: { type: 'failed', error: apiError(410) },
    to: { at: 'empty', paged: true },
    backOff: true,
  },
  ...[429, 401, 403, 500, 503].map((code) => ({
    name: `a ${code} on opening is no reason to list again`,
    from: { at: 'listed', version: '7' } as const,
    input: { type: 'failed', error: apiError(code) } as const,
    to: { at: 'listed', version: '7' } as const,
    backOff: true,
  })),
  {
    name: 'a version from the future (etcd restored) lists again',
    from: { at: 'listed', version: '7' },
    input: { type: 'failed', error: apiError(504, [{ reason: 'ResourceVersionTooLarge' }]) },
    to: { at: 'empty', paged: true },
    backOff: true,
  },
  ...[
    null,
    42,
    {},
    { type: 'ADDED' },
    { type: 'ADDED', object: {} },
    { type: 'NEW', object: object('8') },
    { type: 'ADDED', object: { metadata: { resourceVersion: 8 } } },
  ].map((value) => ({
    name: `an unreadable line lists again: ${JSON.stringify(value)}`,
    from: cluster,
    input: line(value),
    to: { at: 'empty', paged: true } as const,
    backOff: true,
  })),
];

describe('step', () => {
  it.each(cases)('$name', ({ from, input, to, backOff }) => {
    const made = step(from, input);
    expect(made.state).toEqual(to);
    expect(made.backOff).toBe(backOff);
  });

  it('tells of the list, its objects and its end, and then of changes', () => {
    const [a, b] = [object('1'), object('2')];
    expect(step(initialState, { type: 'begin' }).events).toEqual([{ type: 'relistStarted' }]);
    const paging = { at: 'paging', paged: true, next: undefined } as const;
    expect(step(paging, { type: 'page', objects: [a, b], next: undefined, version: '2' }).events).toEqual([
      { type: 'listed', object: a },
      { type: 'listed', object: b },
      { type: 'relistDone', version: '2' },
    ]);
    expect(step(cluster, line({ type: 'ADDED', object: a })).events).toEqual([
      { type: 'applied', object: a },
    ]);
    expect(step(cluster, line({ type: 'MODIFIED', object: a })).events).toEqual([
      { type: 'applied', object: a },
    ]);
    expect(step(cluster, line({ type: 'DELETED', object: b })).events).toEqual([
      { type: 'deleted', object: b },
    ]);
  });

  it('is total: any input in any state gives a state, and never throws', () => {
    const states = fc.constantFrom<ReflectorState>(
      initialState,
      { at: 'empty', paged: false },
      { at: 'paging', paged: true, next: undefined },
      { at: 'paging', paged: false, next: 't' },
      { at: 'listed', version: '1' },
      { at: 'watching', version: '1', heard: false },
    );
    const inputs = fc.oneof(
      fc.constantFrom<ReflectorInput<never>>({ type: 'begin' }, { type: 'opened' }, { type: 'ended' }),
      fc.anything().map((error): ReflectorInput<never> => ({ type: 'failed', error })),
      fc.anything().map(line),
      fc.record({ type: fc.constantFrom('ADDED', 'ERROR', 'DELETED'), object: fc.anything() }).map(line),
    );
    fc.assert(
      fc.property(states, inputs, (state, input) => {
        expect(['empty', 'paging', 'listed', 'watching']).toContain(step(state, input).state.at);
      }),
    );
  });
});
