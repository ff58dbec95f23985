import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';

import { customResourceDefinitions } from '../../api/kinds/registry.ts';
import { virtualClock } from '../../../test/support/virtual-clock.ts';
import { judgeClock } from './clock.ts';
import { firstMissing } from './crds.ts';
import { checkDNS } from './dns.ts';
import type { Finding } from './finding.ts';
import { judgeInstalls } from './installs.ts';
import { judgeVersion } from './kubernetes-version.ts';
import { lineOf, reportOf, worstOf } from './report.ts';
import { requiredRights } from './required-rights.ts';
import { judgeHandshake } from './tls.ts';

const never = new AbortController().signal;

describe('the report', () => {
  const findings: Finding[] = [
    { check: 'kubernetes-version', level: 'ok', found: 'v1.34.1' },
    { check: 'crd', about: 'ModelArtsPool', level: 'warn', found: 'older', advice: 'apply it' },
    { check: 'pools', about: 'a/b', level: 'fail', found: 'first\r\n  second' },
  ];

  it('has one line for each finding, whatever a server said', () => {
    expect(findings.map(lineOf)).toEqual([
      'ok   kubernetes-version: v1.34.1\n',
      'warn crd of ModelArtsPool: older -> apply it\n',
      'FAIL pools of a/b: first second\n',
    ]);
  });

  it('is as bad as the worst of them', () => {
    expect(worstOf(findings)).toBe('fail');
    expect(worstOf(findings.slice(0, 2))).toBe('warn');
    expect(worstOf([])).toBe('ok');
    expect(JSON.parse(reportOf(findings, 'json'))).toEqual({ result: 'fail', findings });
    expect(parse(reportOf(findings, 'yaml'))).toEqual({ result: 'fail', findings });
  });
});

describe('kubernetes-version', () => {
  it.each([
    ['v1.31.0', 'ok'],
    ['v1.34.1-eks-123', 'ok'],
    ['v2.0.0', 'ok'],
    ['v1.30.9', 'fail'],
    ['v0.99.0', 'fail'],
    ['none', 'warn'],
  ])('%s: %s', (version, level) => {
    expect(judgeVersion(version).level).toBe(level);
  });
});

describe('clock', () => {
  it.each([
    [59_000, 'ok', /agrees/],
    [-59_000, 'ok', /agrees/],
    [120_000, 'warn', /120 s ahead of/],
    [-120_000, 'warn', /120 s behind/],
    [16 * 60_000, 'fail', /signatures are refused/],
  ])('%d ms: %s', (skewMs, level, found) => {
    expect(judgeClock('a', skewMs)).toMatchObject({ level, found: expect.stringMatching(found) });
  });
});

describe('tls', () => {
  const now = Date.UTC(2026, 0, 1);
  const day = 86_400_000;
  const judge = (days: number, refusal?: string): Finding =>
    judgeHandshake(
      'a',
      'host',
      { validTo: now + days * day, issuer: 'CA', ...(refusal && { refusal }) },
      now,
    );

  it('wants a trusted certificate that does not end soon', () => {
    expect(judge(15)).toMatchObject({ level: 'ok', found: expect.stringContaining('valid to 2026-01-16') });
    expect(judge(13)).toMatchObject({ level: 'warn', advice: expect.stringContaining('renew') });
  });

  it.each([
    ['CERT_HAS_EXPIRED', /renew it, and check the clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /check the host/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /caBundle/],
  ])('says what to do about %s', (code, advice) => {
    expect(judge(100, code)).toMatchObject({
      level: 'fail',
      advice: expect.stringMatching(advice),
    });
  });
});

