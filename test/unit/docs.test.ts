import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';

import { createValidator, customResourceDefinitions, type KindName } from '../../src/api/kinds/registry.ts';
import { conditionReasons, eventReasons } from '../../src/api/reasons.ts';
import type { StructuralSchema } from '../../src/api/schema/structural.ts';
import { operations, type OperationName } from '../../src/modelarts/endpoints.ts';
import { permissions } from '../../src/modelarts/permissions.ts';
import { commandHelp, flagsOf } from '../support/command-help.ts';
import { alerts } from '../../tools/generate/monitoring/alerts.ts';
import { rows as dashboardRows } from '../../tools/generate/monitoring/dashboard-panels.ts';
import { knownMetrics, metricNames } from '../../tools/generate/monitoring/known-metrics.ts';

/** The documents say what the code does: whatever both of them list must be the same on both sides. */
const root = join(import.meta.dirname, '..', '..');
const pages = ['.', 'docs', 'docs/reference'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** What stands below a heading, up to the next one of its level or above; '' where there is no such heading. */
function section(page: string, heading: string): string {
  const level = heading.indexOf(' ');
  const lines = read(page).split('\n');
  const start = lines.indexOf(heading);
  const end = lines.findIndex((line, at) => at > start && new RegExp(`^#{1,${level}} `).test(line));
  return start < 0 ? '' : lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** The cells of all table rows in a text, head rows left out. */
function rows(text: string): string[][] {
  const cells = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  return cells.filter((row, at) => !isRule(row) && !isRule(cells[at + 1] ?? []));
}
const isRule = (row: readonly string[]): boolean => row.length > 0 && row.every((cell) => /^-+$/.test(cell));

/** Words in back-quotes. */
const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

describe('links', () => {
  const withoutFences = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');
  const withoutCode = (text: string): string => withoutFences(text).replaceAll(/`[^`\n]*`/g, '');
  const slug = (heading: string): string =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
  const anchors = (page: string): string[] =>
    [...withoutFences(read(page)).matchAll(/^#+ (.*)$/gm)].map((match) => slug(match[1]!));

  it.each(pages)('of %s lead somewhere', (page) => {
    const targets = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
    const broken = targets
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [path = '', anchor] = target.split('#');
        const file = path === '' ? page : relative(root, join(root, dirname(page), path));
        if (!existsSync(join(root, file))) return true;
        return anchor !== undefined && !anchors(file).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it.each(pages)('and paths of %s exist', (page) => {
    const named = quoted(withoutFences(read(page))).filter((text) =>
      /^(src|test|tools|crds|manifests|docs)\/[\w./-]+$/.test(text),
    );
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('of docs/README.md name every page', () => {
    const index = read('docs/README.md');
    const missing = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(missing.filter((page) => !index.includes(`](${relative('docs', page)})`))).toEqual([]);
  });
});

describe('docs/conditions.md', () => {
  const documented = (heading: string): Record<string, string> =>
    Object.fromEntries(
      rows(section('docs/conditions.md', heading)).map(([reason = '', meaning = '']) => [
        reason.replaceAll('`', ''),
        meaning,
      ]),
    );

  it('explains every condition reason of the catalogue, and no other', () => {
    expect(documented('## Condition reasons')).toEqual(conditionReasons);
  });

  it('explains every Event reason of the catalogue, and no other', () => {
    expect(documented('## Event reasons')).toEqual(eventReasons);
  });
});

const help = async (command: string): Promise<string[]> => flagsOf(await commandHelp(command));

describe('docs/commands.md', () => {
  it.each(['export', 'doctor', 'top', 'iam-policy'])(
    'lists every flag of %s, and no other',
    async (command) => {
      const documented = rows(section('docs/commands.md', `## ${command}`))
        .flatMap(([flag = '']) => quoted(flag))
        .filter((word) => word.startsWith('--'));
      expect(documented.sort()).toEqual(await help(command));
    },
  );
});

describe('docs/commands.md#iam-policy', () => {
  it('says of each request which action it needs', () => {
    const documented = rows(section('docs/commands.md', '## iam-policy'))
      .map(([request = '', action = '']) => [quoted(request)[0], quoted(action)[0]])
      .filter(([request]) => /^(GET|POST) /.test(request ?? ''));
    const known = Object.entries(operations).map(([name, request]) => [
      request,
      permissions[name as OperationName].action,
    ]);
    expect(documented.sort()).toEqual(known.sort());
  });
});

describe('docs/reliability.md', () => {
  it('names a test for every input', () => {
    const inputs = rows(section('docs/reliability.md', '## What comes in, and what a bad one gets'));
    expect(inputs.length).toBeGreaterThan(15);
    const tests = (cell: string): string[] =>
      quoted(cell).filter((word) => /^(src|test)\/.*\.test\.ts$/.test(word));
    expect(inputs.filter((row) => tests(row.at(-1) ?? '').length === 0).map(([input]) => input)).toEqual([]);
  });
});

