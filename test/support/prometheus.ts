import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

import type { PrometheusPrograms } from '../../tools/prometheus/programs.ts';
import { eventually } from './eventually.ts';
import { Program } from './program.ts';

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusOptions {
  readonly programs: PrometheusPrograms;
  /** Hosts with their ports, by job. A target may come later, or go. */
  readonly targets: Readonly<Record<string, string>>;
  readonly rules: object;
  /** Between two scrapes, and two looks at the rules. */
  readonly interval: string;
}

/** A Prometheus of its own, with its data in a folder that goes with it. */
export class Prometheus {
  readonly #program: Program;
  readonly #folder: string;
  readonly #url: string;

  private constructor(program: Program, folder: string, url: string) {
    this.#program = program;
    this.#folder = folder;
    this.#url = url;
  }

  static async start({ programs, targets, rules, interval }: PrometheusOptions): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), 'modelarts-operator-prometheus-'));
    const config = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ['rules.yaml'],
      scrape_configs: Object.entries(targets).map(([job, target]) => ({
        job_name: job,
        honor_labels: true,
        static_configs: [{ targets: [target] }],
      })),
    };
    await writeFile(join(folder, 'rules.yaml'), stringify(rules));
    await writeFile(join(folder, 'prometheus.yml'), stringify(config));
    const program = new Program(
      [
        programs.prometheus,
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
      ],
      { cwd: folder },
    );
    const [, address] = await program.says(/msg="?Listening on"? address=(127\.0\.0\.1:\d+)/);
    const prometheus = new Prometheus(program, folder, `http://${address}`);
    await eventually(() => prometheus.query('1').then(() => true));
    return prometheus;
  }

  /** What an expression of any type says now. Rejects with Prometheus' own words about a wrong one. */
  async query(expr: string): Promise<Sample[]> {
    const data = (await this.#get(`query?query=${encodeURIComponent(expr)}`)) as {
      readonly resultType: string;
      readonly result: readonly { metric: Sample['metric']; value: [number, string] }[];
    };
    if (data.resultType !== 'vector') return [];
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Names of the alerts that fire. */
  async firing(): Promise<string[]> {
    const { alerts } = (await this.#get('alerts')) as {
      readonly alerts: readonly {
        readonly state: string;
        readonly labels: Readonly<Record<string, string>>;
      }[];
    };
    const names = alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!);
    return [...new Set(names)].sort();
  }

  async stop(): Promise<void> {
    this.#program.kill('SIGKILL');
    await this.#program.ended;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const answer = (await response.json()) as { status: string; error?: string; data: unknown };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  }
}
