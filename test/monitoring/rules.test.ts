import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';

import { alerts, ruleFile, runbookURL, type Alert } from '../../tools/generate/monitoring/alerts.ts';
import { root, runCommand } from '../../tools/run-command.ts';
import { programs } from './programs.ts';
import { quietCases, ruleCases, type RuleCase } from './rule-cases.ts';

const shipped = join(root, 'charts', 'modelarts-operator', 'files', 'alerts.yaml');

(programs === undefined ? describe.skip : describe)('the alerts, asked with promtool', () => {
  const promtool = (...args: string[]) => runCommand([programs!.promtool, ...args]);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-rules-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are rules without a fault', async () => {
    const { code, output } = await promtool('check', 'rules', '--lint=all', '--lint-fatal', shipped);
    expect(code === 0 ? '' : output).toBe('');
  });

  it('each have a case', () => {
    expect(ruleCases.map(({ alert }) => alert)).toEqual(alerts.map(({ name }) => name));
  });

  it('wait as long as they say, fire, say what is so, and clear', async () => {
    expect(await complaints(ruleCases.map(testOf))).toBe('');
  });

  it('stay quiet where nothing is wrong', async () => {
    const tests = quietCases.map(({ why, alert, at, series }) => ({
      name: `${alert}: ${why}`,
      interval: '1m',
      input_series: inputs(series),
      alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: [] }],
    }));
    expect(await complaints(tests)).toBe('');
  });

  /** What promtool says, unless it is content. */
  async function complaints(tests: readonly object[]): Promise<string> {
    const file = join(folder, 'tests.yaml');
    const definition = { rule_files: ['rules.yaml'], evaluation_interval: '1m', tests };
    await Promise.all([
      writeFile(join(folder, 'rules.yaml'), stringify(ruleFile())),
      writeFile(file, stringify(definition)),
    ]);
    const { code, output } = await promtool('test', 'rules', file);
    return code === 0 ? '' : output;
  }
});

function testOf({ alert: name, series, pendingAt, firesAt, clearsAt, labels, value = '' }: RuleCase): object {
  const alert = alerts.find((each) => each.name === name)!;
  const text = (template: string): string =>
    template
      .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')
      .replaceAll(/\{\{ \$value[^}]*\}\}/g, value);
  const fired = {
    exp_labels: { ...labels, severity: alert.severity },
    exp_annotations: annotationsOf(alert, text),
  };
  const at = (time: string, expected: readonly object[]): object => ({
    eval_time: time,
    alertname: name,
    exp_alerts: expected,
  });
  return {
    name,
    interval: '1m',
    input_series: inputs(series),
    alert_rule_test: [
      ...(pendingAt === undefined ? [] : [at(pendingAt, [])]),
      at(firesAt, [fired]),
      at(clearsAt, []),
    ],
  };
}

function annotationsOf(alert: Alert, text: (template: string) => string): object {
  return {
    summary: text(alert.summary),
    description: text(alert.description),
    runbook_url: runbookURL(alert),
  };
}

function inputs(series: RuleCase['series']): object[] {
  return Object.entries(series).map(([name, values]) => ({ series: name, values }));
}
