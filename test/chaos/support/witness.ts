import { group } from '../../../src/api/kinds/metadata.ts';
import { jsonLines } from '../../../src/kubernetes/json-lines.ts';

const prefix = `/registry/${group}/`;
/** Below no kind: no apiserver looks there. */
const marker = `${prefix}~witness`;
/** The end of the range of all keys that begin with `prefix`. */
const afterPrefix = `/registry/${group}0`;

interface StoredKey {
  readonly key: string;
  readonly mod_revision: string;
}

interface WatchAnswer {
  readonly result?: {
    readonly compact_revision?: string;
    readonly events?: readonly { readonly type?: 'DELETE'; readonly kv: StoredKey }[];
  };
  readonly error?: unknown;
}

/**
 * Reads every deletion of a mirror from etcd's own history, past the operator and past the apiserver: one that was made
 * again at once is seen as well, and none is missed because something was killed. etcd must run whenever it is asked, and
 * not less than every five minutes, for that long the apiserver lets it keep its history.
 */
export class Witness {
  readonly #etcd: string;
  readonly #mirror: RegExp;
  #revision: number;

  private constructor(etcd: string, namespace: string, revision: number) {
    this.#etcd = etcd;
    this.#mirror = new RegExp(`^modelarts(pools|workloads|resourcespecs)/${namespace}/`);
    this.#revision = revision;
  }

  /** Of one namespace: what is collected in others is none of its business. */
  static async from(etcd: string, namespace: string): Promise<Witness> {
    return new Witness(etcd, namespace, await mark(etcd));
  }

  /** `<plural>/<namespace>/<name>` of each mirror that was deleted since it was last asked. */
  async vanished(): Promise<readonly string[]> {
    const until = await mark(this.#etcd);
    const request = {
      key: base64(prefix),
      range_end: base64(afterPrefix),
      start_revision: this.#revision + 1,
    };
    const stopping = new AbortController();
    const answer = await fetch(`${this.#etcd}/v3/watch`, {
      method: 'POST',
      body: JSON.stringify({ create_request: request }),
      signal: stopping.signal,
    });
    const gone: string[] = [];
    try {
      for await (const line of jsonLines(answer.body!)) {
        const { result, error } = line as WatchAnswer;
        if (error !== undefined || result?.compact_revision !== undefined)
          throw new Error(`etcd no longer has its history since revision ${this.#revision}`);
        for (const { type, kv } of result?.events ?? []) {
          const key = Buffer.from(kv.key, 'base64').toString();
          if (key !== marker) {
            if (type === 'DELETE') gone.push(key.slice(prefix.length));
          } else if (Number(kv.mod_revision) === until) {
            this.#revision = until;
            return gone.filter((each) => this.#mirror.test(each));
          }
        }
      }
    } finally {
      stopping.abort();
    }
    throw new Error('etcd ended the watch');
  }
}

/** Writes the marker; its revision is later than all that has happened. */
async function mark(etcd: string): Promise<number> {
  const answer = await fetch(`${etcd}/v3/kv/put`, {
    method: 'POST',
    body: JSON.stringify({ key: base64(marker), value: '' }),
  });
  const { header } = (await answer.json()) as { header: { revision: string } };
  return Number(header.revision);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
