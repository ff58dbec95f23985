import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { workloadObject } from '../../../test/support/mirror-objects.ts';
import { shownPosition } from '../../mirror/queue-position.ts';
import { byPlace, placeOf, placeText } from './place.ts';

describe('the place of a job', () => {
  it.each([
    ['the first', { queuePosition: 1, queuePositionAtMost: 1 }, '1'],
    ['exact far behind', { queuePosition: 37, queuePositionAtMost: 37 }, '37'],
    ['the band after the exact ones', { queuePositionAtMost: 20 }, '11-20'],
    ['a band further on', { queuePositionAtMost: 50 }, '21-50'],
    ['a band far behind', { queuePositionAtMost: 1000 }, '501-1000'],
    ['unknown', {}, undefined],
  ])('%s', (_what, status, text) => {
    expect(placeText(placeOf(status))).toBe(text);
  });

  it('is between the two ends, wherever ModelArts has it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (position) => {
        const place = placeOf(shownPosition(position, 'Banded'))!;
        expect(place.from).toBeLessThanOrEqual(position);
        expect(place.to).toBeGreaterThanOrEqual(position);
        // Its neighbour before the band is shown in another one.
        if (place.from > 1) expect(placeOf(shownPosition(place.from - 1, 'Banded'))?.to).toBe(place.from - 1);
      }),
    );
  });

  it('orders jobs; those without one come last, the oldest of them first', () => {
    const jobs = [
      workloadObject('unknown-young', { creationTime: '2026-01-02T00:00:00Z' }),
      workloadObject('unknown-old', { creationTime: '2026-01-01T00:00:00Z' }),
      workloadObject('band', { queuePositionAtMost: 20 }),
      workloadObject('second', { queuePosition: 2 }),
      workloadObject('first', { queuePosition: 1 }),
    ];
    expect(jobs.sort(byPlace).map(({ metadata }) => metadata.name)).toEqual([
      ...['first', 'second', 'band', 'unknown-old', 'unknown-young'],
    ]);
  });
});
