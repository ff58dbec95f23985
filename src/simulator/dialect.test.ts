import { describe, expect, it } from '@jest/globals';
import { Dialect, otcDialect, type FullDialect } from './dialect.ts';
import type { Call } from './call.ts';
import { routes } from './routes.ts';
import { encodeJson } from './wire-v1.ts';
import { World } from './world.ts';

const project = '0123456789abcdef0123456789abcdef';

/** Everything that a world with one of each has to say, as text. */
function everything(dialect: Dialect): string {
  const world = new World({ seed: 1, start: Date.UTC(2025, 5, 11) });
  const jobs = [
    { name: 'run', status: 'Running', age: '1h', nodes: 2 } as const,
    { name: 'wait', nodes: 5, cards: 8 },
  ];
  world.addProject({
    id: project,
    dialect,
    pools: [
      {
        name: 'npu',
        id: 'pool-npu',
        resources: [{ flavor: 'modelarts.bm.npu.arm.8snt9', count: 2 }],
        jobs,
        controlMode: 8,
      },
      {
        name: 'old',
        id: 'pool1',
        legacy: true,
        resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 2 }],
        jobs,
      },
    ],
  });
  const answers = routes
    .filter((route) => !['ShowTrainingJob', 'ShowNetwork'].includes(route.name))
    .flatMap((route) =>
      ['', 'resource=pools&name=pool-npu&status=', 'labelSelector=none'].flatMap((query) => {
        const call: Call = {
          project: world.project(undefined),
          params: { pool: 'pool-npu' },
          query: new URLSearchParams(query),
          now: world.now(),
        };
        try {
          return [route.answer(call)];
        } catch {
          return [];
        }
      }),
    );
  return encodeJson(answers);
}

const switches = Object.entries(Dialect.properties).flatMap(([name, schema]) => {
  const words = (schema as { enum?: readonly string[] }).enum ?? [true];
  return words.map((value) => [name as keyof FullDialect, value] as const);
});

describe('Dialect', () => {
  const documented = everything({});

  it.each(switches)('%s: %s is JSON, and differs unless it is the documented form', (name, value) => {
    const text = everything({ [name]: value });
    expect(() => JSON.parse(text) as unknown).not.toThrow();
    const values = switches.filter(([other]) => other === name).map(([, v]) => everything({ [name]: v }));
    const same = values.filter((other) => other === documented).length;
    expect([text === documented, same]).toEqual(
      name === 'unknownFields' ? [false, 0] : [text === documented, 1],
    );
  });

  it('knows the forms of the Open Telekom Cloud samples', () => {
    const text = everything(otcDialect);
    for (const part of ['"1 Cores"', '"isDeleted":"false"', '"pendingPosition":-1', '"total":2']) {
      expect(text.replace(/\d+ Cores/, '1 Cores')).toContain(part);
    }
  });

  it('sends version ids that no double can hold as bare digits', () => {
    expect(everything({ versionNumbers: 'big' })).toMatch(/"version_id":90071992547\d{7},/);
  });
});
