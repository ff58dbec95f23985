import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a request asks for. */
export type Asked = 'pools' | 'pool' | 'jobs' | 'statistics' | 'other';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The connection breaks after the body, though more was promised. */
  readonly cut?: boolean;
}

/** What becomes of a good answer. `turn` counts the answers to the project that were spoilt before. */
export type Spoil = (
  answer: Answered,
  request: { readonly asked: Asked; readonly query: URLSearchParams; readonly turn: number },
) => Answered;

export interface Spoiler {
  readonly url: string;
  /** From now on for this project; undefined: answers pass as they are. */
  set(projectID: string, spoil: Spoil | undefined): void;
  /** How often this was asked for since `set`. */
  count(projectID: string, asked: Asked): number;
  stop(): Promise<void>;
}

const asks: readonly (readonly [Asked, RegExp])[] = [
  ['pools', /^\/v2\/[^/]+\/pools$/],
  ['pool', /^\/v2\/[^/]+\/pools\/[^/]+$/],
  ['jobs', /^\/v2\/[^/]+\/pools\/[^/]+\/workloads$/],
  ['statistics', /^\/v2\/[^/]+\/statistics\/pools\/[^/]+\/workloads$/],
];

/** Stands before `target` on a port of its own, and hands its answers on, spoilt as told for each project. */
export async function startSpoiler(target: string): Promise<Spoiler> {
  const spoils = new Map<
    string,
    { readonly spoil: Spoil; turn: number; readonly counts: Map<Asked, number> }
  >();

  const answer = async (url: URL, headers: Record<string, string>): Promise<Answered> => {
    const response = await fetch(new URL(`${url.pathname}${url.search}`, target), { headers });
    const good: Answered = {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? '' },
      body: Buffer.from(await response.arrayBuffer()),
    };
    const entry = spoils.get(url.pathname.split('/')[2] ?? '');
    if (entry === undefined) return good;
    const asked = asks.find(([, path]) => path.test(url.pathname))?.[0] ?? 'other';
    entry.counts.set(asked, (entry.counts.get(asked) ?? 0) + 1);
    return entry.spoil(good, { asked, query: url.searchParams, turn: entry.turn++ });
  };

  const send = (response: ServerResponse, { status, headers, body, cut = false }: Answered): void => {
    response.writeHead(status, { ...headers, 'content-length': body.length + (cut ? 100 : 0) });
    if (cut) response.write(body, () => response.destroy());
    else response.end(body);
  };

  const server = createServer((request, response) => {
    const { 'x-auth-token': token = '' } = request.headers;
    const url = new URL(request.url ?? '/', 'http://localhost');
    answer(url, { 'x-auth-token': String(token) }).then(
      (answered) => send(response, answered),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (projectID, spoil) => {
      if (spoil === undefined) spoils.delete(projectID);
      else spoils.set(projectID, { spoil, turn: 0, counts: new Map() });
    },
    count: (projectID, asked) => spoils.get(projectID)?.counts.get(asked) ?? 0,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
