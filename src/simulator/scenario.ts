import { Ajv, type ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import { parse, YAMLParseError } from 'yaml';
import { FaultRule } from './fault-rule.ts';
import { Action, Scenario } from './schema.ts';

/** A scenario, action or rule that cannot be used; each problem names the path and what must hold there. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly string[];
  constructor(what: string, problems: readonly string[]) {
    super(`${what} cannot be used: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addFormat(
  'date-time',
  (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)),
);

function checker<T>(what: string, schema: TSchema): (value: unknown) => T {
  const validate = ajv.compile<T>(schema);
  return (value) => {
    if (validate(value)) return value;
    throw new ScenarioError(what, [...new Set((validate.errors ?? []).map(describe))]);
  };
}

export const checkAction = checker<Action>('action', Action);
export const checkFaultRule = checker<FaultRule>('fault rule', FaultRule);
const checkShape = checker<Scenario>('scenario', Scenario);

/** Reads a scenario from YAML or JSON text. Throws ScenarioError. */
export function parseScenario(text: string): Scenario {
  return checkScenario(parseText('scenario', text));
}

/** YAML, of which JSON is a part. */
export function parseText(what: string, text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new ScenarioError(what, [error.message.split('\n')[0] ?? 'not YAML']);
    throw error;
  }
}

/** Checks what was read elsewhere. Throws ScenarioError. */
export function checkScenario(value: unknown): Scenario {
  const scenario = checkShape(value);
  const problems: string[] = [];
  const ids = new Set<string>();
  for (const [p, project] of scenario.projects.entries()) {
    if (ids.has(project.id)) problems.push(`projects[${p}].id must not be that of another project`);
    ids.add(project.id);
    const workspaces = new Set(['0', ...(project.workspaces ?? []).map((workspace) => workspace.id)]);
    const names = new Set<string>();
    for (const [i, pool] of (project.pools ?? []).entries()) {
      const path = `projects[${p}].pools[${i}]`;
      const name = pool.id ?? pool.name;
      if (names.has(name))
        problems.push(`${path} must have an id or name that no other pool of its project has`);
      names.add(name);
      if (!workspaces.has(pool.workspace ?? '0'))
        problems.push(`${path}.workspace must be one of the project's workspaces`);
      for (const [r, row] of pool.resources.entries()) {
        const placed = Object.values(row.azs ?? {}).reduce((sum, count) => sum + count, 0);
        if (row.azs !== undefined && placed !== row.count) {
          problems.push(`${path}.resources[${r}].azs must add up to its count, ${row.count}`);
        }
      }
    }
  }
  if (problems.length > 0) throw new ScenarioError('scenario', problems);
  return scenario;
}

function describe({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject): string {
  const path = instancePath
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');
  const where = path === '' ? 'the top level' : path;
  const detail = params as { additionalProperty?: string; allowedValues?: unknown[] };
  if (keyword === 'additionalProperties')
    return `${where} has an unknown field '${detail.additionalProperty}'`;
  if (keyword === 'enum') return `${where} must be one of ${(detail.allowedValues ?? []).join(', ')}`;
  return `${where} ${message}`;
}
