import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A place that states the version of the project. */
export interface StatedVersion {
  readonly place: string;
  readonly version: string;
}

const places: readonly (readonly [file: string, pattern: RegExp])[] = [
  ['package.json', /"version": "([^"]+)"/],
  ['package-lock.json', /"version": "([^"]+)"/],
  ['Dockerfile', /^ARG VERSION=(\S+)$/m],
  ['charts/modelarts-operator/Chart.yaml', /^version: (\S+)$/m],
  ['charts/modelarts-operator/Chart.yaml', /^appVersion: '?([^'\s]+)'?$/m],
  ['manifests/base/deployment.yaml', /image: \S+:(\S+)$/m],
];

/**
 * Every place of a checkout that states a version, as it states it.
 *
 * @throws Error when one of them no longer does.
 */
export function statedVersions(root: string): StatedVersion[] {
  return places.map(([file, pattern]) => {
    const version = pattern.exec(readFileSync(join(root, file), 'utf8'))?.[1];
    if (version === undefined) throw new Error(`${file} states no version (${String(pattern)})`);
    return { place: file, version };
  });
}
