import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { conditionReasons, eventReasons } from '../../src/api/reasons.ts';
import { readSeen, reasonProblems } from '../../tools/seen-reasons.ts';
import { SeenReasons } from '../support/seen-reasons.ts';

describe('the reasons that tests saw', () => {
  const everything = [
    ...Object.keys(conditionReasons).map((reason) => `condition ModelArtsPool Ready False ${reason}`),
    ...Object.keys(eventReasons).map((reason) => `event ModelArtsPool ${reason}`),
  ];

  it('agree with the catalogue when each was seen and no other', () => {
    expect(reasonProblems(everything, true)).toEqual([]);
    expect(reasonProblems([], false)).toEqual([]);
  });

  it('are refused when they are not in it, but for the state of a driver', () => {
    const seen = [
      'condition ModelArtsPool Ready False Odd',
      'condition ModelArtsPool DriverReady False Odd',
      'event ModelArtsPool Running',
    ];
    expect(reasonProblems(seen, false)).toEqual([
      'seen, and not in src/api/reasons.ts: condition ModelArtsPool Ready False Odd',
      'seen, and not in src/api/reasons.ts: event ModelArtsPool Running',
    ]);
  });

  it('are missed when all tests ran', () => {
    expect(reasonProblems(everything.slice(1, -1), true)).toHaveLength(2);
  });

  it('are written down once, whoever saw them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'seen-'));
    try {
      const condition = { type: 'Ready', status: 'True', reason: 'Running', message: 'It works.' } as const;
      const pool = {
        apiVersion: 'modelarts-operator.dev/v1alpha1',
        kind: 'ModelArtsPool',
        status: { conditions: [condition] },
      };
      for (const seen of [new SeenReasons(folder), new SeenReasons(folder)]) {
        seen.object(pool);
        seen.object({ regarding: { kind: 'ModelArtsPool' }, reason: 'PhaseChanged' });
        seen.object({ apiVersion: 'v1', kind: 'Pod', status: pool.status });
      }
      expect(await readSeen(folder)).toEqual([
        'condition ModelArtsPool Ready True Running',
        'event ModelArtsPool PhaseChanged',
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
