import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

import { helm, root, type Values } from './support/programs.ts';

/** A wrong value, the place that Helm names, and what it says about it. */
type Row = readonly [values: Values, place: string, says: string];

const rows: readonly Row[] = [
  [{ replicas: 2 }, '', "additional properties 'replicas' not allowed"],
  [{ nameOverride: 'Upper' }, '/nameOverride', 'does not match pattern'],
  [{ fullnameOverride: 'a'.repeat(46) }, '/fullnameOverride', 'does not match pattern'],
  [{ commonLabels: { team: 1 } }, '/commonLabels/team', 'got number, want string'],
  [{ commonLabels: { 'a b': 'c' } }, '/commonLabels', "invalid propertyName 'a b'"],
  [{ image: 'modelarts-operator:1' }, '/image', 'got string, want object'],
  [{ image: { name: 'x' } }, '/image', "additional properties 'name' not allowed"],
  [{ image: { registry: 'https://registry' } }, '/image/registry', 'does not match pattern'],
  [{ image: { repository: '' } }, '/image/repository', 'does not match pattern'],
  [{ image: { tag: 1.5 } }, '/image/tag', 'got number, want string'],
  [{ image: { digest: 'abc' } }, '/image/digest', 'does not match pattern'],
  [{ image: { pullPolicy: 'always' } }, '/image/pullPolicy', 'must be one of'],
  [{ imagePullSecrets: ['registry'] }, '/imagePullSecrets/0', 'got string, want object'],
  [{ crds: { enabled: 'yes' } }, '/crds/enabled', 'got string, want boolean'],
  [{ crds: { keep: 1 } }, '/crds/keep', 'got number, want boolean'],
  [{ watchNamespaces: 'team-a' }, '/watchNamespaces', 'got string, want array'],
  [{ watchNamespaces: ['Team A'] }, '/watchNamespaces/0', 'does not match pattern'],
  [{ watchNamespaces: ['a', 'a'] }, '/watchNamespaces', 'items at 0 and 1 are equal'],
  [{ replicaCount: -1 }, '/replicaCount', 'minimum: got -1, want 0'],
  [{ replicaCount: '2' }, '/replicaCount', 'got string, want integer'],
  [{ shards: 65 }, '/shards', 'maximum: got 65, want 64'],
  [{ shards: 0 }, '/shards', 'minimum: got 0, want 1'],
  [{ podDisruptionBudget: { enabled: 'true' } }, '/podDisruptionBudget/enabled', 'got string, want boolean'],
  [
    { podDisruptionBudget: { maxUnavailable: 'half' } },
    '/podDisruptionBudget/maxUnavailable',
    'does not match',
  ],
  [
    { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'Never' }] },
    '/topologySpreadConstraints/0/whenUnsatisfiable',
    'must be one of',
  ],
  [{ logLevel: 'trace' }, '/logLevel', "must be one of 'error', 'warn', 'info', 'debug'"],
  [{ logFormat: 'xml' }, '/logFormat', 'must be one of'],
  [{ allowedEndpointHosts: ['https://example.com'] }, '/allowedEndpointHosts/0', 'does not match pattern'],
  [{ allowLocalEndpoints: 'no' }, '/allowLocalEndpoints', 'got string, want boolean'],
  [{ extraArgs: ['verbose'] }, '/extraArgs/0', 'does not match pattern'],
  [{ extraArgs: ['--namespace=team-a'] }, '/extraArgs/0', "'not' failed"],
  [{ proxy: { https: 'http://me:secret@proxy:3128' } }, '/proxy/https', 'does not match pattern'],
  [{ proxy: { http: 3128 } }, '/proxy/http', 'got number, want string'],
  [{ proxy: { noProxy: ['10.0.0.0/8'] } }, '/proxy/noProxy', 'got array, want string'],
  [{ caBundle: { configMap: 'a', secret: 'b' } }, '/caBundle', "'not' failed"],
  [{ caBundle: { configMap: 'a/b' } }, '/caBundle/configMap', 'does not match pattern'],
  [{ caBundle: { secret: '-' } }, '/caBundle/secret', 'does not match pattern'],
  [{ caBundle: { configMap: 'a', key: '' } }, '/caBundle/key', 'does not match pattern'],
  [{ extraEnv: { A: 'b' } }, '/extraEnv', 'got object, want array'],
  [{ extraEnv: [{ name: 'A', value: 1 }] }, '/extraEnv/0/value', 'got number, want string'],
  [{ extraVolumes: [{ name: 'a' }] }, '/extraVolumes/0', 'minProperties'],
  [
    { extraVolumeMounts: [{ name: 'a', mountPath: 'relative' }] },
    '/extraVolumeMounts/0/mountPath',
    'does not match',
  ],
  [{ serviceAccount: { create: 'x' } }, '/serviceAccount/create', 'got string, want boolean'],
  [{ serviceAccount: { name: 'A_B' } }, '/serviceAccount/name', 'does not match pattern'],
  [
    { serviceAccount: { annotations: { a: true } } },
    '/serviceAccount/annotations/a',
    'got boolean, want string',
  ],
  [{ rbac: { create: 0 } }, '/rbac/create', 'got number, want boolean'],
  [{ rbac: { aggregateToView: 'x' } }, '/rbac/aggregateToView', 'got string, want boolean'],
  [{ rbac: { aggregateToEdit: 'x' } }, '/rbac/aggregateToEdit', 'got string, want boolean'],
  [{ rbac: { aggregateProjectsToEdit: 'x' } }, '/rbac/aggregateProjectsToEdit', 'got string, want boolean'],
  [{ podAnnotations: { a: 1 } }, '/podAnnotations/a', 'got number, want string'],
  [{ podLabels: { a: '-' } }, '/podLabels/a', 'does not match pattern'],
  [
    { podSecurityContext: { runAsUser: 'root' } },
    '/podSecurityContext/runAsUser',
    'got string, want integer',
  ],
  [
    { securityContext: { priviledged: true } },
    '/securityContext',
    "additional properties 'priviledged' not allowed",
  ],
  [{ resources: { limits: { memory: '1 GB' } } }, '/resources/limits/memory', 'does not match pattern'],
  [{ nodeSelector: { disk: true } }, '/nodeSelector/disk', 'got boolean, want string'],
  [{ tolerations: [{ effect: 'NoRun' }] }, '/tolerations/0/effect', 'must be one of'],
  [{ affinity: { nodes: {} } }, '/affinity', "additional properties 'nodes' not allowed"],
  [{ priorityClassName: 'High' }, '/priorityClassName', 'does not match pattern'],
  [{ metrics: { enabled: 'x' } }, '/metrics/enabled', 'got string, want boolean'],
  [
    { metrics: { serviceMonitor: { enabled: 'x' } } },
    '/metrics/serviceMonitor/enabled',
    'got string, want boolean',
  ],
  [
    { metrics: { serviceMonitor: { interval: '30 s' } } },
    '/metrics/serviceMonitor/interval',
    'does not match pattern',
  ],
  [
    { metrics: { serviceMonitor: { scrapeTimeout: 10 } } },
    '/metrics/serviceMonitor/scrapeTimeout',
    'got number, want string',
  ],
  [
    { metrics: { serviceMonitor: { labels: [] } } },
    '/metrics/serviceMonitor/labels',
    'got array, want object',
  ],
  [{ metrics: { podMonitor: { enabled: 'x' } } }, '/metrics/podMonitor/enabled', 'got string, want boolean'],
  [
    { metrics: { podMonitor: { interval: 'soon' } } },
    '/metrics/podMonitor/interval',
    'does not match pattern',
  ],
  [
    { metrics: { podMonitor: { scrapeTimeout: 'soon' } } },
    '/metrics/podMonitor/scrapeTimeout',
    'does not match pattern',
  ],
  [
    { metrics: { podMonitor: { labels: { a: 1 } } } },
    '/metrics/podMonitor/labels/a',
    'got number, want string',
  ],
  [
    { metrics: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } } },
    '/metrics',
    "'not' failed",
  ],
  [
    { metrics: { enabled: false, serviceMonitor: { enabled: true } } },
    '/metrics/serviceMonitor/enabled',
    'value must be false',
  ],
  [
    { metrics: { prometheusRule: { enabled: 'x' } } },
    '/metrics/prometheusRule/enabled',
    'got string, want boolean',
  ],
  [
    { metrics: { prometheusRule: { runbookURL: 'runbooks.example' } } },
    '/metrics/prometheusRule/runbookURL',
    'does not match pattern',
  ],
  [
    { metrics: { prometheusRule: { labels: 'x' } } },
    '/metrics/prometheusRule/labels',
    'got string, want object',
  ],
  [{ metrics: { dashboard: { enabled: 'x' } } }, '/metrics/dashboard/enabled', 'got string, want boolean'],
  [
    { metrics: { dashboard: { labels: { a: 1 } } } },
    '/metrics/dashboard/labels/a',
    'got number, want string',
  ],
  [
    { metrics: { dashboard: { annotations: { a: 1 } } } },
    '/metrics/dashboard/annotations/a',
    'got number, want string',
  ],
  [{ networkPolicy: { enabled: 'x' } }, '/networkPolicy/enabled', 'got string, want boolean'],
  [
    { networkPolicy: { metricsNamespaceSelector: { app: 'x' } } },
    '/networkPolicy/metricsNamespaceSelector',
    "additional properties 'app' not allowed",
  ],
  [
    { networkPolicy: { egressPorts: [70000] } },
    '/networkPolicy/egressPorts/0',
    'maximum: got 70,000, want 65,535',
  ],
  [
    { networkPolicy: { extraEgress: [{ port: 3128 }] } },
    '/networkPolicy/extraEgress/0',
    "additional properties 'port' not allowed",
  ],
  [{ mirrorProtection: true }, '/mirrorProtection', 'got boolean, want object'],
  [{ mirrorProtection: { enabled: 'x' } }, '/mirrorProtection/enabled', 'got string, want boolean'],
];

const places = rows.map(([, place]) => place.slice(1).replaceAll('/', '.'));

describe('a wrong value is refused and named', () => {
  it.concurrent.each(
    rows.map(([values, place, says]) => ({ values, place, says, text: JSON.stringify(values).slice(0, 80) })),
  )('$text', async ({ values, place, says }) => {
    const { code, stderr } = await helm(['template'], { values });
    const lines = stderr.split('\n').filter((line) => line.includes(`at '${place}': `));
    expect({ code, said: lines.join('\n') || stderr }).toEqual({
      code: 1,
      said: expect.stringContaining(says),
    });
  });

  it('for each value that is documented', () => {
    const page = readFileSync(join(root, 'docs', 'reference', 'chart-values.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `([\w.]+)`/gm)].map((match) => match[1]!);
    expect(documented.length).toBeGreaterThan(50);
    const tried = (path: string): boolean =>
      places.some((place) => place === path || place.startsWith(`${path}.`));
    expect(documented.filter((path) => !tried(path))).toEqual([]);
  });
});
