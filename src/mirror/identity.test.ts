import { describe, expect, it } from '@jest/globals';

import { mirrorLabels, poolObjectName, resourceSpecObjectName, workloadObjectName } from './identity.ts';

describe('names', () => {
  it.each([
    ['--Odd__Name--', /^odd-name-[0-9a-f]{16}$/],
    ['___', /^x-[0-9a-f]{16}$/],
    [`${'a'.repeat(39)}_${'b'.repeat(9)}`, /^a{39}-[0-9a-f]{16}$/],
    [`${'a'.repeat(38)}-.__bb`, /^a{38}-b-[0-9a-f]{16}$/],
  ])('%s is readable and its own', (text, name) => {
    expect(poolObjectName(text, 'p', false)).toMatch(name);
    expect(poolObjectName(text, 'p', false)).not.toBe(poolObjectName(`${text}_`, 'p', false));
  });

  it('of 253 characters stay; one that is taken leaves room for its mark', () => {
    const long = 'a'.repeat(253);
    expect(poolObjectName(long, 'p', false)).toBe(long);
    expect(poolObjectName(long, 'p', true)).toMatch(/^a{244}-[0-9a-f]{8}$/);
    expect(workloadObjectName('Workload', long, 'p', true)).toMatch(/^a{244}-[0-9a-f]{8}$/);
    expect(poolObjectName(`${long}a`, 'p', false)).toMatch(/^a{40}-[0-9a-f]{16}$/);
    const spec = resourceSpecObjectName('t', 'x'.repeat(249), 'p', true);
    expect(spec).toMatch(/^p-t-x{240}-[0-9a-f]{8}$/);
  });
});

it('a mirror has the label of a pool only where there is one', () => {
  const own = {
    'app.kubernetes.io/managed-by': 'modelarts-operator',
    'modelarts-operator.dev/project': 'vision',
  };
  expect(mirrorLabels('vision')).toStrictEqual(own);
  expect(mirrorLabels('vision', 'pool-a')).toStrictEqual({
    ...own,
    'modelarts-operator.dev/pool': 'pool-a',
  });
});

describe('names made of what is no name', () => {
  const name = (text: string) => poolObjectName(text, 'p', false);
  it('begin with what is readable of it and nothing else', () => {
    expect(name('__Pool__A__')).toMatch(/^pool-a-[0-9a-f]+$/);
    expect(name('_-_')).toMatch(/^x-[0-9a-f]+$/);
    expect(name(`${'a'.repeat(39)}__b`)).toMatch(/^a{39}-[0-9a-f]+$/);
    expect(name('A!').slice(-8)).not.toBe(name('B!').slice(-8));
  });
});
