import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/api-coverage.md against what ModelArts documents, and against the tests. */
const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/api-coverage.md'), 'utf8');

/** The first cells of the table below a heading. */
function named(heading: string): string {
  const section = page.split('\n## ').find((text) => text.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((line) => line.split('|')[1]).join('\n');
}

const labels = ['workspace.id', 'name', 'resource.id', 'tenant.domain.id'].map(
  (key) => `os.modelarts/${key}`,
);
const annotations = [
  ...[
    'description',
    'billing.mode',
    'period.num',
    'period.type',
    'auto.renew',
    'promotion.info',
    'service.console.url',
  ],
  ...['order.id', 'flavor.resource.ids', 'tms.tags'],
];
const failure = ['error_code', 'error_msg'];

/** Every field of the tables of the five documents of the API, parameters included. */
const documented: Readonly<Record<string, readonly string[]>> = {
  'A pool': [
    ...[
      'project_id',
      'pool_name',
      'X-ModelArts-User-ID',
      'apiVersion',
      'kind',
      'metadata.name',
      'creationTimestamp',
    ],
    ...labels,
    ...annotations,
    ...[
      'spec.type',
      'spec.scope',
      'spec.resources',
      'flavor',
      'count',
      'azs',
      'az',
      'network.name',
      'jobFlavors',
    ],
    ...['gpuVersion', 'npuVersion', 'updateStrategy', 'controlMode', 'status.phase', 'status.message'],
    ...['creating', 'available', 'abnormal', 'deleting', 'maxCount', 'scopeType', 'state'],
    ...['status.driver.gpu.version', 'status.driver.npu.version', 'status.parent', 'status.root', ...failure],
  ],
  Jobs: [
    ...[
      'project_id',
      'pool_name',
      'type',
      'status',
      'sort',
      'ascend',
      'offset',
      'limit',
      'apiVersion',
      'kind',
      'items',
    ],
    ...['namespace', 'name', 'jobName', 'uid', 'jobUUID', 'flavor', 'resourceRequirement', 'priority'],
    ...['runningDuration', 'pendingDuration', 'pendingPosition', 'createTime', 'gvk', 'hostIps'],
    ...['cpu', 'memory', 'nvidia.com/gpu', 'huawei.com/ascend-310', 'huawei.com/ascend-1980', ...failure],
  ],
  'Numbers of jobs': [
    ...[
      'project_id',
      'pool_name',
      'statics',
      'statistics',
      'total',
      'items',
      'type',
      'Queue',
      'Pending',
      'Abnormal',
    ],
    ...['Terminating', 'Creating', 'Running', 'Completed', 'Terminated', 'Failed', ...failure],
  ],
  'Older training jobs': [
    ...[
      'project_id',
      'offset',
      'limit',
      'status',
      'sort_by',
      'order',
      'pool_id',
      'workspace_id',
      'is_success',
    ],
    ...[
      'error_message',
      'error_code',
      'total_count',
      'versions',
      'version_id',
      'version_name',
      'create_time',
    ],
    ...['start_time', 'end_time', 'duration', 'version_desc', 'flavor_code', 'npu_num', 'gpu_num'],
  ],
  'Resource specifications': [
    ...['project_id', 'job_type', 'engine_id', 'project_type', 'is_success', 'error_message', 'error_code'],
    ...['spec_total_count', 'specs', 'spec_id', 'core', 'cpu', 'gpu_num', 'gpu_type', 'spec_code', 'max_num'],
    ...['unit_num', 'storage', 'interface_type', 'no_resource'],
  ],
};

describe('docs/api-coverage.md', () => {
  it.each(Object.entries(documented))('%s: says where each documented field stands', (heading, fields) => {
    const names = [...named(heading).matchAll(/`([^`]+)`/g)].map(([, name = '']) =>
      name.replaceAll('[]', ''),
    );
    const stands = (field: string): boolean =>
      names.some(
        (name) =>
          name === field ||
          name.endsWith(`.${field}`) ||
          name.endsWith(`/${field}`) ||
          name.startsWith(`${field}.`),
      );
    expect(fields.filter((field) => !stands(field))).toEqual([]);
  });

  it('has a test for each oddity, and names each that is tested', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .map((path) => readFileSync(join(root, 'src', path), 'utf8'));
    const inTests = new Set(files.flatMap((text) => text.match(/\bD\d\d\b(?=[^\n]*['"`])/g) ?? []));
    const rows = page.split('\n').filter((line) => /^\| D\d\d /.test(line));
    const tested = rows.filter((line) => !line.includes('not read:')).map((line) => line.slice(2, 5));
    expect(rows).toHaveLength(40);
    expect([...inTests].sort()).toEqual(tested);
  });
});