describe('docs/security.md', () => {
  const threats = rows(section('docs/security.md', '## Threats'));

  it.each(threats)('names the tests that show what is done: %s', (_threat, _done, shown = '') => {
    const tests = quoted(shown).filter((path) => path.endsWith('.test.ts'));
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  const flags = rows(section('docs/operations.md', '### Flags')).map(([flag = '', commands = '']) => ({
    flag: quoted(flag)[0],
    commands: commands.split(', '),
  }));

  it.each(['run', 'sync', 'simulate'])('lists every flag of %s, and no other', async (command) => {
    const documented = flags.filter(({ commands }) => commands.includes(command)).map(({ flag }) => flag);
    expect(documented.sort()).toEqual(await help(command));
  });
});

describe('metrics', () => {
  const known = new Set(knownMetrics().map(({ name }) => name));

  it.each(pages)('that %s names are there', (page) => {
    expect(metricNames(read(page)).filter((name) => !known.has(name))).toEqual([]);
  });

  it('of the operator itself are all in the reference', () => {
    const documented = rows(read('docs/reference/metrics.md')).flatMap(([metric = '']) => quoted(metric));
    const own = [...known].filter((name) => !/^(process|nodejs)_/.test(name));
    expect(documented.sort()).toEqual(own.sort());
  });

  it('that alerts and dashboard ask for are there, and an alert or a panel shows each of ours', () => {
    const panels = dashboardRows.flatMap((row) =>
      row.panels.flatMap((panel) => Object.values(panel.queries)),
    );
    const asked = metricNames([...panels, ...alerts.map(({ expr }) => expr((window) => window))].join(' '));
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    const ours = [...known].filter((name) => name.startsWith('modelarts_'));
    expect(ours.filter((name) => !asked.includes(name))).toEqual([]);
  });
});

describe('docs/runbooks.md', () => {
  it('has an entry for each alert, in their order, and no other', () => {
    const entries = [...read('docs/runbooks.md').matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(entries).toEqual(alerts.map(({ name }) => name));
  });
});

/** Every path below a schema; `[]` of list items is left out. */
function paths(schema: StructuralSchema, prefix: string): { path: string; isLeaf: boolean }[] {
  const below = schema.items?.properties ?? schema.properties;
  if (below === undefined) return [{ path: prefix, isLeaf: true }];
  return [
    { path: prefix, isLeaf: false },
    ...Object.entries(below).flatMap(([name, field]) => paths(field, `${prefix}.${name}`)),
  ];
}
const schemas = customResourceDefinitions().map((crd) => {
  const { spec, status } = crd.spec.versions[0]!.schema.openAPIV3Schema.properties;
  return { kind: crd.spec.names.kind, spec, status };
});

describe('docs/bad-input.md', () => {
  it.each(schemas)('says what a wrong value of each field of $kind gets', ({ kind, spec }) => {
    const documented = rows(section('docs/bad-input.md', `## ${kind}`))
      .flatMap(([field = '']) => quoted(field))
      .filter((field) => field.startsWith('spec'));
    const known = paths(spec, 'spec');
    expect(documented.filter((field) => !known.some(({ path }) => path === field))).toEqual([]);
    const leaves = known.filter(({ isLeaf }) => isLeaf).map(({ path }) => path);
    expect(leaves.filter((leaf) => !documented.includes(leaf))).toEqual([]);
  });
});

describe('docs/api-coverage.md', () => {
  const named = rows(read('docs/api-coverage.md')).flatMap(([, place = '']) =>
    quoted(place).map((text) => text.replaceAll('[]', '')),
  );

  it('places fields only where there are any', () => {
    const known = new Set(
      schemas
        .flatMap(({ spec, status }) => [...paths(spec, 'spec'), ...paths(status, 'status')])
        .map(({ path }) => path),
    );
    const places = named.filter((text) => /^(spec|status)\./.test(text));
    expect(places.filter((place) => !known.has(place))).toEqual([]);
  });

  it('says where each field of a status comes from', () => {
    const ours = ['conditions', 'observedGeneration', 'lastHandledReconcileAt'];
    const missing = schemas
      .filter(({ kind }) => kind !== 'ModelArtsProject')
      .flatMap(({ kind, status }) =>
        Object.keys(status.properties ?? {})
          .filter((field) => !ours.includes(field))
          .filter(
            (field) =>
              !named.some((place) => place === `status.${field}` || place.startsWith(`status.${field}.`)),
          )
          .map((field) => `${kind}: status.${field}`),
      );
    expect(missing).toEqual([]);
  });
});

describe('examples', () => {
  const validate = createValidator({ unknownFields: 'refuse' });
  const objects = pages.flatMap((page) =>
    [...read(page).matchAll(/^```yaml\n(.*?)^```/gms)]
      .flatMap((match) => parseAllDocuments(match[1]!).map((document) => document.toJS() as unknown))
      .filter(isOurs)
      .map((object) => ({ page, kind: object.kind, object })),
  );

  it.each(objects)('a $kind in $page is valid', ({ kind, object }) => {
    expect(validate(kind, object)).toMatchObject({ ok: true });
  });
});

function isOurs(object: unknown): object is { kind: KindName } {
  const { apiVersion } = (object ?? {}) as { apiVersion?: unknown };
  return typeof apiVersion === 'string' && apiVersion.startsWith('modelarts-operator.dev/');
}
