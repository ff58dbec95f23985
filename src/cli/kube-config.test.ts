import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

import { CliFailure } from './failure.ts';
import { loadKubeConfig } from './kube-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'modelarts-operator-kubeconfig-'));
afterAll(() => rmSync(folder, { recursive: true }));

const outside = { kubeconfigVariable: undefined, serviceAccountFolder: join(folder, 'no-pod') };
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const good = {
  clusters: [{ name: 'c', cluster: { server: 'https://k8s.example.com' } }],
  users: [{ name: 'u', user: { token: 'secret-token' } }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
};

describe('a kubeconfig', () => {
  it('is taken when it is good, and the context that is asked for', () => {
    const path = file('good', JSON.stringify(good));
    expect(loadKubeConfig(path, outside).getCurrentCluster()?.server).toBe('https://k8s.example.com');
    expect(loadKubeConfig(path, outside, 'x').getCurrentContext()).toBe('x');
    expect(() => loadKubeConfig(path, outside, 'y')).toThrow('the kubeconfig has no context y; it has x');
  });

  it.each([
    ['that is not there', join(folder, 'missing'), 'cannot read the kubeconfig'],
    ['that is a folder', folder, 'cannot read the kubeconfig'],
    ['that is no YAML', file('yaml', 'a: [secret-token'), 'cannot read the kubeconfig'],
    ['that is empty', file('empty', ''), 'kubeconfig'],
    [
      'without a current context',
      file('no-context', JSON.stringify({ ...good, 'current-context': '' })),
      'has no current context with a cluster',
    ],
    [
      'whose context names no cluster of it',
      file('no-cluster', JSON.stringify({ ...good, clusters: [] })),
      'has no current context with a cluster',
    ],
  ])('%s is named, with what to do, and ends the command with 2', (_what, path, message) => {
    try {
      loadKubeConfig(path, outside);
    } catch (error) {
      expect(error).toBeInstanceOf(CliFailure);
      const { exitCode, message: said } = error as CliFailure;
      expect(exitCode).toBe(2);
      expect(said).toContain(message);
      expect(said).toContain(`${path}`);
      expect(said).toContain('name one that works with --kubeconfig');
      expect(said).not.toContain('secret-token');
      return;
    }
    throw new Error('it was taken');
  });
});
