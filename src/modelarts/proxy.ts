import { BlockList, isIP } from 'node:net';
import { InvalidConnection } from '../api/errors.ts';
import { isLoopback } from './address.ts';

/** The proxy variables of the environment, read by main.ts. Absent: no proxy. */
export interface ProxySettings {
  readonly httpProxy?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
}

/** Not socks5: undici's is experimental, and does not answer to a deadline. */
const schemes = ['http:', 'https:'];

/**
 * The proxy on the way to a URL, with its credentials; undefined: straight. The variables mean what they mean to Go's
 * programs, kubectl among them: HTTPS_PROXY is for https and HTTP_PROXY for http, neither stands in for the other, and
 * this machine itself is never reached through a proxy.
 *
 * @throws InvalidConnection when the variable is not a URL; it names the variable and not its value.
 */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const secure = url.protocol === 'https:';
  const value = (secure ? settings.httpsProxy : settings.httpProxy)?.trim() ?? '';
  if (value === '' || isLoopback(url.hostname) || isExempt(url, settings.noProxy ?? '')) return undefined;
  const proxy = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (proxy !== null && proxy.hostname !== '' && schemes.includes(proxy.protocol)) return proxy;
  throw new InvalidConnection(
    `The operator's environment variable ${secure ? 'HTTPS_PROXY' : 'HTTP_PROXY'} must be a URL such as ` +
      'http://proxy.example.com:3128 (http or https).',
  );
}

/**
 * Whether NO_PROXY names the URL's host. Its entries, separated by commas or blanks: `*` (every host), a domain
 * (itself and all below it; with `.` or `*.` before it only those below), an IP address, a range of them
 * (`10.0.0.0/8`); all but ranges may end in a port.
 */
function isExempt(url: URL, noProxy: string): boolean {
  const host = bareHost(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && entryMatches(entry, host, port));
}

function entryMatches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(host, entry);
  const [, name = '', onlyPort = port] = /^\[(.+)\](?::(\d+))?$/.exec(entry) ??
    /^([^:]+)(?::(\d+))?$/.exec(entry) ?? [entry, entry];
  if (onlyPort !== port) return false;
  const suffix = /^\*?(\..+)$/.exec(name)?.[1];
  if (suffix !== undefined) return host.endsWith(bareHost(suffix));
  const wanted = bareHost(name);
  if (isIP(wanted) !== 0) return sameAddress(wanted, host);
  return host === wanted || host.endsWith(`.${wanted}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const [version, hostVersion] = [isIP(network), isIP(host)];
  const longest = version === 4 ? 32 : 128;
  if (version === 0 || version !== hostVersion || !/^\d{1,3}$/.test(bits) || Number(bits) > longest)
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  return list.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** IPv6 addresses have many spellings. */
function sameAddress(one: string, other: string): boolean {
  return one === other || isInRange(other, `${one}/${isIP(one) === 4 ? 32 : 128}`);
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/(.)\.$/, '$1');
}
