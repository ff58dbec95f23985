import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';

import { apiVersion } from '../../src/api/kinds/metadata.ts';
import { testCluster, type CommandResult, type TestCluster } from '../support/control-plane.ts';
import { refusedAnywhere, refusedInMirrors } from './bad-input/refused-in-mirrors.ts';
import { refusedInProjects } from './bad-input/refused-in-projects.ts';
import { titleOf, type Refusal, type Resource } from './bad-input/row.ts';

/** What docs/bad-input.md calls "refused", row by row, in the words of a real apiserver. */
describe('refused when it is applied', () => {
  let cluster: TestCluster;
  let namespace: string;
  const send = (verb: string[], resource: Resource): Promise<CommandResult> =>
    cluster.kubectl(
      ['--namespace', namespace, ...verb, '-f', '-'],
      JSON.stringify({ apiVersion, ...resource }),
    );
  const taken = async (result: Promise<CommandResult>): Promise<void> =>
    expect(await result).toMatchObject({ code: 0, stderr: '' });

  beforeAll(async () => {
    cluster = testCluster();
    namespace = await cluster.uniqueNamespace('refused');
    const crds = join(import.meta.dirname, '..', '..', 'crds');
    await taken(cluster.kubectl(['apply', '--server-side', '-f', crds]));
    // Not all that there are: other tests take theirs away.
    await taken(cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', crds]));
  });
  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  async function holds({ from, bad, says, good }: Refusal): Promise<void> {
    const verb = [from === undefined ? 'create' : 'replace', '--dry-run=server'];
    if (from) await taken(send(['apply', '--server-side'], from));
    try {
      const [refused] = await Promise.all([send(verb, bad), taken(send(verb, good))]);
      expect(refused.stderr).toContain(says);
      expect(refused.code).toBe(1);
    } finally {
      if (from) await taken(send(['delete'], from));
    }
  }

  const rows = [...refusedInProjects, ...refusedInMirrors];
  it.each(rows.map((row) => [titleOf(row), row.tries] as const))('%s', async (_title, tries) => {
    for (const each of tries) await holds(each);
  });

  it.each(refusedAnywhere)('$what', (each) => holds(each));
});
