import { describe, expect, it } from '@jest/globals';

import { workloadFacts } from '../../test/support/builders.ts';
import { sumAllocated } from './allocated.ts';

describe('what is allocated', () => {
  const placed = (resources: Record<string, string>, over: object = {}) =>
    workloadFacts({ status: 'Running', hostIPs: ['h'], resources, resourcesIncomplete: false, ...over });

  it('is the sum by resource', () => {
    const sum = sumAllocated([placed({ memory: '1Gi', cpu: '2' }), placed({ gpu: '1', cpu: '3' })]);
    expect(sum).toEqual({ cpu: '5', gpu: '1', memory: '1Gi' });
  });

  it('counts each of the jobs that share what they ask for', () => {
    const [same, other] = [{ cpu: '1500m' }, { cpu: '1' }];
    expect(sumAllocated([same, other, same, same].map((asked) => placed(asked)))).toEqual({ cpu: '5500m' });
  });

  it('is not known where a job does not say its status, or its amounts', () => {
    const { status: _, ...nameless } = placed({ cpu: '1' });
    expect(sumAllocated([nameless])).toBeUndefined();
    expect(sumAllocated([placed({})])).toBeUndefined();
    expect(sumAllocated([placed({ cpu: 'much' })])).toBeUndefined();
    expect(sumAllocated([placed({ cpu: '1' }, { resourcesIncomplete: true })])).toBeUndefined();
    expect(sumAllocated([])).toEqual({});
  });
});
