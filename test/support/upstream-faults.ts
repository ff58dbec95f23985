import type { FaultRule } from '../../src/simulator/fault-rule.ts';

/** The effects of fault rules (docs/simulator.md) that differ in what the operator learns, by what they are. */
export const upstreamFaults: readonly (readonly [name: string, rule: FaultRule])[] = [
  ['500', { status: 500 }],
  ['403', { status: 403 }],
  ['404 of the gateway', { status: 404, code: 'APIGW.0101' }],
  ['429', { status: 429, retryAfter: 1 }],
  ['a delay', { delay: '60ms' }],
  ['no answer', { cut: 'beforeHeaders' }],
  ['an answer that is cut', { cut: 'midBody' }],
  ['a truncated body', { body: 'truncated' }],
  ['a page for people', { body: 'html' }],
  ['no rows', { rows: 'none' }],
  ['half of the rows', { rows: 'half' }],
  ['a row left out', { rows: 'skip' }],
  ['a row twice', { rows: 'repeat' }],
  ['rows that shift', { rows: 'shift' }],
  ['a row that is none', { rows: 'garbage' }],
  ['totals that disagree', { totalOff: 3 }],
];
