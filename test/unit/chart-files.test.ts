import { describe, expect, it } from '@jest/globals';

import { chartCRD } from '../../tools/generate/chart-crd.ts';
import { chartValuesPage } from '../../tools/generate/chart-values-page.ts';

describe('a CRD in the chart', () => {
  const crd = 'kind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\nspec: {}\n';

  it('is the CRD, with labels, and kept unless told otherwise', () => {
    const lines = chartCRD(crd).split('\n');
    expect(lines[0]).toBe('{{- if .Values.crds.enabled }}');
    expect(lines.filter((line) => !line.includes('{{'))).toEqual([
      'kind: CustomResourceDefinition',
      'metadata:',
      '  name: things.example.com',
      '  annotations:',
      '    helm.sh/resource-policy: keep',
      'spec: {}',
      '',
    ]);
  });

  it.each([
    ['what Helm would expand', `${crd}# {{ .Values }}\n`],
    ['metadata that does not begin with the name', crd.replace('  name', '  labels: {}\n  name')],
  ])('cannot be made of %s', (_what, text) => {
    expect(() => chartCRD(text)).toThrow('a CRD ');
  });
});

describe('the page of the values', () => {
  const rowsOf = (values: string): string[] =>
    chartValuesPage(values)
      .split('\n')
      .filter((line) => line.startsWith('| `'));

  it('has a row for each value with its default, and for a whole section where that is what is explained', () => {
    const values = [
      '# No value: about the file.',
      '# -- How many',
      '# there are.',
      'count: 1',
      'outer:',
      '  # Not shown.',
      '  # -- A | B.',
      '  inner: []',
      '# -- As a whole.',
      'whole:',
      '  first: { a: 1 }',
    ].join('\n');
    expect(rowsOf(values)).toEqual([
      '| `count` | `1` | How many there are. |',
      '| `outer.inner` | `[]` | A \\| B. |',
      '| `whole` | `{"first":{"a":1}}` | As a whole. |',
    ]);
  });

  it('cannot be made where a value is not explained', () => {
    expect(() => rowsOf('outer:\n  # -- Said.\n  said: 1\n  silent: 2\n')).toThrow(
      'nothing about outer.silent',
    );
  });
});
