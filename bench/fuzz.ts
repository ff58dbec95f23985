import type { JSONObject } from '../src/modelarts/json.ts';
import {
  verdictOnBody,
  verdictOnBytes,
  verdictOnFailure,
  type Verdict,
} from '../test/support/answer-verdict.ts';
import { documentedAnswers, documentedFailures } from '../test/support/documented-answers.ts';
import { mutatedBytes, mutatedValue } from '../test/support/mutation.ts';
import { SeededRandom } from '../src/simulator/seeded-random.ts';
import type { Figure } from './harness.ts';

const inputs = 1_000_000;
const seed = 1;
/** An input that takes longer counts as one that hangs. */
const hangMs = 1_000;
const statuses = [200, 302, 400, 401, 403, 404, 408, 429, 500, 503] as const;

/**
 * A million documented answers with something changed, half of them as values and half as bytes, through every decoder.
 * The same seed gives the same inputs.
 */
export const fuzz = {
  name: 'fuzz',
  run: async (): Promise<readonly Figure[]> => {
    const random = new SeededRandom(seed, 'fuzz');
    const verdicts: Record<Verdict, number> = { facts: 0, failure: 0, refused: 0, 'no JSON': 0 };
    let crashes = 0;
    let hangs = 0;
    let longest = 0;
    const samples = [
      ...documentedAnswers.flatMap((answer) => answer.samples.map((value) => ({ answer, value }))),
      ...documentedFailures.map((value) => ({ answer: undefined, value })),
    ].map((sample) => ({ ...sample, bytes: Buffer.from(JSON.stringify(sample.value)) }));
    for (let input = 0; input < inputs; input++) {
      const { answer, value, bytes } = samples[input % samples.length]!;
      const status = random.pick(statuses);
      const asBytes = random.next() < 0.5;
      const changed = asBytes ? mutatedBytes(bytes, random) : mutatedValue(value, random);
      const begun = performance.now();
      try {
        if (changed instanceof Uint8Array) {
          verdicts[await verdictOnBytes(changed, answer ?? documentedAnswers[0]!)] += 1;
        } else {
          const body = changed as JSONObject;
          verdicts[answer === undefined ? verdictOnFailure(body, status) : verdictOnBody(body, answer)] += 1;
        }
      } catch (error) {
        crashes += 1;
        console.error(`input ${input} of seed ${seed} (${answer?.name ?? 'a failure'}): ${String(error)}`);
      }
      const took = performance.now() - begun;
      longest = Math.max(longest, took);
      if (took > hangMs) hangs += 1;
    }
    const count = (name: string, value: number): Figure => ({ name: `fuzz/${name}`, value, unit: 'inputs' });
    return [
      count('inputs', inputs),
      count('crashes', crashes),
      count('hangs', hangs),
      ...Object.entries(verdicts).map(([verdict, value]) => count(verdict.replace(' ', '-'), value)),
      { name: 'fuzz/longest', value: Number(longest.toPrecision(3)), unit: 'ms' },
    ];
  },
};
