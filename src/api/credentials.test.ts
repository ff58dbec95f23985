import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseCredentials } from './credentials.ts';

const secret = (values: Record<string, string>, type = 'Opaque') => ({
  type,
  data: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

describe('parseCredentials', () => {
  it.each([
    [{ token: 't1' }, { type: 'token', token: 't1' }],
    [
      { accessKeyID: 'AK', secretAccessKey: 'SK' },
      { type: 'aksk', accessKeyID: 'AK', secretAccessKey: 'SK' },
    ],
    [
      { accessKeyID: 'AK', secretAccessKey: 'SK', securityToken: 'ST' },
      { type: 'aksk', accessKeyID: 'AK', secretAccessKey: 'SK', securityToken: 'ST' },
    ],
    [
      { username: 'u', password: ' p w ', domainName: 'd', projectName: 'eu-de' },
      { type: 'password', username: 'u', password: ' p w ', domainName: 'd', projectName: 'eu-de' },
    ],
  ])('reads the form with %j', (values, credentials) => {
    expect(parseCredentials(secret(values as unknown as Record<string, string>))).toEqual({
      ok: true,
      credentials,
    });
  });

  it('takes the type of this operator, and drops one line break at the end', () => {
    const parsed = parseCredentials(secret({ token: 't1\r\n' }, 'modelarts-operator.dev/credentials'));
    expect(parsed).toEqual({ ok: true, credentials: { type: 'token', token: 't1' } });
  });

  it('leaves out an empty optional value', () => {
    const parsed = parseCredentials(secret({ accessKeyID: 'AK', secretAccessKey: 'SK', securityToken: '' }));
    expect(parsed).toEqual({
      ok: true,
      credentials: { type: 'aksk', accessKeyID: 'AK', secretAccessKey: 'SK' },
    });
  });

  it.each(['kubernetes.io/service-account-token', 'kubernetes.io/tls', ''])('refuses the type %j', (type) => {
    expect(parseCredentials(secret({ token: 't1' }, type))).toMatchObject({
      ok: false,
      reason: 'SecretTypeRefused',
    });
  });

  it.each([
    ['nothing', {}, /holds no credentials/],
    ['a missing key', { accessKeyID: 'AK' }, /lacks secretAccessKey/],
    ['an empty required value', { token: '' }, /lacks token/],
    ['an unknown key', { token: 't', Token: 't' }, /not known: Token/],
    ['two forms', { token: 't', accessKeyID: 'AK' }, /mixes .*accessKeyID, token/],
    ['a line break inside', { token: 'a\nb' }, /key token must hold only visible/],
    ['two line breaks at the end', { token: 'a\n\n' }, /key token/],
    [
      'a control character in a password',
      { username: 'u', password: 'a\u0000b', domainName: 'd' },
      /key password/,
    ],
  ])('refuses %s', (_name, values, message) => {
    const parsed = parseCredentials(secret(values));
    expect(parsed).toMatchObject({
      ok: false,
      reason: 'InvalidSecret',
      message: expect.stringMatching(message),
    });
  });

  it('refuses what is no base64 of UTF-8', () => {
    expect(parseCredentials({ data: { token: '%%' } })).toMatchObject({ ok: false, reason: 'InvalidSecret' });
    expect(parseCredentials({ data: { token: '/w==' } })).toMatchObject({
      ok: false,
      reason: 'InvalidSecret',
    });
    expect(parseCredentials({})).toMatchObject({ ok: false, reason: 'InvalidSecret' });
  });

  it('No secret leaves: messages never hold a value', () => {
    const keys = fc.constantFrom('token', 'accessKeyID', 'secretAccessKey', 'username', 'password', 'extra');
    const values = fc.string({ minLength: 1, maxLength: 20 }).map((text) => `SECRET${text}`);
    fc.assert(
      fc.property(fc.dictionary(keys, values), (data) => {
        const parsed = parseCredentials(secret(data));
        if (!parsed.ok) expect(parsed.message).not.toContain('SECRET');
      }),
    );
  });
});
