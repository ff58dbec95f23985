import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Binaries } from './binaries.ts';
import { startGuard } from './guard.ts';
import { Part } from './part.ts';
import { createState, readState, writeState, type State } from './state.ts';

export interface ControlPlaneOptions {
  binaries: Binaries;
  /**
   * Where data, keys, logs and the kubeconfig live. A folder that a control plane used before is taken up again, with
   * its ports, keys and data, and parts that still run are left running. Default: a new temporary folder, which
   * `stop()` removes.
   */
  directory?: string;
  /** `true`: the processes stay when this process ends. Default `false`: they are killed when it ends, however it ends. */
  outlivesParent?: boolean;
  /** etcd's `--unsafe-no-fsync`: faster, and not for tests that kill etcd and count on its data. Default `true`. */
  unsafeNoFsync?: boolean;
  /** Added to kube-apiserver's flags; a flag given here wins over ours of the same name. */
  apiserverFlags?: readonly string[];
  /** Which of kube-controller-manager's controllers run. Default: garbage collection and namespace deletion. */
  controllers?: readonly string[];
  /** How long the apiserver may take to be ready, milliseconds. Default 60,000. */
  readyWithinMs?: number;
}

/** Starts etcd, kube-apiserver and, where its binary is at hand, kube-controller-manager; resolves when they are ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const controlPlane = await ControlPlane.open(options);
  try {
    await controlPlane.start();
    return controlPlane;
  } catch (error) {
    await controlPlane.stop();
    throw error;
  }
}

/**
 * A real control plane on free loopback ports, for one machine's tests and demos: kube-apiserver with Kubernetes'
 * defaults, RBAC, one administrator by bearer token, and a serving certificate that it signs itself. No nodes, no
 * scheduler: pods stay pending.
 *
 * Each part can be killed and started again by itself; ports, keys and data stay. With the controller manager, owned
 * objects are collected, but it looks for new kinds only every 30 s (a constant of Kubernetes).
 */
export class ControlPlane {
  readonly directory: string;
  readonly url: string;
  /** etcd's, without encryption: for whoever wants to see what is stored past the apiserver. */
  readonly etcdURL: string;
  readonly kubeconfigPath: string;
  readonly token: string;
  readonly etcd: Part;
  readonly apiserver: Part;
  /** Absent where no kube-controller-manager could be had: nothing collects garbage or empties namespaces then. */
  readonly controllerManager: Part | undefined;
  readonly #state: State;
  readonly #temporary: boolean;
  readonly #readyWithinMs: number;

