import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { SeededRandom } from '../../simulator/seeded-random.ts';
import { verdictOnBody, verdictOnBytes, verdictOnFailure } from '../../../test/support/answer-verdict.ts';
import {
  documentedAnswers,
  documentedFailures,
  type DocumentedAnswer,
} from '../../../test/support/documented-answers.ts';
import { mutatedBytes, mutatedValue } from '../../../test/support/mutation.ts';
import type { JSONObject } from '../json.ts';
import { Cursor } from './read.ts';

const table = documentedAnswers.map((answer) => [answer.name, answer] as const);
const seeds = fc.integer({ min: 0 }).map((seed) => new SeededRandom(seed));

function decoded(answer: DocumentedAnswer, body: unknown) {
  const cursor = new Cursor(body);
  return { facts: answer.decode(cursor), issues: cursor.issues };
}

/** Names that mean something to some decoder, so that what is made up of them gets somewhere. */
const names = [
  ...[
    'kind',
    'metadata',
    'name',
    'labels',
    'annotations',
    'spec',
    'status',
    'resources',
    'available',
    'flavor',
  ],
  ...[
    'count',
    'azs',
    'scope',
    'driver',
    'gpu',
    'items',
    'uid',
    'resourceRequirement',
    'hostIps',
    'createTime',
  ],
  ...[
    'statistics',
    'versions',
    'version_id',
    'specs',
    'spec_id',
    'workspaces',
    'id',
    'table',
    'capacity',
    'value',
  ],
  ...['is_success', 'error_code', 'error_msg', '__proto__', 'constructor'],
];
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 7 },
    fc.jsonValue(),
    fc.constantFrom('Pool', 'PoolList', 'WorkloadList', 'pool-a', '2025-01-02T03:04:05Z', 7),
    fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 8 }),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
}));
const object = fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 12 });

describe.each(table)('an answer for %s', (_name, answer) => {
  it('is read cleanly where it is as documented', () => {
    for (const sample of answer.samples) expect(decoded(answer, sample).issues).toEqual([]);
  });

  it('that is any JSON gives facts, or an error with a path', () => {
    fc.assert(
      fc.property(object, (body) => void verdictOnBody(body, answer)),
      { numRuns: 300 },
    );
  });

  it('with something changed in it gives facts, or an error with a path', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...answer.samples), (random, sample) => {
        verdictOnBody(mutatedValue(sample, random) as JSONObject, answer);
      }),
      { numRuns: 500 },
    );
  });

  it('with some of its bytes changed gives facts, or an error', async () => {
    const bytes = answer.samples.map((sample) => Buffer.from(JSON.stringify(sample)));
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(...bytes), async (random, sample) => {
        await verdictOnBytes(mutatedBytes(sample, random), answer);
      }),
      { numRuns: 200 },
    );
  });

  it('says the same with fields that nobody has heard of', () => {
    for (const sample of answer.samples) {
      expect(decoded(answer, withUnknownFields(sample))).toEqual(decoded(answer, sample));
    }
  });
});

describe('a failure', () => {
  it('with something changed in it is a failure that can be shown', () => {
    const statuses = fc.constantFrom(200, 302, 400, 401, 403, 404, 408, 429, 500, 503);
    fc.assert(
      fc.property(seeds, fc.constantFrom(...documentedFailures), statuses, (random, sample, status) => {
        verdictOnFailure(mutatedValue(sample, random) as JSONObject, status);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Objects whose members are all data: a name that nobody has heard of is a label or a resource there. */
const maps = ['labels', 'annotations', 'resourceRequirement', 'value', 'status.of.statistics'];

function withUnknownFields(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withUnknownFields(item, name));
  if (typeof value !== 'object' || value === null || maps.includes(name)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const isCounts = key === 'status' && 'type' in value && 'total' in value;
    return [key, withUnknownFields(inner, isCounts ? 'status.of.statistics' : key)] as const;
  });
  return { ...Object.fromEntries(entries), unheardOf: { of: [1] }, unheard_of: 'x' };
}
