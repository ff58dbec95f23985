import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { parse } from 'yaml';

interface ConfigFile {
  readonly users?:
    readonly { readonly name?: string; readonly user?: { readonly tokenFile?: string } }[] | null;
}

/**
 * Has `tokenFile` of the users in these kubeconfig files read, and read again as it changes, as kubectl does: the
 * library passes over it. As there, it goes before `token`, is relative to its kubeconfig, and the first file that names
 * a user wins.
 */
export function useTokenFiles(config: KubeConfig, paths: readonly string[]): void {
  const files = new Map<string, string | undefined>();
  for (const path of paths.filter((each) => existsSync(each))) {
    const { users } = (parse(readFileSync(path, 'utf8')) ?? {}) as ConfigFile;
    for (const { name, user } of users ?? []) {
      if (name === undefined || files.has(name)) continue;
      files.set(name, user?.tokenFile && resolve(dirname(path), user.tokenFile));
    }
  }
  config.users = config.users.map((user) => {
    const tokenFile = files.get(user.name);
    return tokenFile === undefined ? user : readingFrom(tokenFile, user);
  });
}

function readingFrom(tokenFile: string, { token: _token, ...user }: User): User {
  return { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
}
