import { describe, expect, it } from '@jest/globals';
import { InvalidConnection } from '../api/errors.ts';
import { proxyFor } from './proxy.ts';

const httpsProxy = 'http://user:pass@proxy.example.com:3128';
const through = (url: string, noProxy = '') => proxyFor(new URL(url), { httpsProxy, noProxy }) !== undefined;

describe('proxyFor', () => {
  it('takes the variable of the scheme, and no other in its place', () => {
    const settings = { httpProxy: 'http://plain.example.com', httpsProxy };
    expect(proxyFor(new URL('https://modelarts.example.com'), settings)?.host).toBe('proxy.example.com:3128');
    expect(proxyFor(new URL('http://modelarts.example.com'), settings)?.host).toBe('plain.example.com');
    expect(proxyFor(new URL('http://modelarts.example.com'), { httpsProxy })).toBeUndefined();
    expect(proxyFor(new URL('https://modelarts.example.com'), { httpProxy: httpsProxy })).toBeUndefined();
    expect(proxyFor(new URL('https://modelarts.example.com'), {})).toBeUndefined();
  });

  it('takes a proxy without a scheme for http, as curl and Go do', () => {
    const proxy = proxyFor(new URL('https://modelarts.example.com'), {
      httpsProxy: 'proxy.example.com:3128',
    });
    expect(proxy?.href).toBe('http://proxy.example.com:3128/');
  });

  it.each(['https://localhost:8443', 'https://127.0.0.1', 'https://[::1]:1'])('goes straight to %s', (url) =>
    expect(through(url)).toBe(false),
  );

  it.each([
    ['*', 'https://modelarts.example.com'],
    ['modelarts.example.com', 'https://modelarts.example.com'],
    ['MODELARTS.example.com.', 'https://modelarts.example.com'],
    ['example.com', 'https://modelarts.example.com'],
    ['.example.com', 'https://modelarts.example.com'],
    ['*.example.com', 'https://modelarts.example.com'],
    ['a.test, example.com', 'https://modelarts.example.com'],
    ['a.test example.com', 'https://modelarts.example.com'],
    ['example.com:443', 'https://modelarts.example.com'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443'],
    ['10.0.0.0/8', 'https://10.1.2.3'],
    ['2001:db8::1', 'https://[2001:db8:0::1]'],
    ['2001:0db8:0:0::1', 'https://[2001:db8::1]'],
    ['[2001:db8::1]:443', 'https://[2001:db8::1]'],
    ['2001:db8::/32', 'https://[2001:db8::1]'],
  ])('NO_PROXY=%s exempts %s', (noProxy, url) => expect(through(url, noProxy)).toBe(false));

  it.each([
    ['', 'https://modelarts.example.com'],
    [' , ,', 'https://modelarts.example.com'],
    ['example.com', 'https://badexample.com'],
    ['.example.com', 'https://example.com'],
    ['*.example.com', 'https://example.com'],
    ['example.com:8443', 'https://modelarts.example.com'],
    ['10.1.2.3:8443', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/8', 'https://modelarts.example.com'],
    ['10.0.0.0/99', 'https://10.1.2.3'],
    ['10.0.0.0/', 'https://10.1.2.3'],
    ['nonsense/8', 'https://10.1.2.3'],
    ['2001:db8::/32', 'https://10.1.2.3'],
  ])('NO_PROXY=%s does not exempt %s', (noProxy, url) => expect(through(url, noProxy)).toBe(true));

  it.each([
    'http://',
    'ftp://proxy.example.com',
    'socks5://u:pass@proxy.example.com',
    'http://user:pass@:99999',
    '::',
  ])('No secret leaves: refuses %s without repeating it', (value) => {
    const attempt = () => proxyFor(new URL('https://modelarts.example.com'), { httpsProxy: value });
    expect(attempt).toThrow(InvalidConnection);
    expect(attempt).toThrow(
      /^The operator's environment variable HTTPS_PROXY must be a URL such as http:\/\/p/,
    );
  });
});
