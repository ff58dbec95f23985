import { parseCredentials } from '../api/credentials.ts';
import { EndpointNotAllowed, InvalidConnection } from '../api/errors.ts';
import type { Expirations, ModelArtsConnector, ModelArtsReader } from '../api/upstream.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger, SecretReader } from './ports.ts';
import type { ProjectState } from './project-state.ts';

export interface ConnectorOptions {
  readonly state: ProjectState;
  readonly secrets: SecretReader;
  readonly modelarts: ModelArtsConnector;
  readonly clock: Clock;
  readonly log: Logger;
  /** `status.refusedSecretVersion` as this process found it: that version is not tried again at once. */
  readonly refusedSecretVersion?: string;
}

/** Two refusals in a row are enough: five lock an access key. */
const refusalsBeforeWait = 2;
/** How long a credential is left alone that was refused before this process started. */
const refusedWaitMs = 5 * 60_000;

/**
 * The way from a ModelArtsProject and its Secret to a reader. What a person must mend goes into `state.configuration`;
 * what merely failed for now leaves everything as it was.
 */
export class Connector {
  readonly #options: ConnectorOptions;
  readonly #startedAt: number;
  #reader: ModelArtsReader | undefined;
  /** How often each open reader is in use. One that was replaced is closed when its last use ends. */
  readonly #uses = new Map<ModelArtsReader, number>();
  #version: string | undefined;
  #refusals = 0;
  #onRenewed: (() => void) | undefined;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
  }

  /**
   * Runs `work` with the reader of now, which stays open until that ends, whatever the Secret becomes meanwhile.
   * Undefined where there is none.
   */
  async use<T>(work: (reader: ModelArtsReader) => Promise<T>): Promise<T | undefined> {
    const reader = this.#reader;
    if (reader === undefined) return undefined;
    this.#uses.set(reader, (this.#uses.get(reader) ?? 0) + 1);
    try {
      return await work(reader);
    } finally {
      const uses = this.#uses.get(reader);
      if (uses !== undefined) this.#uses.set(reader, uses - 1);
      await this.#closeUnused();
    }
  }

  /** Calls `renewed` when another credential has come. */
  onRenewed(renewed: () => void): void {
    this.#onRenewed = renewed;
  }

  /** See ModelArtsReader; undefined while there is no connection. */
  expirations(): Expirations | undefined {
    return this.#reader?.expirations();
  }

  /** Reads the Secret. True when the connection is another one than before. */
  async refresh(signal: AbortSignal): Promise<boolean> {
    const { state, secrets, log } = this.#options;
    const { namespace, name, spec } = state.view;
    const secretName = spec.credentials.secretRef.name;
    let secret: Awaited<ReturnType<SecretReader['read']>>;
    try {
      secret = await secrets.read(namespace, secretName, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn('Could not read the credential Secret; the connection stays as it is.', {
        project: `${namespace}/${name}`,
        secret: secretName,
        error,
      });
      return false;
    }
    if (secret === undefined) {
      return this.#unusable(
        'SecretNotFound',
        `Secret ${secretName} does not exist in namespace ${namespace}; create it with the keys of one kind of credential`,
      );
    }
    if (secret === 'forbidden') {
      return this.#unusable(
        'SecretNotFound',
        `The operator may not read Secret ${secretName} in namespace ${namespace}; grant its service account the verb get on secrets there`,
      );
    }
    if (secret.resourceVersion === this.#version) return false;
    const parsed = parseCredentials(secret);
    if (!parsed.ok) return this.#unusable(parsed.reason, `Secret ${secretName}: ${parsed.message}`);
    if (this.#refusedBefore(secret.resourceVersion)) {
      state.authentication = {
        accepted: false,
        reason: 'Unauthorized',
        message: `The credential in Secret ${secretName} was refused before the operator started; it is tried again every few minutes, or at once when the Secret changes`,
      };
      return false;
    }
    try {
      this.#replace(
        this.#options.modelarts.open({
          endpoint: spec.endpoint,
          projectID: spec.projectID,
          ...(spec.region !== undefined && { region: spec.region }),
          ...(spec.userID !== undefined && { userID: spec.userID }),
          ...(spec.tls?.caBundle !== undefined && { caBundle: spec.tls.caBundle }),
          ...(spec.tls?.allowInsecureHTTP !== undefined && { allowInsecureHTTP: spec.tls.allowInsecureHTTP }),
          ...(spec.credentials.iamEndpoint !== undefined && { iamEndpoint: spec.credentials.iamEndpoint }),
          credentials: parsed.credentials,
          rateLimit: spec.rateLimit,
        }),
      );
    } catch (error) {
      if (error instanceof EndpointNotAllowed) return this.#unusable('EndpointNotAllowed', error.message);
      if (error instanceof InvalidConnection) return this.#unusable('InvalidSpec', error.message);
      throw error;
    }
    this.#version = secret.resourceVersion;
    this.#refusals = 0;
    if (state.refusedSecretVersion !== this.#version) delete state.refusedSecretVersion;
    delete state.configuration;
    delete state.authentication;
    this.#onRenewed?.();
    return true;
  }

  /** An answer accepted the credential. */
  accepted(): void {
    this.#refusals = 0;
  }

  /** An answer refused it, whichever call that was of. Once that is certain, the Secret's version is noted. */
  refused(): void {
    this.#refusals += 1;
    if (this.#refusals >= refusalsBeforeWait && this.#version !== undefined)
      this.#options.state.refusedSecretVersion = this.#version;
  }

  /** Ends requests under way. */
  async close(): Promise<void> {
    this.#reader = undefined;
    const open = [...this.#uses.keys()];
    this.#uses.clear();
    await Promise.all(open.map((reader) => this.#close(reader)));
  }

  #unusable(reason: NonNullable<ProjectState['configuration']>['reason'], message: string): boolean {
    const { state } = this.#options;
    state.configuration = { reason, message };
    delete state.authentication;
    const changed = this.#reader !== undefined;
    this.#replace(undefined);
    this.#version = undefined;
    return changed;
  }

  #refusedBefore(version: string): boolean {
    const { refusedSecretVersion, clock } = this.#options;
    return version === refusedSecretVersion && clock.monotonic() - this.#startedAt < refusedWaitMs;
  }

  #replace(reader: ModelArtsReader | undefined): void {
    this.#reader = reader;
    if (reader !== undefined) this.#uses.set(reader, 0);
    void this.#closeUnused();
  }

  async #closeUnused(): Promise<void> {
    for (const [reader, uses] of [...this.#uses]) {
      if (uses > 0 || reader === this.#reader) continue;
      this.#uses.delete(reader);
      await this.#close(reader);
    }
  }

  async #close(reader: ModelArtsReader): Promise<void> {
    try {
      await reader.close();
    } catch (error) {
      this.#options.log.warn('A connection to ModelArts did not close cleanly.', { error });
    }
  }
}