  private constructor(directory: string, state: State, options: ControlPlaneOptions) {
    const { ports } = state;
    const { binaries } = options;
    this.directory = directory;
    this.url = `https://127.0.0.1:${ports.apiserver}`;
    this.etcdURL = `http://127.0.0.1:${ports.etcd}`;
    this.kubeconfigPath = join(directory, 'kubeconfig');
    this.token = state.token;
    this.#state = state;
    this.#temporary = options.directory === undefined;
    this.#readyWithinMs = options.readyWithinMs ?? 60_000;

    const part = (name: string, binary: string, args: readonly string[]): Part =>
      new Part({
        name,
        binary,
        args,
        logFile: join(directory, `${name}.log`),
        mark: directory,
        pid: state.pids[name],
      });
    this.etcd = part('etcd', binaries.etcd, etcdFlags(directory, ports, options.unsafeNoFsync ?? true));
    this.apiserver = part('kube-apiserver', binaries.kubeApiserver, [
      ...overriding(apiserverFlags(directory, ports), options.apiserverFlags ?? []),
    ]);
    this.controllerManager =
      binaries.kubeControllerManager === undefined
        ? undefined
        : part('kube-controller-manager', binaries.kubeControllerManager, [
            `--kubeconfig=${this.kubeconfigPath}`,
            `--controllers=${(options.controllers ?? ['garbage-collector-controller', 'namespace-controller']).join(',')}`,
            '--leader-elect=false',
            '--use-service-account-credentials=false',
            '--secure-port=0',
          ]);
    if (!(options.outlivesParent ?? false)) startGuard(directory, this.#temporary);
  }

  /** Prepares a folder, or takes up the one that is there, and starts nothing. */
  static async open(options: ControlPlaneOptions): Promise<ControlPlane> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'modelarts-operator-')));
    await mkdir(directory, { recursive: true });
    const state = (await readState(directory)) ?? (await createState(directory));
    return new ControlPlane(directory, state, options);
  }

  /** Parts in the order in which they start. */
  get parts(): readonly Part[] {
    return [this.etcd, this.apiserver, this.controllerManager].filter((part) => part !== undefined);
  }

  /** The kubeconfig's text. Readable once the apiserver has been ready. */
  get kubeconfig(): string {
    return readFileSync(this.kubeconfigPath, 'utf8');
  }

  /** Starts what does not run and waits until the apiserver is ready. Harmless when everything runs. */
  async start(): Promise<void> {
    await this.startPart(this.etcd);
    await this.startPart(this.apiserver);
    if (this.controllerManager !== undefined) await this.startPart(this.controllerManager);
  }

  /** Starts one part (again) with the ports, keys and data that it had; resolves when it answers. */
  async startPart(part: Part): Promise<void> {
    await part.start();
    this.#state.pids[part.name] = part.pid;
    await this.#save();
    if (part === this.etcd) {
      await this.#until(part, () => answersOK(`${this.etcdURL}/readyz`));
    }
    if (part === this.apiserver) {
      await this.#until(part, () => this.isReady());
      await this.#writeKubeconfig();
    }
  }

  /** Whether the apiserver says that it is ready, at this moment. */
  async isReady(): Promise<boolean> {
    const ca = this.#servingCA();
    return ca !== undefined && answersOK(`${this.url}/readyz`, { ca, token: this.token });
  }

  /** Stops everything. `removeData` is the default where the folder is a temporary one. */
  async stop({ removeData = this.#temporary }: { removeData?: boolean } = {}): Promise<void> {
    for (const part of [...this.parts].reverse()) await part.kill(removeData ? 'SIGKILL' : 'SIGTERM');
    if (removeData) await rm(this.directory, { recursive: true, force: true });
    else await this.#save();
  }

  async #until(part: Part, isReady: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + this.#readyWithinMs;
    while (!(await isReady())) {
      if (!part.isRunning())
        throw new Error(`${part.name} ended while it started. The end of its log:\n${part.logTail()}`);
      if (performance.now() > deadline) {
        throw new Error(
          `${part.name} was not ready within ${this.#readyWithinMs / 1000} s. The end of its log:\n${part.logTail()}`,
        );
      }
      await sleep(50);
    }
  }

  async #writeKubeconfig(): Promise<void> {
    const ca = this.#servingCA() ?? Buffer.alloc(0);
    const name = 'modelarts-operator';
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name, cluster: { server: this.url, 'certificate-authority-data': ca.toString('base64') } },
      ],
      users: [{ name, user: { token: this.token } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
      'current-context': name,
    };
    await writeFile(this.kubeconfigPath, JSON.stringify(config, null, 2) + '\n', { mode: 0o600 });
  }

  /** The file that the apiserver writes on its first start: its certificate and the authority that signed it. */
  #servingCA(): Buffer | undefined {
    const file = join(this.directory, 'certificates', 'apiserver.crt');
    return existsSync(file) ? readFileSync(file) : undefined;
  }

  async #save(): Promise<void> {
    for (const part of this.parts) this.#state.pids[part.name] = part.pid;
    await writeState(this.directory, this.#state);
  }
}

function etcdFlags(directory: string, ports: State['ports'], unsafeNoFsync: boolean): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--quota-backend-bytes=4294967296',
    ...(unsafeNoFsync ? ['--unsafe-no-fsync'] : []),
  ];
}

function apiserverFlags(directory: string, ports: State['ports']): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiserver}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    // An Endpoints object may not hold a loopback address: without these two the apiserver logs an error every 10 s.
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(directory, 'service-account.key')}`,
    `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
    // Would refuse every pod until a controller has made the namespace's default account.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

/** `flags`, without those that `extra` also gives, and `extra`. */
function overriding(flags: readonly string[], extra: readonly string[]): string[] {
  const name = (flag: string): string => flag.split('=', 1)[0]!;
  const given = new Set(extra.map(name));
  return [...flags.filter((flag) => !given.has(name(flag))), ...extra];
}

/** Whether a GET answers 200 within two seconds. */
function answersOK(url: string, { ca, token }: { ca?: Buffer; token?: string } = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const options = {
      timeout: 2_000,
      agent: false as const,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    };
    const get = ca === undefined ? httpRequest(url, options) : httpsRequest(url, { ...options, ca });
    get.once('error', () => resolve(false));
    get.once('timeout', () => get.destroy(new Error('timeout')));
    get.once('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    get.end();
  });
}
