import type { ProxySettings } from '../modelarts/proxy.ts';
import type { Redactor } from '../observability/redactor.ts';
import type { Runtime } from '../runtime/clock.ts';
import type { Heap } from '../runtime/heap.ts';
import type { CredentialVariables } from './environment-credentials.ts';

/** A terminal that somebody looks at. */
export interface Terminal {
  /** In characters; asked again and again, because windows are resized. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  /** Colours are wanted: not with NO_COLOR. */
  readonly colour: boolean;
}

/** What a command gets from the process: main.ts makes it from the environment, tests make their own. */
export interface CommandContext {
  readonly runtime: Runtime;
  /** Where Node lets it be collected. */
  readonly heap: Heap | undefined;
  readonly redactor: Redactor;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
  readonly stdout: (text: string) => void;
  /** What standard output leads to; undefined for a file or a pipe. */
  readonly terminal: Terminal | undefined;
  /** Aborts when nobody reads standard output any more. */
  readonly outputClosed: AbortSignal;
  /** Where logs go. */
  readonly logStream: NodeJS.WritableStream;
  readonly version: string;
  /** The pod's or the machine's name. */
  readonly hostname: string;
  /** Different for each process. */
  readonly processID: string;
  readonly proxy: ProxySettings;
  /** Credentials of ModelArts, for commands that need no cluster. */
  readonly credentials: CredentialVariables;
  /** KUBECONFIG, where set. */
  readonly kubeconfigVariable: string | undefined;
  /** The folder that Kubernetes mounts into a pod: token, CA and namespace. */
  readonly serviceAccountFolder: string;
}
