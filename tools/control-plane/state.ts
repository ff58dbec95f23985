import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

/** What a control plane's folder remembers, so that a later process finds and restarts the same control plane. */
export interface State {
  ports: { etcd: number; etcdPeer: number; apiserver: number };
  /** The administrator's bearer token. */
  token: string;
  /** Process numbers by the part's name. */
  pids: Record<string, number | undefined>;
}

const stateFile = (directory: string): string => join(directory, 'state.json');

export async function readState(directory: string): Promise<State | undefined> {
  if (!existsSync(stateFile(directory))) return undefined;
  return JSON.parse(await readFile(stateFile(directory), 'utf8')) as State;
}

export async function writeState(directory: string, state: State): Promise<void> {
  const unfinished = `${stateFile(directory)}.unfinished`;
  await writeFile(unfinished, JSON.stringify(state, null, 2) + '\n', { mode: 0o600 });
  await rename(unfinished, stateFile(directory));
}

/** Chooses ports and writes the secrets that the apiserver reads. */
export async function createState(directory: string): Promise<State> {
  const [etcd, etcdPeer, apiserver] = (await freePorts(3)) as [number, number, number];
  const token = randomBytes(24).toString('base64url');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const secrets = {
    'tokens.csv': `${token},admin,admin,system:masters\n`,
    'service-account.key': privateKey.export({ type: 'pkcs1', format: 'pem' }),
  };
  for (const [name, content] of Object.entries(secrets)) {
    await writeFile(join(directory, name), content, { mode: 0o600 });
  }
  return { ports: { etcd, etcdPeer, apiserver }, token, pids: {} };
}

/**
 * Loopback ports that are free now, all different because they are held until the last one is found. Below those that
 * systems give out by themselves: a port must still be free when a part that was killed takes it again.
 */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenSomewhere()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function listenSomewhere(tries = 100): Promise<Server> {
  const server = createServer();
  try {
    server.listen(randomInt(15_000, 32_768), '127.0.0.1');
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (tries === 1) throw error;
    return listenSomewhere(tries - 1);
  }
}
