import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';

import { useTokenFiles } from './token-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'token-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function config(users: readonly string[]): KubeConfig {
  const result = new KubeConfig();
  result.loadFromOptions({
    clusters: [],
    contexts: [],
    users: users.map((name) => ({ name, token: 'old' })),
  });
  return result;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('useTokenFiles', () => {
  it('takes the first file that names a user, and paths from where that file lies', () => {
    const first = file('first', 'users: [{ name: a, user: { tokenFile: a.token } }, { name: b, user: {} }]');
    const second = file(
      'second',
      'users: [{ name: a, user: { tokenFile: x } }, { name: b, user: { tokenFile: x } }, { name: c, user: { tokenFile: /c.token } }]',
    );
    const merged = config(['a', 'b', 'c']);
    useTokenFiles(merged, [first, join(folder, 'none'), second]);
    const provider = (tokenFile: string) => ({ name: 'tokenFile', config: { tokenFile } });
    expect(merged.users).toEqual([
      { name: 'a', authProvider: provider(join(folder, 'a.token')) },
      { name: 'b', token: 'old' },
      { name: 'c', authProvider: provider('/c.token') },
    ]);
  });

  it.each(['', 'users:', 'users: []', 'users: [{ name: a }]', 'kind: Config'])(
    'leaves users as they are for %j',
    (text) => {
      const plain = config(['a']);
      useTokenFiles(plain, [file('plain', text)]);
      expect(plain.users).toEqual([{ name: 'a', token: 'old' }]);
    },
  );
});
