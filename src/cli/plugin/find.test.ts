import { describe, expect, it } from '@jest/globals';

import { poolObject, projectObject, workloadObject } from '../../../test/support/mirror-objects.ts';
import { CliFailure } from '../failure.ts';
import { chooseJob, choosePool, chooseProject } from './find.ts';
import { nearNames } from './near-names.ts';

describe('near names', () => {
  const names = ['gpu-a', 'gpu-b', 'npu-a', 'pool-vision-0123456789abcdef', 'cpu'];
  it.each([
    ['a wrong letter', 'gpu-c', ['gpu-a', 'gpu-b']],
    ['a part of a long name', 'vision', ['pool-vision-0123456789abcdef']],
    ['something else altogether', 'zzzzzz', []],
    ['a short one', 'gp', ['gpu-a', 'gpu-b']],
    ['a letter too many', 'cpuu', ['cpu']],
  ])('%s', (_what, wanted, near) => {
    expect(nearNames(wanted, names)).toEqual(near);
  });
});

describe('a pool', () => {
  const pools = [
    poolObject('gpu-a', { displayName: 'vision' }),
    poolObject('gpu-b', { displayName: 'twin' }),
    poolObject('gpu-c', { displayName: 'twin' }),
    poolObject('vision', { displayName: 'other' }),
    poolObject('gpu-a', {}, 'other-team'),
  ];
  const inTeam = pools.slice(0, 4);

  it.each([
    ['its name', 'gpu-b', 'gpu-b'],
    ['its id', 'gpu-a-id', 'gpu-a'],
    ['its display name', 'other', 'vision'],
    ['a name that is also the display name of another: the name is meant', 'vision', 'vision'],
  ])('by %s', (_how, wanted, name) => {
    expect(choosePool(inTeam, wanted, 'here').metadata.name).toBe(name);
  });

  it.each<[string, string, RegExp]>([
    [
      'a display name of two',
      'twin',
      /^twin may be 2 pools: team\/gpu-b, team\/gpu-c; name one of them as NAMESPACE\/NAME$/,
    ],
    ['a name in two namespaces', 'gpu-a', /^gpu-a may be 2 pools: other-team\/gpu-a, team\/gpu-a;/],
    ['nearly a name', 'gpu-bb', /^there is no pool gpu-bb here; did you mean gpu-b or /],
    [
      'no name at all',
      'zzzzzzzz',
      /^there is no pool zzzzzzzz here; kubectl modelarts top -A lists what there is$/,
    ],
  ])('not by %s', (_what, wanted, message) => {
    expect(() => choosePool(pools, wanted, 'here')).toThrow(CliFailure);
    expect(() => choosePool(pools, wanted, 'here')).toThrow(message);
  });
});

describe('a job', () => {
  const run = (name: string, phase: string) =>
    workloadObject(name, { phase, jobName: 'nightly', jobID: `id-${name}` });

  it('is the run that has not ended, where there is one', () => {
    const runs = [run('a', 'Completed'), run('b', 'Queue'), run('c', 'Failed')];
    expect(chooseJob(runs, 'nightly', 'here', []).metadata.name).toBe('b');
    expect(chooseJob([run('a', 'Completed')], 'nightly', 'here', []).metadata.name).toBe('a');
  });

  it('is asked for again where several are meant', () => {
    expect(() =>
      chooseJob([run('a', 'Queue'), run('b', 'Running'), run('c', 'Failed')], 'nightly', 'here', []),
    ).toThrow('nightly may be 2 jobs: team/a (Queue, id-a), team/b (Running, id-b); name one of them');
    const many = Array.from({ length: 14 }, (_, i) => run(`job-${i + 10}`, 'Completed'));
    expect(() => chooseJob(many, 'nightly', 'here', [])).toThrow(
      /may be 14 jobs: team\/job-10 .* and 4 more; name/,
    );
  });

  it('is not there: what is like it', () => {
    expect(() => chooseJob([], 'nightli', 'in namespace x', ['nightly', 'a'])).toThrow(
      'there is no job nightli in namespace x; did you mean nightly?',
    );
  });
});

it('a project, by its name', () => {
  const projects = [projectObject('eu'), projectObject('ap')];
  expect(chooseProject(projects, 'ap', 'here').metadata.name).toBe('ap');
  expect(() => chooseProject(projects, 'eux', 'here')).toThrow(
    'there is no project eux here; did you mean eu?',
  );
});
