import { describe, expect, it } from '@jest/globals';
import { EndpointNotAllowed, InvalidConnection } from '../api/errors.ts';
import type { Connection } from '../api/upstream.ts';
import { aProject } from '../../test/support/builders.ts';
import { FakeModelArts } from '../../test/support/fake-modelarts.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';
import { Connector, type ConnectorOptions } from './connection.ts';
import { noLog } from './ports.ts';
import { ProjectState } from './project-state.ts';
import { settingsOf } from './settings.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tokenSecret = (version: string, token = 'abc') => ({
  resourceVersion: version,
  type: 'Opaque',
  data: { token: base64(token) },
});

function connecting(options: Partial<ConnectorOptions> = {}) {
  const clock = virtualClock();
  const view = aProject();
  const state = new ProjectState(view, settingsOf(view.spec), { selects: () => true }, 0);
  const secrets: {
    secret: Awaited<ReturnType<ConnectorOptions['secrets']['read']>> | Error;
  } = { secret: tokenSecret('1') };
  const opened: { connection: Connection; reader: FakeModelArts }[] = [];
  const connector = new Connector({
    state,
    secrets: {
      read: () =>
        secrets.secret instanceof Error ? Promise.reject(secrets.secret) : Promise.resolve(secrets.secret),
    },
    modelarts: {
      open: (connection) => {
        const reader = new FakeModelArts();
        opened.push({ connection, reader });
        return reader;
      },
    },
    clock,
    log: noLog,
    ...options,
  });
  const { signal } = new AbortController();
  const current = () => connector.use((reader) => Promise.resolve(reader));
  return { connector, state, secrets, opened, clock, signal, current };
}

describe('Connector', () => {
  it('opens one connection for as long as the Secret stays the same', async () => {
    const { connector, opened, signal } = connecting();
    expect(await connector.refresh(signal)).toBe(true);
    expect(await connector.refresh(signal)).toBe(false);
    expect(opened).toHaveLength(1);
    expect(opened[0]?.connection).toMatchObject({ credentials: { type: 'token', token: 'abc' } });
  });

  it('opens another when the Secret changes, and closes the first when its last use has ended', async () => {
    const { connector, opened, secrets, signal, current } = connecting();
    await connector.refresh(signal);
    const slow = Promise.withResolvers<void>();
    const using = connector.use(() => slow.promise);
    secrets.secret = tokenSecret('2', 'def');
    expect(await connector.refresh(signal)).toBe(true);
    const [first, second] = opened;
    expect(await current()).toBe(second?.reader);
    expect(first?.reader.closed).toBe(false);
    slow.resolve();
    await using;
    expect(first?.reader.closed).toBe(true);
    expect(second?.reader.closed).toBe(false);
    await connector.close();
    expect(second?.reader.closed).toBe(true);
    expect(await current()).toBeUndefined();
  });

  it('opens one, when it is asked twice at the same time', async () => {
    const { connector, opened, signal } = connecting();
    await Promise.all([connector.refresh(signal), connector.refresh(signal)]);
    expect(opened).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['is missing', undefined, 'SecretNotFound'],
    ['may not be read', 'forbidden', 'SecretNotFound'],
    [
      'has no keys that are known',
      { resourceVersion: '2', type: 'Opaque', data: { user: 'x' } },
      'InvalidSecret',
    ],
    [
      'is of a type that is never sent away',
      { ...tokenSecret('2'), type: 'kubernetes.io/service-account-token' },
      'SecretTypeRefused',
    ],
  ])('has nothing to read with where the Secret %s, until it is mended', async (_what, secret, reason) => {
    const { connector, state, secrets, opened, signal, current } = connecting();
    await connector.refresh(signal);
    secrets.secret = secret as typeof secrets.secret;
    expect(await connector.refresh(signal)).toBe(true);
    expect(await connector.refresh(signal)).toBe(false);
    expect(state.configuration).toMatchObject({ reason });
    expect(await current()).toBeUndefined();
    expect(opened[0]?.reader.closed).toBe(true);
    secrets.secret = tokenSecret('3');
    expect(await connector.refresh(signal)).toBe(true);
    expect(state.configuration).toBeUndefined();
  });

  it.each<[string, Error]>([
    ['EndpointNotAllowed', new EndpointNotAllowed('not there')],
    ['InvalidSpec', new InvalidConnection('not so')],
  ])('says why it cannot connect: %s', async (reason, error) => {
    const { connector, state, signal } = connecting({
      modelarts: {
        open: () => {
          throw error;
        },
      },
    });
    expect(await connector.refresh(signal)).toBe(false);
    expect(state.configuration).toEqual({ reason, message: error.message });
  });

  it('leaves everything as it is where the Secret could not be read', async () => {
    const { connector, state, secrets, signal, current, opened } = connecting();
    await connector.refresh(signal);
    secrets.secret = new Error('the apiserver is away');
    expect(await connector.refresh(signal)).toBe(false);
    expect(await current()).toBe(opened[0]?.reader);
    expect(state.configuration).toBeUndefined();
  });

  it('survives a connection that does not close', async () => {
    const { connector, opened, secrets, signal } = connecting();
    await connector.refresh(signal);
    for (const version of ['2', '3']) {
      opened.at(-1)!.reader.close = () => Promise.reject(new Error('stuck'));
      secrets.secret = tokenSecret(version);
      await connector.refresh(signal);
    }
    opened.at(-1)!.reader.close = () => Promise.reject(new Error('stuck'));
    await expect(connector.close()).resolves.toBeUndefined();
  });
});

describe('invariant 6 (Polite): a credential that was refused', () => {
  it('is told by its version after two refusals in a row', async () => {
    const { connector, state, signal } = connecting();
    await connector.refresh(signal);
    connector.refused();
    connector.accepted();
    connector.refused();
    expect(state.refusedSecretVersion).toBeUndefined();
    connector.refused();
    expect(state.refusedSecretVersion).toBe('1');
  });

  it('before a restart is not tried for five minutes, unless its Secret changes', async () => {
    const { connector, state, opened, clock, signal } = connecting({ refusedSecretVersion: '1' });
    expect(await connector.refresh(signal)).toBe(false);
    expect(opened).toHaveLength(0);
    expect(state.authentication).toMatchObject({ accepted: false, reason: 'Unauthorized' });
    await clock.advance(5 * 60_000);
    expect(await connector.refresh(signal)).toBe(true);

    const other = connecting({ refusedSecretVersion: '1' });
    other.state.refusedSecretVersion = '1';
    await other.connector.refresh(signal);
    other.secrets.secret = tokenSecret('2');
    expect(await other.connector.refresh(signal)).toBe(true);
    expect(other.state.refusedSecretVersion).toBeUndefined();
  });
});
