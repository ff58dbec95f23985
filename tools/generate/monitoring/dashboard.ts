import { rows, type Panel } from './dashboard-panels.ts';

const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 24;
const defaultWidth = 8;

/** What a variable offers. The empty value of `allValue` stands for what was not asked for. */
function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** The dashboard as Grafana imports and provisions it. */
export function dashboard(): object {
  return {
    uid: 'modelarts-operator',
    title: 'ModelArts',
    description: 'Pools, queues and the operator that mirrors them.',
    tags: ['modelarts'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: '',
    annotations: { list: [] },
    links: [],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', refresh: 1 },
        variable('job', 'Operator', 'label_values(modelarts_operator_build_info, job)'),
        variable('namespace', 'Namespace', 'label_values(modelarts_operator_project_synced, namespace)'),
        variable(
          'project',
          'Project',
          'label_values(modelarts_operator_project_synced{namespace=~"$namespace"}, project)',
        ),
        variable(
          'pool',
          'Pool',
          'label_values(modelarts_pool_info{namespace=~"$namespace",project=~"$project"}, pool)',
        ),
      ],
    },
    panels: laidOut(),
  };
}

/** From left to right, and below where a row of panels is full. */
function laidOut(): object[] {
  const panels: object[] = [];
  let id = 1;
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: id++,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: columns, h: 1 },
      panels: [],
    });
    let x = 0;
    for (const panel of row.panels) {
      const w = panel.width ?? defaultWidth;
      if (x + w > columns) {
        x = 0;
        y += height;
      }
      panels.push({ id: id++, ...drawn(panel), gridPos: { x, y, w, h: height } });
      x += w;
    }
    y += height;
  }
  return panels;
}
const height = 7;

function drawn({ title, description = '', type, unit = 'short', stacked = false, queries }: Panel): object {
  const table = type === 'table';
  const custom =
    type === 'timeseries' ? { fillOpacity: 10, stacking: { mode: stacked ? 'normal' : 'none' } } : {};
  return {
    title,
    description,
    type,
    datasource,
    fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
    options: table ? {} : optionsOf(type),
    targets: Object.entries(queries).map(([legend, expr], at) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + at),
      datasource,
      expr,
      legendFormat: legend,
      ...(table && { format: 'table' }),
      ...((table || type === 'stat') && { instant: true, range: false }),
    })),
    ...(table && { transformations: joined(Object.keys(queries)) }),
  };
}

function optionsOf(type: Panel['type']): object {
  if (type === 'stat') return { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'none' };
  if (type === 'state-timeline') return { showValue: 'never', legend: { showLegend: false } };
  return { tooltip: { mode: 'multi' }, legend: { displayMode: 'list', placement: 'bottom' } };
}

/** One line a pool; the columns that only say 1 are left out. */
function joined(names: readonly string[]): object[] {
  const value = (at: number): string => `Value #${String.fromCharCode('A'.charCodeAt(0) + at)}`;
  const numbers = names.map((name, at) => [value(at), name] as const);
  return [
    { id: 'merge', options: {} },
    {
      id: 'organize',
      options: {
        excludeByName: { Time: true, [value(0)]: true, [value(1)]: true },
        renameByName: { display_name: 'name', ...Object.fromEntries(numbers.slice(2)) },
      },
    },
  ];
}
