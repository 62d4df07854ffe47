import { hash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import express from 'express';

/**
 * What a network is part of, the widest first. Hosts get a /64 of IPv6 (RFC 6177, section 2; RFC 4291, section 2.5.4) and take
 * any address in it, households a /56, organisations a /48, and providers a /32.
 */
const IPV6_PREFIXES = [32, 48, 56, 64];
/** In IPv4 an address is a household's, or a whole hospital's. */
const IPV4_PREFIXES = [16, 24, 32, 32];
/** How many times as much a prefix may have as one network in it, the widest first. */
const SHARES = [4, 3, 2, 1];
/** Prefixes are told apart in so many groups at most: a flood from made-up IPv6 networks must not fill the memory. */
const GROUPS = 2 ** 17;
const SEPARATOR = '.';

/** Tells which network requests come from. */
export interface Networks {
  /** The network of a request's client: behind proxies that are trusted, of the address that they saw. */
  of(request: IncomingMessage): string;
  /** The network of an address. */
  at(address: string | undefined): string;
}

/** A network, or a wider one that it is part of, with how many times as much it may have as one network. */
export interface Prefix {
  readonly key: string;
  readonly share: number;
}

/**
 * A network is an IPv4 address or an IPv6 /64. It stands here for four numbers, of itself and of the wider networks that it is
 * part of, which say nothing of the address. Which networks share a number follows from the key, so nobody can choose to share
 * somebody else's.
 *
 * @param trustProxy how many proxies in front are believed, exactly as Express believes them, for upgrades as well
 * @param key the same on all nodes, so that they mean the same networks; else another one with every start
 */
export function createNetworks(trustProxy: number, key: Uint8Array = randomBytes(32)): Networks {
  const secret = Buffer.from(key).toString('base64');
  const { request: expressRequest } = express().set('trust proxy', trustProxy);

  function at(address: string | undefined): string {
    const { bytes, prefixes } = read(address ?? '');
    const numbers = prefixes.map((bits, level) => {
      const prefix = Buffer.from(bytes.subarray(0, bits / 8)).toString('hex');
      // Nobody sees the digest, so there is nothing to forge: a plain hash does, and is quick.
      const digest = hash('sha256', `${secret} ${level} ${bytes.length} ${prefix}`, 'buffer');
      return digest.readUInt32BE() % GROUPS;
    });
    return numbers.join(SEPARATOR);
  }

  return {
    at,
    of({ headers, socket }) {
      // An upgrade does not come through Express: its own reading is borrowed, so that there is no second one.
      const asExpress: { ip?: string } = Object.create(expressRequest, {
        headers: { value: headers },
        socket: { value: socket },
      });
      return at(asExpress.ip);
    },
  };
}

/** The wider networks that a network is part of, and at last itself; `network` is one of `Networks`. */
export function prefixesOf(network: string): Prefix[] {
  const parts = network.split(SEPARATOR);
  return parts.map((_, level) => ({
    key: parts.slice(0, level + 1).join(SEPARATOR),
    share: SHARES[SHARES.length - parts.length + level] ?? 1,
  }));
}

/** Whether two networks are one organisation's, as far as anybody can tell: one IPv6 /48, or one IPv4 /24. */
export function areNeighbours(one: string, other: string): boolean {
  return prefixesOf(one).at(-3)?.key === prefixesOf(other).at(-3)?.key;
}

/** Whoever it is that has no address shares one network. */
function read(address: string): { bytes: Uint8Array; prefixes: readonly number[] } {
  const [plain = ''] = address.split('%');
  if (isIPv4(plain)) return { bytes: Uint8Array.from(plain.split('.'), Number), prefixes: IPV4_PREFIXES };
  const bytes = isIPv6(plain) ? ipv6Bytes(plain) : new Uint8Array(16);
  const within = embeddedIpv4(bytes);
  return within === null ? { bytes, prefixes: IPV6_PREFIXES } : { bytes: within, prefixes: IPV4_PREFIXES };
}

function ipv6Bytes(address: string): Uint8Array {
  // An IPv4 address at the end, and every other way to write the same, come out as groups of hexadecimal digits.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = canonical.split('::');
  const groupsOf = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [first, last] = [groupsOf(left), groupsOf(right ?? '')];
  const zeros = right === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: zeros }, () => 0), ...last];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/**
 * The IPv4 address that an IPv6 one stands for, which is not to have a budget of its own: mapped (`::ffff:0:0/96`), translated
 * (`64:ff9b::/96`, RFC 6052) or 6to4 (`2002::/16`, RFC 3056).
 */
function embeddedIpv4(bytes: Uint8Array): Uint8Array | null {
  const hex = Buffer.from(bytes).toString('hex');
  if (hex.startsWith('00000000000000000000ffff')) return bytes.subarray(12);
  if (hex.startsWith('0064ff9b0000000000000000')) return bytes.subarray(12);
  if (hex.startsWith('2002')) return bytes.subarray(2, 6);
  return null;
}
