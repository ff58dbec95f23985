import { decodePool, decodePoolList } from '../../src/modelarts/decode/pool.ts';
import type { Cursor } from '../../src/modelarts/decode/read.ts';
import { decodeFlavorPage } from '../../src/modelarts/decode/resource-flavor.ts';
import { decodeResourceSpecs } from '../../src/modelarts/decode/resource-spec.ts';
import { decodeRuntimeMetrics } from '../../src/modelarts/decode/runtime-metrics.ts';
import { decodeStatistics } from '../../src/modelarts/decode/statistics.ts';
import { decodeTrainingJobVersions } from '../../src/modelarts/decode/training-job-version.ts';
import { decodeWorkloadPage } from '../../src/modelarts/decode/workload.ts';
import { decodeWorkspacePage } from '../../src/modelarts/decode/workspace.ts';
import { fixture } from '../../src/modelarts/fixtures/fixture.ts';

/** An answer that the operator reads: documented samples of it, and its decoder. */
export interface DocumentedAnswer {
  readonly name: string;
  readonly samples: readonly object[];
  readonly decode: (body: Cursor) => unknown;
}

const named = (...names: readonly string[]): readonly object[] => names.map((name) => fixture(name));

/** Every decoder that there is. */
export const documentedAnswers: readonly DocumentedAnswer[] = [
  {
    name: 'a pool',
    samples: named('pool-gpu', 'pool-npu', 'pool-creating', 'pool-abnormal', 'pool-deleting', 'pool-minimal'),
    decode: (body) => decodePool(body) ?? body.at('metadata').at('name').issueOfWhole('a pool id'),
  },
  { name: 'pools', samples: named('pools-list'), decode: decodePoolList },
  {
    name: 'jobs',
    samples: named('workloads-page', 'workloads-npu', 'workloads-empty'),
    decode: (body) => decodeWorkloadPage(body, 'pool-a'),
  },
  {
    name: 'numbers of jobs',
    samples: named('statistics-statics', 'statistics-statistics'),
    decode: decodeStatistics,
  },
  {
    name: 'training-job versions',
    samples: named('training-versions'),
    decode: decodeTrainingJobVersions,
  },
  { name: 'resource specifications', samples: named('resource-specs'), decode: decodeResourceSpecs },
  { name: 'runtime metrics', samples: named('runtime-metrics'), decode: decodeRuntimeMetrics },
  {
    name: 'flavors',
    samples: [
      {
        kind: 'ResourceFlavorList',
        metadata: { continue: 'next' },
        items: [
          {
            metadata: { name: 'modelarts.bm.npu.8snt9' },
            spec: { cpu: '192', memory: '1536Gi', npu: { type: 'snt9', size: 8 }, gpu: null },
          },
        ],
      },
    ],
    decode: decodeFlavorPage,
  },
  {
    name: 'workspaces',
    samples: [{ total_count: 2, count: 2, workspaces: [{ id: '0', name: 'default', status: 'NORMAL' }] }],
    decode: decodeWorkspacePage,
  },
];

/** What is documented for failures, of all families. */
export const documentedFailures: readonly object[] = named(
  ...[
    'error-400',
    'error-401-service',
    'error-403-project',
    'error-404-pool',
    'error-404-pool-short',
    'error-500',
  ],
  ...['error-gateway-401', 'error-gateway-403', 'error-gateway-404', 'error-gateway-429', 'error-iam-401'],
  ...['training-versions-failure', 'resource-specs-failure'],
);
