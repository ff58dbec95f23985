import { WorldError } from './operations.ts';
import type { RequestLog } from './request-log.ts';
import { checkAction, checkFaultRule, checkScenario, parseText, ScenarioError } from './scenario.ts';
import type { Scenario } from './schema.ts';
import type { Simulation } from './simulation.ts';
import { snapshot } from './snapshot.ts';

export interface ControlTarget {
  readonly simulation: Simulation;
  readonly requests: RequestLog;
  /** Begins anew with another scenario. */
  restart(scenario: Scenario): void;
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Handler = (target: ControlTarget, text: string, query: URLSearchParams) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  'GET /_sim/state': (target, _text, query) => ({
    ...snapshot(target.simulation.world, { jobs: query.get('jobs') === 'true' }),
    speed: target.simulation.clock.speed,
    problems: target.simulation.problems,
  }),
  'GET /_sim/requests': (target) => target.requests.report(),
  'DELETE /_sim/requests': (target) => target.requests.reset(),
  'GET /_sim/faults': (target) => target.simulation.world.faults.list(),
  'POST /_sim/faults': (target, text) => {
    const rules = [parseText('fault rule', text)].flat().map(checkFaultRule);
    return { ids: rules.map((rule) => target.simulation.world.fault(rule)) };
  },
  'DELETE /_sim/faults': (target, _text, query) => {
    const id = query.get('id');
    target.simulation.world.clearFault(id === null ? {} : { id });
  },
  'POST /_sim/actions': (target, text) => {
    const actions = [parseText('action', text)].flat().map(checkAction);
    return { results: actions.map((action) => target.simulation.act(action) ?? null) };
  },
  'POST /_sim/clock': (target, text) => setClock(target.simulation, parseText('clock', text)),
  'POST /_sim/scenario': (target, text) => target.restart(checkScenario(parseText('scenario', text))),
};

/** The control API: everything under `/_sim/`. */
export function answerControl(
  target: ControlTarget,
  request: { method: string; path: string; query: string; text: string },
): ControlAnswer {
  const handler = handlers[`${request.method} ${request.path}`];
  if (handler === undefined) {
    return {
      status: 404,
      body: { error: `there is no such control call; there are ${Object.keys(handlers).join(', ')}` },
    };
  }
  try {
    return {
      status: 200,
      body: handler(target, request.text, new URLSearchParams(request.query)) ?? { ok: true },
    };
  } catch (error) {
    if (error instanceof ScenarioError)
      return { status: 400, body: { error: error.message, problems: error.problems } };
    if (error instanceof WorldError) return { status: 409, body: { error: error.message } };
    throw error;
  }
}

function setClock({ clock, world }: Simulation, wish: unknown): unknown {
  const { speed, advance, ...rest } = (typeof wish === 'object' && wish !== null ? wish : {}) as Record<
    string,
    unknown
  >;
  const amount = (value: unknown): value is number =>
    typeof value === 'number' && value >= 0 && value <= 1e12;
  const usable = (speed === undefined || amount(speed)) && (advance === undefined || amount(advance));
  if (!usable || Object.keys(rest).length > 0 || (speed ?? advance) === undefined) {
    throw new ScenarioError('clock', [
      'it must hold speed (simulated seconds a second) or advance (milliseconds)',
    ]);
  }
  if (speed !== undefined) clock.setSpeed(speed);
  if (advance !== undefined) clock.advance(advance);
  world.advanceTo(clock.now());
  return { now: new Date(world.now()).toISOString(), speed: clock.speed };
}