describe('dns', () => {
  const clock = virtualClock();
  const check = (url: string, lookup: Parameters<typeof checkDNS>[1]): Promise<Finding | undefined> =>
    checkDNS({ about: 'a', url: new URL(url) }, lookup, clock, never);

  it('names the addresses, and asks for none of an address', async () => {
    expect(await check('https://host/', () => Promise.resolve([{ address: '10.0.0.1' }]))).toMatchObject({
      level: 'ok',
      found: 'host is 10.0.0.1',
    });
    const unasked = (): never => {
      throw new Error('asked');
    };
    expect(await check('https://10.0.0.1/', unasked)).toBeUndefined();
    expect(await check('https://[::1]:8443/', unasked)).toBeUndefined();
  });

  it('fails with what the resolver said, and where it says nothing', async () => {
    const refused = check('https://host/', () => Promise.reject(new Error('ENOTFOUND')));
    expect(await refused).toMatchObject({ level: 'fail', found: 'host has no address: ENOTFOUND' });
    const silent = check('https://host/', () => new Promise(() => undefined));
    await clock.advance(5_000);
    expect(await silent).toMatchObject({
      level: 'fail',
      found: expect.stringContaining('longer than 5000 ms'),
    });
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('crd', () => {
  it('is current where an apiserver added defaults, and not where a field is missing', () => {
    const [wanted] = customResourceDefinitions();
    const stored = structuredClone(wanted!.spec) as unknown as Record<string, Record<string, unknown>>;
    expect(firstMissing(wanted!.spec, { ...stored, conversion: { strategy: 'None' } })).toBeUndefined();
    delete stored['names']!['categories'];
    expect(firstMissing(wanted!.spec, stored)).toBe('spec.names.categories');
  });
});

describe('rights', () => {
  it('are those that manifests/base/rbac.yaml grants', () => {
    interface Rule {
      apiGroups: string[];
      resources: string[];
      resourceNames?: string[];
      verbs: string[];
    }
    const text = readFileSync(join(import.meta.dirname, '../../../manifests/base/rbac.yaml'), 'utf8');
    const documents = parseAllDocuments(text).map(
      (document) =>
        document.toJS() as { kind: string; metadata: { name: string; namespace?: string }; rules?: Rule[] },
    );
    const granted = documents
      .filter(({ metadata }) => !metadata.name.endsWith('-view'))
      .flatMap(({ metadata: { namespace }, rules = [] }) =>
        rules.flatMap(({ apiGroups, resources, resourceNames = [undefined], verbs }) =>
          apiGroups.flatMap((group) =>
            resources.flatMap((each) =>
              resourceNames.flatMap((name) =>
                verbs.map((verb) => {
                  const [resource = '', subresource] = each.split('/');
                  return { group, resource, subresource, verb, namespace, name };
                }),
              ),
            ),
          ),
        ),
      );
    const sorted = (rights: readonly object[]): string[] =>
      rights
        .map((right) =>
          JSON.stringify(
            Object.entries(right)
              .filter(([, value]) => value !== undefined)
              .sort(),
          ),
        )
        .sort();
    const place = { namespace: 'modelarts-operator', name: 'modelarts-operator', shards: 1 };
    expect(sorted(requiredRights(place))).toEqual(sorted(granted));
  });
});

describe('the rights over Leases', () => {
  const leases = (shards: number): string[] =>
    requiredRights({ namespace: 'ns', name: 'id', shards })
      .filter(({ resource }) => resource === 'leases')
      .map(({ verb, name = 'any' }) => `${verb} ${name}`);

  it('are those of one', () => {
    expect(leases(1)).toEqual(['create any', 'get id', 'update id']);
  });

  it('are those of each shard, and of looking at all of them', () => {
    expect(leases(2)).toEqual([
      ...['create any', 'list any'],
      ...['get id-shard-0', 'update id-shard-0', 'get id-shard-1', 'update id-shard-1'],
    ]);
  });
});

describe('installs', () => {
  const deployment = (
    name: string,
    args: string[] = ['run', '--leader-elect'],
    replicas = 1,
    namespace = 'ns',
  ) => ({
    metadata: { namespace, name },
    spec: { replicas, template: { spec: { containers: [{ args }] } } },
  });

  it.each([
    ['none', [], 'ok'],
    ['one', [deployment('a')], 'ok'],
    ['one with several replicas and a Lease', [deployment('a', undefined, 3)], 'ok'],
    ['one with several replicas that all write', [deployment('a', ['run'], 2)], 'fail'],
    ['two under one Lease', [deployment('a'), deployment('b')], 'ok'],
    [
      'two under one Lease of another place',
      [
        deployment(
          'a',
          ['run', '--leader-elect', '--leader-election-namespace=x', '--leader-election-id', 'i'],
          1,
          'm',
        ),
        deployment('a', [
          'run',
          '--leader-elect=true',
          '--leader-election-namespace',
          'x',
          '--leader-election-id=i',
        ]),
      ],
      'ok',
    ],
    ['two under Leases of their own', [deployment('a', undefined, 1, 'm'), deployment('a')], 'fail'],
    ['two of which one is switched off', [deployment('a', undefined, 0, 'm'), deployment('a')], 'ok'],
    [
      'two that share no namespace',
      [deployment('a', ['run', '--namespace=x,y']), deployment('b', ['run', '--namespace', 'z'])],
      'ok',
    ],
    [
      'two that share one',
      [
        deployment('a', ['run', '--namespace=x', '--namespace=y']),
        deployment('b', ['run', '--namespace', 'y']),
      ],
      'fail',
    ],
  ])('%s', (_what, deployments, level) => {
    expect(judgeInstalls(deployments).level).toBe(level);
  });
});
