import { hash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import express from 'express';
import { ipKeyGenerator } from 'express-rate-limit';

/** Hosts get a /64 of IPv6 (RFC 6177, section 2; RFC 4291, section 2.5.4), and take any address in it. */
const IPV6_PREFIX = 64;
/** Networks are told apart in so many groups at most: a flood from made-up IPv6 networks must not fill the memory. */
const GROUPS = 2 ** 17;

/** Tells which network requests come from. */
export interface Networks {
  /** The network of a request's client: behind proxies that are trusted, of the address that they saw. */
  of(request: IncomingMessage): string;
  /** The network of an address. */
  at(address: string | undefined): string;
}

/**
 * A network is an IPv4 address or an IPv6 /64, and stands here for a number that says nothing of the address. Which
 * networks share a number changes with every start, so nobody can choose to share somebody else's.
 *
 * @param trustProxy how many proxies in front are believed, exactly as Express believes them, for upgrades as well
 */
export function createNetworks(trustProxy: number): Networks {
  const key = randomBytes(32).toString('base64');
  const { request: expressRequest } = express().set('trust proxy', trustProxy);

  function at(address: string | undefined): string {
    const network = ipKeyGenerator(address ?? '', IPV6_PREFIX);
    // Nobody sees the digest, so there is nothing to forge: a plain hash does, and is quick.
    return String(hash('sha256', `${key}${network}`, 'buffer').readUInt32BE() % GROUPS);
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
