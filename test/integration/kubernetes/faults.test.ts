import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { calmPool, calmScenario } from '../../support/calm-scenario.ts';
import { eventually } from '../../support/eventually.ts';
import type { Fault, FaultRule } from '../../support/fault-proxy.ts';
import { unfaithful } from '../../support/fresh-read.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { Stage } from '../../support/stage.ts';
import { json, page, status, trouble } from './support/answers.ts';
import { faultyWay, type FaultyWay } from './support/faulty-way.ts';

/** A line of a watch of more bytes than any object may have. */
function* enormousLine(): Generator<string> {
  yield '{"type":"MODIFIED","object":{"metadata":{"name":"enormous","resourceVersion":"1","annotations":{"x":"';
  const part = 'x'.repeat(1 << 20);
  for (let mebibyte = 0; mebibyte < 20; mebibyte++) yield part;
  yield '"}}}}\n';
}

/** Every second of the requests that it is for. */
function everySecond(fault: Fault, concerns: FaultRule): FaultRule {
  let asked = 0;
  return (request) => (concerns(request) !== undefined && asked++ % 2 === 0 ? fault : undefined);
}
const writes =
  (fault: Fault): FaultRule =>
  ({ method }) =>
    method === 'GET' ? undefined : fault;
const deletes =
  (fault: Fault): FaultRule =>
  ({ method }) =>
    method === 'DELETE' ? fault : undefined;
const reads =
  (fault: Fault): FaultRule =>
  ({ method }) =>
    method === 'GET' ? fault : undefined;
const watches =
  (fault: Fault): FaultRule =>
  ({ watch }) =>
    watch ? fault : undefined;
const all =
  (fault: Fault): FaultRule =>
  () =>
    fault;

interface Case {
  readonly what: string;
  readonly rule: FaultRule;
  /** How many times it must have happened before it ends. */
  readonly times: number;
  /** Whether open connections are cut when it begins, so that watches and their lists begin anew under it. */
  readonly anew?: true;
}

const slow: Fault = { is: 'slow', ms: 400 };
const cases: readonly Case[] = [
  { what: 'slow answers', rule: all(slow), times: 8 },
  { what: 'a 500 to every write', rule: writes(trouble(500, 'InternalError')), times: 6 },
  { what: 'a 500 to every read', rule: reads(trouble(500, 'InternalError')), times: 6, anew: true },
  {
    what: '429 with Retry-After',
    rule: everySecond(trouble(429, 'TooManyRequests', { 'retry-after': '1' }), all(slow)),
    times: 6,
  },
  { what: '503 without one', rule: all(trouble(503, 'ServiceUnavailable')), times: 6, anew: true },
  { what: 'pages of HTML with 502', rule: all(page(502)), times: 6, anew: true },
  { what: 'pages of HTML with 404', rule: all(page(404)), times: 6, anew: true },
  { what: 'pages of HTML with 404 to deletes', rule: deletes(page(404)), times: 2 },
  { what: 'pages of HTML with 401', rule: all(page(401)), times: 6, anew: true },
  { what: 'pages of HTML with 200', rule: all(page(200)), times: 6, anew: true },
  { what: 'empty answers', rule: all({ is: 'answer', status: 200, headers: json }), times: 6, anew: true },
  { what: 'writes of which the answer is lost', rule: everySecond({ is: 'lost' }, writes(slow)), times: 5 },
  { what: 'writes of which the answer is cut', rule: everySecond({ is: 'half' }, writes(slow)), times: 5 },
  { what: 'half a watch line', rule: watches({ is: 'half' }), times: 3 },
  {
    what: 'a watch line that is no JSON',
    rule: watches({ is: 'says', chunks: ['<h1>Gateway</h1>\n'] }),
    times: 3,
  },
  {
    what: 'a watch line of another kind of object',
    rule: watches({ is: 'says', chunks: ['{"type":"ADDED","object":{"kind":"Pod"}}\n'] }),
    times: 3,
  },
  {
    what: 'an object that is too large to be one',
    rule: everySecond({ is: 'says', chunks: { [Symbol.iterator]: enormousLine } }, watches(slow)),
    times: 2,
  },
  {
    what: 'a watch that has expired',
    rule: watches({
      is: 'says',
      chunks: [`{"type":"ERROR","object":${status(410, 'Expired')}}\n`],
    }),
    times: 3,
  },
];

describe('an operator whose apiserver gives', () => {
  let stage: Stage;
  let way: FaultyWay;
  let operator: TestOperator;
  let pools = 0;

  beforeAll(async () => {
    way = await faultyWay();
    const scenario = calmScenario(['kept']);
    stage = await Stage.open({ scenario, start: false, manualClock: true, speed: 10 });
    operator = startOperator({
      kubeconfig: way.kubeconfig,
      runtime: stage.runtime,
      namespaces: [stage.namespace],
    });
    // One pool goes in each case.
    await stage.connect({ wait: false, spec: { deletion: { maxPercent: 100 } } });
    await faithful();
  });
  afterAll(async () => {
    way.proxy.set(undefined);
    await operator.stop();
    await eventually(() => way.proxy.open === 0);
    await stage.close();
    await way.close();
  });

  const faithful = (): Promise<unknown> =>
    eventually(async () => expect(await unfaithful(stage)).toEqual([]), { every: 200 });

  /** Something is to be created, changed and deleted. */
  function change(): void {
    const [old, fresh] = [`pool-${pools}`, `pool-${++pools}`];
    stage.simulator.world.addPool({ pool: calmPool(fresh) });
    stage.simulator.world.updatePool({ pool: 'kept', set: { description: `after ${old}` } });
    stage.simulator.world.addJob({ pool: 'kept', job: { uid: `job-${pools}`, name: 'more', cards: 0 } });
    if (pools > 1) stage.simulator.world.removePool({ pool: old });
  }

  it.each(cases)('$what comes to the same mirrors', async ({ rule, times, anew }) => {
    const count = (): number => Object.values(way.proxy.done).reduce((sum, n) => sum + n, 0);
    const before = count();
    way.proxy.set(rule);
    if (anew) way.proxy.cut();
    change();
    await eventually(() => count() - before >= times);
    way.proxy.set(undefined);
    await faithful();
  });

  it('an expired certificate comes to the same mirrors, once it is renewed', async () => {
    const past = new Date(Date.now() - 60_000);
    way.proxy.present(way.certificate({ notBefore: new Date(0), notAfter: past }));
    change();
    const { accepted } = way.proxy;
    try {
      await eventually(() => way.proxy.accepted - accepted >= 4);
      await eventually(() => expect(JSON.stringify(operator.log)).toContain('certificate has expired'));
    } finally {
      way.proxy.present(way.certificate());
    }
    await faithful();
  });

  it('cut connections, again and again, comes to the same mirrors', async () => {
    for (let cuts = 0; cuts < 10; cuts++) {
      change();
      const { accepted } = way.proxy;
      way.proxy.cut();
      await eventually(() => way.proxy.accepted > accepted);
    }
    await faithful();
  });

  it('has no more connections in the end than it may have', async () => {
    // One for each of the watches, and what writes needed at once.
    expect(way.proxy.open).toBeLessThanOrEqual(4 + 64);
    expect(operator.log.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
