import { BlockList, isIP } from 'node:net';

/** Loopback, link-local (with the clouds' metadata service), unspecified: never a ModelArts that others run. */
const local = new BlockList();
local.addSubnet('0.0.0.0', 8, 'ipv4');
local.addSubnet('127.0.0.0', 8, 'ipv4');
local.addSubnet('169.254.0.0', 16, 'ipv4');
for (const metadata of ['100.100.100.200', '168.63.129.16', '192.0.0.192'])
  local.addAddress(metadata, 'ipv4');
local.addAddress('::', 'ipv6');
local.addAddress('::1', 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');
local.addSubnet('fd00:ec2::', 32, 'ipv6');
local.addAddress('fd20:ce::254', 'ipv6');

/** True for an address on this machine, on its link, or of a metadata service. IPv4 inside IPv6 counts as IPv4. */
export function isLocalAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 4) return local.check(bare, 'ipv4');
  if (family !== 6) return false;
  const embedded = embeddedIPv4(bare);
  return local.check(bare, 'ipv6') || (embedded !== undefined && local.check(embedded, 'ipv4'));
}

/**
 * The IPv4 address in an IPv6 one, by the ways in which a host or a gateway turns the one into the other: IPv4-mapped
 * (::ffff:0:0/96), translated (::ffff:0:0:0/96), NAT64 (64:ff9b::/96, and its local 64:ff9b:1::/96), the old ::/96, and
 * 6to4 (2002::/16).
 */
function embeddedIPv4(address: string): string | undefined {
  // URL writes any IPv6 address in its one canonical form, with hexadecimal groups only.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const match =
    /^(?:::|::ffff:|::ffff:0:|64:ff9b::|64:ff9b:1::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ??
    /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}|:)/.exec(canonical);
  if (match === null) return undefined;
  const high = Number.parseInt(match[1] ?? '', 16);
  const low = Number.parseInt((match[2] ?? '').replace(':', '0'), 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export interface EndpointRules {
  /** `--allow-local-endpoints`. */
  readonly allowLocal: boolean;
  /** `--allowed-endpoint-hosts`: globs over host names (`*` stands for any characters). Absent: every host. */
  readonly hostGlobs?: readonly string[];
}

/**
 * Whether a URL may be talked to: what is wrong with it, for the user, or undefined. Looks at the URL alone; a name is
 * checked again by the addresses that it resolves to when a connection is made.
 */
export function endpointRefusal(url: URL, rules: EndpointRules): string | undefined {
  const host = url.hostname.replace(/\.$/, '').toLowerCase();
  if (!rules.allowLocal && (isLocalAddress(host) || host === 'localhost' || host.endsWith('.localhost'))) {
    return (
      `The endpoint host ${host} is a loopback, link-local or metadata address. ` +
      'Start the operator with --allow-local-endpoints where that is meant.'
    );
  }
  if (rules.hostGlobs !== undefined && !rules.hostGlobs.some((glob) => globMatches(glob, host))) {
    return `The endpoint host ${host} is not one of those that --allowed-endpoint-hosts lists.`;
  }
  return undefined;
}

function globMatches(glob: string, host: string): boolean {
  const pattern = glob
    .trim()
    .toLowerCase()
    .split(/\*+/)
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(host);
}

/** True for this machine itself, where plain http goes over no wire. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
