import type { OutputFormat } from './output.ts';

/** Which cluster is asked, and where in it: as kubectl's own flags say it. */
export interface WhereOptions {
  /** Absent: KUBECONFIG, the pod's service account, then the user's default file. */
  readonly kubeconfig?: string;
  /** A context of the kubeconfig; absent: its current one. */
  readonly context?: string;
  /** Absent: the context's, else `default`. */
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly output: OutputFormat;
}

/** `name` or `namespace/name`; the namespace there wins over the flag. */
export interface Wanted {
  readonly namespace?: string;
  readonly name: string;
}

export interface TopOptions extends WhereOptions {
  /** Print one table and end, also on a terminal. */
  readonly once: boolean;
}

export interface SyncPoolOptions extends WhereOptions {
  /** How long the operator may take, milliseconds. */
  readonly timeout: number;
}

/** What the commands of the plugin do. Each resolves with the exit code. */
export interface PluginCommands {
  top(options: TopOptions): Promise<number>;
  queue(pool: Wanted, options: WhereOptions): Promise<number>;
  why(job: Wanted, options: WhereOptions): Promise<number>;
  sync(pool: Wanted, options: SyncPoolOptions): Promise<number>;
  describe(pool: Wanted, options: WhereOptions): Promise<number>;
  budget(project: Wanted | undefined, options: WhereOptions): Promise<number>;
  doctor(options: WhereOptions): Promise<number>;
}
