import { expect, it } from '@jest/globals';

import { aWorkloadMirror } from '../../test/support/builders.ts';
import { metadataPatch } from './plan.ts';

it('a mirror without an owner that is to have none has nothing to be patched', () => {
  const { ownerUID: _, ...mirror } = aWorkloadMirror();
  expect(metadataPatch(mirror, {}, undefined)).toBeUndefined();
});

it('labels alone are patched where the owner is right', () => {
  const mirror = aWorkloadMirror();
  expect(metadataPatch(mirror, { ...mirror.labels, more: 'x' }, undefined)).toStrictEqual({
    labels: { more: 'x' },
  });
});
