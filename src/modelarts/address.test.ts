import { describe, expect, it } from '@jest/globals';
import { endpointRefusal, isLocalAddress, isLoopback } from './address.ts';

const refused = (url: string, rules = { allowLocal: false }) =>
  endpointRefusal(new URL(url), rules) !== undefined;

describe('endpointRefusal', () => {
  it.each([
    'http://127.0.0.1',
    'http://127.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0.0.0.0',
    'http://localhost:8080',
    'http://a.localhost.',
    'http://169.254.169.254',
    'http://100.100.100.200',
    'http://[::1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:a9fe:a9fe]',
    'http://[64:ff9b::127.0.0.1]',
    'http://[::127.0.0.1]',
    'http://[fe80::1]',
    'http://[fd00:ec2::254]',
    'http://[fd20:ce::254]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[fe80::a9fe:a9fe]',
    'http://[::ffff:169.254.169.254]',
    'http://[::ffff:0:127.0.0.1]',
    'http://[64:ff9b:1::7f00:1]',
    'http://[2002:7f00:1::]',
    'http://[2002:a9fe:a9fe::1]',
    'http://[2002:7f00::1]',
    'http://168.63.129.16',
    'http://192.0.0.192',
    'http://169.254.169.254.',
    'http://2852039166',
    'http://0xa9fea9fe',
    'http://0251.0376.0251.0376',
    'http://0xa9.254.0251.254',
    'http://017700000001',
    'http://0',
    'http://127.0.0.1.',
    'http://127%2e0%2e0%2e1',
    'http://\uff11\uff12\uff17\u30020.0.1',
    'http://\u2460\u2461\u2466.0.0.1',
    'http://LOCALHOST.',
    'http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3',
    'http:\\\\127.0.0.1\\x',
  ])('refuses %s', (url) => {
    expect(refused(url)).toBe(true);
    expect(refused(url, { allowLocal: true })).toBe(false);
  });

  it.each([
    'https://modelarts.example.com',
    'https://10.0.0.7',
    'https://[2001:db8::1]',
    'https://128.0.0.1',
    'https://[2002:8000:1::1]',
    'https://169.254.169.254.example.com',
    'https://127.0.0.1.example.com',
    'https://localhost.example.com',
  ])('allows %s', (url) => expect(refused(url)).toBe(false));

  it('keeps to the hosts that are listed, as globs over the whole name', () => {
    const rules = { allowLocal: true, hostGlobs: ['*.example.com', 'exact.example.org'] };
    const allowed = (host: string) => endpointRefusal(new URL(`https://${host}`), rules) === undefined;
    expect(allowed('modelarts.eu-de.example.com')).toBe(true);
    expect(allowed('MODELARTS.example.com')).toBe(true);
    expect(allowed('exact.example.org')).toBe(true);
    expect(allowed('example.com')).toBe(false);
    expect(allowed('modelarts.example.com.evil.net')).toBe(false);
    expect(allowed('exact-example.org')).toBe(false);
    expect(
      endpointRefusal(new URL('https://a.example.com'), { allowLocal: true, hostGlobs: [] }),
    ).toBeDefined();
  });
});

describe('isLocalAddress', () => {
  it('looks through zones and brackets', () => {
    expect(isLocalAddress('fe80::1%eth0')).toBe(true);
    expect(isLocalAddress('[::1]')).toBe(true);
    expect(isLocalAddress('example.com')).toBe(false);
  });
});

describe('isLoopback', () => {
  it('is about this machine only', () => {
    expect(['localhost', '127.0.0.1', '[::1]'].every(isLoopback)).toBe(true);
    expect(['127.example.com', '10.0.0.1', '169.254.1.1'].some(isLoopback)).toBe(false);
  });
});
