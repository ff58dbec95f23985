import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { checkAction, checkScenario, parseScenario, ScenarioError } from './scenario.ts';
import { Action } from './schema.ts';
import { demoScenario } from './scenarios/demo.ts';
import { largeScenario } from './scenarios/large.ts';
import { quietScenario } from './scenarios/quiet.ts';

const yaml = `
seed: 3
start: 2025-06-11T07:00:00Z
projects:
  - id: 0123456789abcdef0123456789abcdef
    tokens: [t]
    pools:
      - name: a
        resources: [{ flavor: modelarts.vm.gpu.v100, count: 2 }]
events:
  - at: 2m
    do: [{ failNode: { pool: a } }]
`;

describe('parseScenario', () => {
  it('reads YAML', () => {
    expect(parseScenario(yaml)).toMatchObject({ seed: 3, events: [{ at: '2m' }] });
  });

  it.each([
    ['not YAML', 'a: [', /cannot be used: Flow sequence/],
    ['no projects', 'seed: 1', /the top level must have required property 'projects'/],
    ['an unknown field', yaml.replace('tokens', 'tokenz'), /projects\[0\] has an unknown field 'tokenz'/],
    [
      'a wrong type',
      yaml.replace('count: 2', 'count: two'),
      /projects\[0\]\.pools\[0\]\.resources\[0\]\.count must be integer/,
    ],
    ['a wrong duration', yaml.replace('2m', 'soon'), /events\[0\]\.at must match pattern/],
    [
      'an unknown action',
      yaml.replace('failNode', 'breakNode'),
      /events\[0\]\.do\[0\] has an unknown field 'breakNode'/,
    ],
    [
      'an unknown workspace',
      yaml.replace('name: a', 'name: a\n        workspace: w'),
      /pools\[0\]\.workspace must be one of/,
    ],
    [
      'zones that do not add up',
      yaml.replace('count: 2', 'count: 2, azs: { z: 1 }'),
      /azs must add up to its count, 2/,
    ],
    ['a wrong start', yaml.replace('2025-06-11T07:00:00Z', 'now'), /start must match format "date-time"/],
  ])('names the path of %s', (_what, text, message) => {
    expect(() => parseScenario(text)).toThrow(ScenarioError);
    expect(() => parseScenario(text)).toThrow(message);
  });

  it('accepts the ready scenarios', () => {
    for (const scenario of [demoScenario, quietScenario, largeScenario()])
      expect(checkScenario(scenario)).toBe(scenario);
  });

  it('accepts the scenario of its page, which names every action', () => {
    const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
    const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
    expect(parseScenario(example).projects).toHaveLength(1);
    const missing = Object.keys(Action.properties).filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  it('wants exactly one key in an action', () => {
    expect(() => checkAction({})).toThrow('must NOT have fewer than 1');
    expect(() => checkAction({ failNode: { pool: 'a' }, recoverNode: { pool: 'a' } })).toThrow(
      'must NOT have more than 1',
    );
  });
});
