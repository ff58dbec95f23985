/**
 * Stand-ins for the CRDs of the Prometheus Operator: of its published schemas (v0.82) what an object of ours may use. A
 * field that is not here is refused where unknown fields are.
 */
const group = 'monitoring.coreos.com';
const duration = {
  type: 'string',
  pattern: '^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$',
};
const text = { type: 'string' };
const texts = { type: 'object', additionalProperties: text };
const object = (properties: object, ...required: string[]): object => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
const list = (items: object): object => ({ type: 'array', items });

const selector = object({
  matchLabels: texts,
  matchExpressions: list(object({ key: text, operator: text, values: list(text) }, 'key', 'operator')),
});
const endpoints = list(
  object({
    port: text,
    path: text,
    scheme: { enum: ['http', 'https'], type: 'string' },
    interval: duration,
    scrapeTimeout: duration,
    honorLabels: { type: 'boolean' },
  }),
);
const rule = object(
  {
    alert: text,
    record: text,
    expr: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
    for: duration,
    keep_firing_for: { ...duration, minLength: 1 },
    labels: texts,
    annotations: texts,
  },
  'expr',
);
const groups = {
  ...list(
    object(
      { name: { type: 'string', minLength: 1 }, interval: duration, labels: texts, rules: list(rule) },
      'name',
    ),
  ),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
};

const specs = {
  ServiceMonitor: object({ endpoints, selector }, 'endpoints', 'selector'),
  PodMonitor: object({ podMetricsEndpoints: endpoints, selector }, 'selector'),
  PrometheusRule: object({ groups }),
};

export const monitoringCRDs: readonly object[] = Object.entries(specs).map(([kind, spec]) => {
  const singular = kind.toLowerCase();
  const names = { kind, listKind: `${kind}List`, plural: `${singular}s`, singular };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${group}` },
    spec: {
      group,
      names,
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: object({ spec }, 'spec') } },
      ],
    },
  };
});
