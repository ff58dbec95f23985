import fc from 'fast-check';

/** fast-check for mutation tests: of each property a few cases, and the same each time, so that a score can be repeated. */
const numRuns = 10;
const seed = 1;

const assert = ((property: fc.IAsyncProperty<never>, parameters?: object) =>
  fc.assert(property, { ...parameters, numRuns, seed })) as typeof fc.assert;

export default { ...fc, assert };
