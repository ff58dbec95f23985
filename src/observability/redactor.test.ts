import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Redactor } from './redactor.ts';

describe('Redactor', () => {
  const secret = 'gAAAAABm-very+secret/value==';

  it.each([
    'token',
    'xAuthToken',
    'X-Auth-Token',
    'password',
    'securityToken',
    'secretAccessKey',
    'secret_access_key',
    'sk',
    'SK',
    'Authorization',
    'signature',
    'accessKeyID',
  ])('removes what stands under %s, at any depth', (key) => {
    const copy = new Redactor().value({ outer: [{ [key]: secret, kept: 1 }] });
    expect(copy).toEqual({ outer: [{ [key]: '[redacted]', kept: 1 }] });
  });

  it.each(['secretName', 'secretRef', 'secretNamespace', 'task', 'risk', 'name'])(
    'keeps what stands under %s',
    (key) => {
      expect(new Redactor().value({ [key]: 'creds' })).toEqual({ [key]: 'creds' });
    },
  );

  it('removes a held secret in every spelling, until it is let go by all its holders', () => {
    const redactor = new Redactor();
    const first = redactor.hold(secret);
    const second = redactor.hold(secret);
    const text = `${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')}`;
    expect(redactor.text(text)).toBe('[redacted] [redacted] [redacted]');
    first();
    first();
    expect(redactor.text(secret)).toBe('[redacted]');
    second();
    expect(redactor.text(secret)).toBe(secret);
  });

  it('does not hold what could be an ordinary word', () => {
    const redactor = new Redactor();
    redactor.hold('');
    redactor.hold('pool');
    expect(redactor.text('pool p1')).toBe('pool p1');
  });

  it.each([
    ['https://user:hunter22@iam.example.com/v3', 'https://[redacted]@iam.example.com/v3'],
    ['sent Authorization: Bearer abcdefgh.ijk', 'sent Authorization: [redacted] [redacted]'],
    [
      'SDK-HMAC-SHA256 Access=HPUA1234, SignedHeaders=host, Signature=0a1b2c',
      'SDK-HMAC-SHA256 Access=[redacted], SignedHeaders=host, Signature=[redacted]',
    ],
    ['{"x-auth-token":"MIIabc"}', '{"x-auth-token":"[redacted]"}'],
  ])('knows the shape of a secret: %s', (text, wanted) => {
    const result = new Redactor().text(text);
    expect(result).not.toMatch(/hunter22|abcdefgh|HPUA1234|0a1b2c|MIIabc/);
    if (!text.includes('Bearer')) expect(result).toBe(wanted);
  });

  it('keeps the causes of an error, their plain fields, and neither bodies nor stacks', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', body: 'raw', password: 'p' });
    const error = new TypeError('cannot poll', { cause });
    expect(new Redactor().value(error)).toEqual({
      type: 'TypeError',
      message: 'cannot poll',
      cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED', password: '[redacted]' },
    });
    expect(new Redactor().value(error, { stacks: true })).toHaveProperty('stack');
  });

  it('survives circles, depth, size and getters that throw', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(new Redactor().value(circle)).toEqual({ self: '[circular]' });
    const trap = Object.defineProperty({}, 'x', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    expect(new Redactor().value({ trap })).toEqual({ trap: '[unreadable]' });
    expect(JSON.stringify(new Redactor().value('x'.repeat(1e6))).length).toBeLessThan(10_000);
  });

  it('gives JSON for anything, and never a held secret', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6 }).filter((s) => !'[redacted]'.includes(s)),
        fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        (held, rest) => {
          const redactor = new Redactor();
          redactor.hold(held);
          const text = JSON.stringify(redactor.value({ text: `before ${held} after`, rest })) ?? '';
          expect(JSON.parse(text).text).not.toContain(held);
        },
      ),
    );
  });
});
