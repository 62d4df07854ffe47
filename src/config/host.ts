import { networkInterfaces } from 'node:os';

/** What the configuration needs to know about the machine. */
export interface Host {
  /** Its IP addresses, IPv4 and IPv6, without zones. */
  readonly addresses: readonly string[];
}

/** The machine that GLIR runs on, as it is now. */
export function thisHost(): Host {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return { addresses: addresses.map(({ address }) => address) };
}
