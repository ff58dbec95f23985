/** The programs that are measured from outside, as processes of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';
import type { Scenario } from '../src/simulator/schema.ts';
import { imageEnvironment, imageOptions } from '../tools/image-settings.ts';
import { until, type Figure } from './harness.ts';

const root = join(import.meta.dirname, '..');
const built = join(root, '.cache', 'bench');

export interface Programs {
  /** The bundle. */
  readonly operator: string;
  readonly peer?: string;
}

/** Builds the bundle, and the peer where it is asked for, into .cache/bench. Needs Go for the peer. */
export async function buildPrograms({ peer = false } = {}): Promise<Programs> {
  await mkdir(built, { recursive: true });
  await command([process.execPath, join(root, 'tools', 'build.ts'), built], root);
  const operator = join(built, 'modelarts-operator.mjs');
  if (!peer) return { operator };
  const binary = join(built, 'peer-go');
  const args = ['build', '-mod=readonly', '-trimpath', '-o', binary, '.'];
  await command(['go', ...args], join(import.meta.dirname, 'peer-go'), { CGO_ENABLED: '0' });
  return { operator, peer: binary };
}

async function command(
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}

/** A process, and what Linux knows of it. It ends with this one. */
export class Program {
  readonly startedAt = performance.now();
  readonly #name: string;
  readonly #child: ChildProcess;
  #output = '';

  constructor(name: string, [program, ...args]: readonly [string, ...string[]], env = {}) {
    if (!existsSync('/proc/self/status')) throw new Error('memory and CPU of a process are read from /proc');
    this.#name = name;
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
    process.once('exit', this.#kill);
  }

  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };

  /** The end of what it said. */
  get output(): string {
    return this.#output;
  }

  /** Bytes in memory, now and at most. */
  async memory(): Promise<{ readonly now: number; readonly most: number }> {
    const status = await this.#proc('status');
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
    return { now: field('VmRSS'), most: field('VmHWM') };
  }

  /** Seconds of CPU, user's and system's. Linux counts in hundredths. */
  async cpuSeconds(): Promise<number> {
    const stat = await this.#proc('stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** What `work` gives; rejects at once when the process ends before. */
  async during<T>(work: Promise<T>): Promise<T> {
    let onClose: () => void = () => undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      onClose = () => reject(new Error(`${this.#name} ended: ${this.#output.slice(0, 500)}`));
      this.#child.once('close', onClose);
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      this.#child.removeListener('close', onClose);
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await ended;
    }
    process.removeListener('exit', this.#kill);
  }

  #proc(file: string): Promise<string> {
    const { exitCode, pid } = this.#child;
    if (exitCode !== null)
      throw new Error(`${this.#name} ended with ${exitCode}: ${this.#output.slice(-2000)}`);
    return readFile(`/proc/${pid}/${file}`, 'utf8');
  }
}

export interface SimulatorProgram {
  readonly program: Program;
  readonly url: string;
  /** Requests that it answered, by call. */
  requests(): Promise<{ readonly total: number; readonly byCall: Readonly<Record<string, number>> }>;
  act(actions: readonly unknown[]): Promise<void>;
}

export async function startSimulatorProgram(
  programs: Programs,
  scenario: Scenario,
): Promise<SimulatorProgram> {
  const file = join(built, `scenario-${process.pid}.json`);
  await writeFile(file, JSON.stringify(scenario));
  const args = ['simulate', '--port', '0', '--scenario', file];
  const program = new Program('the simulator', [process.execPath, programs.operator, ...args]);
  const url = (): string | undefined => /^ModelArts and IAM: (\S+)$/m.exec(program.output)?.[1];
  await until('the simulator', 120_000, () => url() !== undefined);
  const control = `${url()}/_sim`;
  return {
    program,
    url: url() ?? '',
    requests: async () => {
      const answer = await fetch(`${control}/requests`);
      return (await answer.json()) as Awaited<ReturnType<SimulatorProgram['requests']>>;
    },
    act: async (actions) => {
      const answer = await fetch(`${control}/actions`, { method: 'POST', body: JSON.stringify(actions) });
      if (!answer.ok) throw new Error(`the simulator refused: ${await answer.text()}`);
    },
  };
}

/**
 * Measures under each of the options of Node in BENCH_NODE_OPTIONS, which has semicolons between them, and puts them into
 * the name of the figures. Default: once, under those of the image.
 */
export async function underEachNode(
  name: string,
  measure: (name: string, node: readonly string[]) => Promise<readonly Figure[]>,
): Promise<Figure[]> {
  const given = process.env['BENCH_NODE_OPTIONS'];
  if (given === undefined) return [...(await measure(name, imageOptions()))];
  const figures: Figure[] = [];
  for (const text of given.split(';').map((options) => options.trim()))
    figures.push(...(await measure(`${name} ${text || 'no options'}`, text === '' ? [] : text.split(/ +/))));
  return figures;
}

/** `modelarts-operator run` on one namespace, by a Node with these options, and for glibc with those of the image. */
export function startOperatorProgram(
  programs: Programs,
  options: {
    readonly kubeconfig: string;
    readonly namespace: string;
    readonly probes?: string;
    readonly node?: readonly string[];
  },
): Program {
  const { kubeconfig, namespace, probes = '0', node = imageOptions() } = options;
  const args = [
    'run',
    `--kubeconfig=${kubeconfig}`,
    `--namespace=${namespace}`,
    '--allow-local-endpoints',
    '--log-level=error',
    '--metrics-bind-address=0',
    `--health-probe-bind-address=${probes}`,
  ];
  return new Program(
    'the operator',
    [process.execPath, ...node, programs.operator, ...args],
    imageEnvironment(),
  );
}

/** The polls of a quiet operator and nothing else, by a Node as the image starts it. */
export function startBarePolls(endpoint: string, pools: readonly string[], intervalMs: number): Program {
  const program = join(import.meta.dirname, 'bare-polls.ts');
  return new Program(
    'bare polls',
    [process.execPath, ...imageOptions(), program, endpoint, pools.join(), String(intervalMs)],
    imageEnvironment(),
  );
}

export function startPeerProgram(
  programs: Programs,
  options: {
    readonly kubeconfig: string;
    readonly namespace: string;
    readonly endpoint: string;
    readonly metadataOnly: boolean;
  },
): Program {
  const { kubeconfig, namespace, endpoint, metadataOnly } = options;
  if (programs.peer === undefined) throw new TypeError('the peer was not built');
  const args = [
    `--config=${kubeconfig}`,
    `--namespace=${namespace}`,
    `--endpoint=${endpoint}`,
    `--project=${demoProjectID}`,
    '--metrics=0',
    `--metadata-only=${metadataOnly}`,
  ];
  return new Program('the peer', [programs.peer, ...args], { MODELARTS_TOKEN: demoToken });
}
