import type { Values } from './programs.ts';

/** Values that somebody might choose, by what they want. */
export const valueSets: Readonly<Record<string, Values>> = {
  'the defaults': {},
  'replicas that wait': { replicaCount: 2 },
  'replicas that share the projects': {
    replicaCount: 3,
    shards: 6,
    podDisruptionBudget: { maxUnavailable: '34%' },
  },
  'some namespaces': { watchNamespaces: ['team-a', 'team-b'] },
  'no more than must be': {
    rbac: { create: false, aggregateToView: false, aggregateToEdit: false },
    serviceAccount: { create: false, name: 'made-by-others' },
    metrics: { enabled: false },
    podDisruptionBudget: { enabled: false },
    topologySpreadConstraints: [],
  },
  'an air-gapped cluster': {
    image: {
      registry: 'registry.internal:5000/mirror',
      digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
      pullPolicy: 'Always',
    },
    imagePullSecrets: [{ name: 'registry' }],
    proxy: {
      https: 'http://proxy.internal:3128',
      http: 'proxy.internal:3128',
      noProxy: '10.0.0.0/8,.internal',
    },
    caBundle: { configMap: 'authorities', key: 'bundle.pem' },
  },
  'everything that can be chosen': {
    nameOverride: 'mirror',
    commonLabels: { team: 'platform' },
    crds: { keep: false },
    watchNamespaces: ['team-a'],
    replicaCount: 2,
    logLevel: 'debug',
    logFormat: 'text',
    allowedEndpointHosts: ['*.example.com', '10.0.0.1:8443'],
    allowLocalEndpoints: true,
    extraArgs: ['--record=/recordings/answers.jsonl', '--record-scramble-ids'],
    caBundle: { secret: 'authorities' },
    extraEnv: [
      { name: 'NODE_OPTIONS', value: '--max-semi-space-size=2' },
      { name: 'HTTPS_PROXY', valueFrom: { secretKeyRef: { name: 'proxy', key: 'url' } } },
    ],
    extraVolumes: [{ name: 'recordings', emptyDir: { sizeLimit: '1Gi' } }],
    extraVolumeMounts: [{ name: 'recordings', mountPath: '/recordings' }],
    serviceAccount: { annotations: { 'example.com/role': 'reader' } },
    rbac: { aggregateProjectsToEdit: true },
    podAnnotations: { 'example.com/note': 'a: b' },
    podLabels: { 'example.com/cost': '1234' },
    // As large as OpenShift numbers its users.
    podSecurityContext: { runAsUser: 1000650000, runAsGroup: 1000650000 },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'infra', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    priorityClassName: 'system-cluster-critical',
    metrics: {
      serviceMonitor: {
        enabled: true,
        interval: '30s',
        scrapeTimeout: '10s',
        labels: { release: 'prometheus' },
      },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
      dashboard: { enabled: true, annotations: { 'example.com/folder': 'Accelerators' } },
    },
    networkPolicy: {
      enabled: true,
      extraEgress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ port: 3128, protocol: 'TCP' }] }],
    },
    mirrorProtection: { enabled: true },
  },
  'a monitor of the pods': { metrics: { podMonitor: { enabled: true, interval: '1m' } } },
};
