import { BlockList, isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';

/** What the configuration needs to know about the machine. */
export interface Machine {
  /** Its IP addresses, IPv4 and IPv6, without zones. */
  readonly addresses: readonly string[];
}

/** The machine that GLIR runs on, as it is now. */
export function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return { addresses: addresses.map(({ address }) => address) };
}

/**
 * What an IP address is good for. `private` can be reached inside one network (RFC 1918, RFC 4193, RFC 6598);
 * documentation ranges count as `public`, so that examples can be tried.
 */
export type AddressKind =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'private'
  | 'public';

/** In this order: 255.255.255.255 lies in 240.0.0.0/4, 0.0.0.0 in 0.0.0.0/8. */
const KINDS: readonly { kind: AddressKind; list: BlockList }[] = [
  { kind: 'unspecified', list: subnets('0.0.0.0/32', '::/128') },
  { kind: 'broadcast', list: subnets('255.255.255.255/32') },
  { kind: 'loopback', list: subnets('127.0.0.0/8', '::1/128') },
  { kind: 'link-local', list: subnets('169.254.0.0/16', 'fe80::/10') },
  { kind: 'multicast', list: subnets('224.0.0.0/4', 'ff00::/8') },
  { kind: 'reserved', list: subnets('0.0.0.0/8', '240.0.0.0/4', '100::/64') },
  { kind: 'private', list: subnets('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7') },
];

/**
 * @param ip a valid IPv4 or IPv6 address without brackets; an IPv4-mapped IPv6 address is judged as the IPv4 address in
 *   it
 */
export function addressKind(ip: string): AddressKind {
  return KINDS.find(({ list }) => list.check(ip, family(ip)))?.kind ?? 'public';
}

/** Whether `text` is an IP address that can be listened on or announced: no brackets, no zone such as `%eth0`. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

/**
 * Whether `text` is a host name in its ASCII form. Number-like names are refused: browsers read `10.1` as `10.0.0.1`.
 */
export function isHostName(text: string): boolean {
  if (isIP(text) !== 0 || !z.hostname().safeParse(text).success) return false;
  return URL.parse(`http://${text}`)?.hostname === text.toLowerCase();
}

/** The host of a URL, an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Whether a host name or address stands for this machine only (RFC 6761, section 6.3). */
export function isLoopbackHost(host: string): boolean {
  if (isAddress(host)) return addressKind(host) === 'loopback';
  const name = host.toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost');
}

/** Suffixes kept or commonly used for names that mean something in one network only (RFC 6762, RFC 8375, RFC 9476). */
const INTERNAL_SUFFIXES = ['.local', '.internal', '.intranet', '.lan', '.corp', '.home', '.home.arpa', '.test'];

/**
 * Whether the internet at large is likely to reach this host: a public address, or a name that is not an internal one.
 */
export function isPublicHost(host: string): boolean {
  if (isAddress(host)) return addressKind(host) === 'public';
  const name = host.toLowerCase();
  return name.includes('.') && !isLoopbackHost(name) && !INTERNAL_SUFFIXES.some((suffix) => name.endsWith(suffix));
}

/**
 * Whether a socket can be bound to `ip` on a machine with these addresses. Wildcards and loopback always can.
 *
 * @param own the machine's addresses; spelling does not matter (`FD00:0::2` is `fd00::2`)
 */
export function isLocalAddress(ip: string, own: readonly string[]): boolean {
  const kind = addressKind(ip);
  if (kind === 'unspecified' || kind === 'loopback') return true;
  const list = new BlockList();
  for (const address of own.filter(isAddress)) list.addAddress(address, family(address));
  return list.check(ip, family(ip));
}

/** `ipv4` or `ipv6`, of a valid address. */
export function family(ip: string): 'ipv4' | 'ipv6' {
  return isIPv4(ip) ? 'ipv4' : 'ipv6';
}

/** The wildcard of the address's family, which listens on all addresses of a machine. */
export function wildcardOf(ip: string): '0.0.0.0' | '::' {
  return family(ip) === 'ipv6' ? '::' : '0.0.0.0';
}

/** Whether `ip` is a wildcard. */
export function isWildcard(ip: string): boolean {
  return addressKind(ip) === 'unspecified';
}

function subnets(...ranges: string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', prefix] = range.split('/');
    list.addSubnet(net, Number(prefix), family(net));
  }
  return list;
}
