import type { AddressKind, Machine } from './addresses.ts';
import {
  addressKind,
  family,
  hostOf,
  isAddress,
  isLocalAddress,
  isLoopbackHost,
  isPublicHost,
  isWildcard,
  wildcardOf,
} from './addresses.ts';
import type { Findings, ListenAddress, TurnCredentials } from './config.ts';
import type { Variables } from './variables.ts';

/** Where the web server listens and what browsers call it. */
export interface Web {
  readonly publicUrl: URL;
  /** Host of the public URL, an IPv6 address without its brackets. */
  readonly publicHost: string;
  readonly loopback: boolean;
  readonly host: string;
}

/** Fills in the web server's defaults and checks its addresses. */
export function checkWeb(values: Variables, machine: Machine, findings: Findings): Web {
  const { PORT: port } = values;
  const publicUrl = values.PUBLIC_URL ?? new URL(`http://localhost:${port}`);
  const publicHost = hostOf(publicUrl);
  const loopback = isLoopbackHost(publicHost);
  const host = values.HOST ?? defaultHost(publicHost, loopback);

  if (isAddress(publicHost) && isWildcard(publicHost)) {
    findings.refuse('PUBLIC_URL', `no browser can reach ${publicHost}. Set the name or address that browsers use.`);
  } else if (publicUrl.protocol === 'http:' && !loopback) {
    findings.refuse(
      'PUBLIC_URL',
      `http works on this machine only, because browsers encrypt in secure contexts only. Set PUBLIC_URL=https://${publicUrl.host} and let a reverse proxy with a certificate pass requests on to port ${port}.`,
    );
  }
  if (isAddress(host) && !isLocalAddress(host, machine.addresses)) {
    findings.refuse(
      'HOST',
      `${host} is not an address of this machine. Set HOST=${wildcardOf(host)}, which listens on all of them.`,
    );
  }
  if (loopback && !isLoopbackHost(host)) {
    findings.warn(
      `HOST=${host} opens the local chat, which asks for no account, to everyone who reaches port ${port} of this machine. Unset HOST, or set PUBLIC_URL to GLIR's public origin.`,
    );
  }
  if (loopback && portOf(publicUrl) !== port) {
    findings.warn(
      `PUBLIC_URL says port ${portOf(publicUrl)}, but the web server listens on ${port}. That is right behind a proxy only; otherwise set PORT.`,
    );
  }
  if (!loopback && values.GLIR_TRUST_PROXY === 0) {
    findings.warn(
      'PUBLIC_URL needs a reverse proxy for https, but GLIR_TRUST_PROXY is 0, so that all clients look like that proxy and share one rate limit. Set GLIR_TRUST_PROXY=1 (or the number of proxies).',
    );
  }
  return { publicUrl, publicHost, loopback, host };
}

/** A loopback address other than 127.0.0.1 answers only where it is listened on. */
function defaultHost(publicHost: string, loopback: boolean): string {
  if (!loopback) return '0.0.0.0';
  return isAddress(publicHost) ? publicHost : '127.0.0.1';
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** Addresses that no browser elsewhere can send to, in words. */
const UNROUTABLE: Partial<Record<AddressKind, string>> = {
  unspecified: 'stands for every address and is none',
  'link-local': 'is link-local: it means nothing outside its own cable',
  multicast: 'is a multicast address',
  broadcast: 'is the broadcast address',
  reserved: 'is in a reserved range that nothing is routed to',
};

/** The address in the examples of messages (RFC 5737). */
const EXAMPLE = '203.0.113.5';

/**
 * Checks the addresses and ports of the data channels: each socket must be bindable here, and what browsers are told
 * must be reachable. Announced addresses stand for a wildcard, or for the only address listened on.
 */
export function checkRtc(values: Variables, web: Web, machine: Machine, findings: Findings): readonly ListenAddress[] {
  const ips = values.GLIR_RTC_LISTEN ?? [web.loopback ? '127.0.0.1' : '0.0.0.0'];
  const announced = values.GLIR_RTC_ANNOUNCED ?? [];
  const listen = ips.map((ip) => {
    const ipv6Only = isWildcard(ip) && family(ip) === 'ipv6' && ips.some((other) => family(other) === 'ipv4');
    const isMeant = isWildcard(ip) || ips.length === 1;
    return { ip, ipv6Only, announced: isMeant ? announced.filter((host) => leadsTo(host, { ip, ipv6Only })) : [] };
  });
  for (const address of listen) {
    const { ip } = address;
    const wrong = isWildcard(ip) ? overlap(ip, listen) : unusable(ip, machine);
    if (wrong !== null) findings.refuse('GLIR_RTC_LISTEN', wrong);
    else if (!isWildcard(ip)) checkReach(address, web, findings);
    else if (announced.length === 0) {
      findings.refuse('GLIR_RTC_ANNOUNCED', missingAnnounced(ip, machine), ['GLIR_RTC_LISTEN', 'PUBLIC_URL']);
    }
  }
  if (announced.length > 0) checkAnnounced(announced, listen, web, findings);
  checkPorts(values, findings);
  return listen;
}

/** Whether an announced address can be that of a socket, by its family; a host name may be of both. */
function leadsTo(announced: string, { ip, ipv6Only }: Pick<ListenAddress, 'ip' | 'ipv6Only'>): boolean {
  if (!isAddress(announced) || family(ip) === family(announced)) return true;
  return isWildcard(ip) && family(ip) === 'ipv6' && !ipv6Only;
}

/** Whether those that the public URL is for can also reach this address of the machine. */
function checkReach({ ip, announced }: ListenAddress, web: Web, findings: Findings): void {
  if (isLoopbackHost(ip) && !web.loopback) {
    const text = `${ip} is reached from this machine only, but PUBLIC_URL is for others.`;
    if (announced.length === 0) {
      findings.refuse(
        'GLIR_RTC_LISTEN',
        `${text} Set GLIR_RTC_LISTEN=0.0.0.0 and GLIR_RTC_ANNOUNCED to the address that browsers reach.`,
        ['PUBLIC_URL', 'GLIR_RTC_ANNOUNCED'],
      );
    } else {
      findings.warn(`GLIR_RTC_LISTEN: ${text} That is right only if something here forwards UDP and TCP to it.`);
    }
  } else if (announced.length === 0 && isPrivate(ip) && isPublicHost(web.publicHost)) {
    findings.warn(
      `Browsers are told the private address ${ip} for data channels, although PUBLIC_URL looks public. Patients outside this network will not connect: set GLIR_RTC_ANNOUNCED to the public address.`,
    );
  }
}

function unusable(ip: string, machine: Machine): string | null {
  const unroutable = UNROUTABLE[addressKind(ip)];
  if (unroutable !== undefined) return `${ip} ${unroutable}. Set addresses of this machine that browsers can reach.`;
  if (isLocalAddress(ip, machine.addresses)) return null;
  return `${ip} is not an address of this machine. On a cloud machine listen on ${wildcardOf(ip)} and set GLIR_RTC_ANNOUNCED=${ip}.`;
}

function overlap(ip: string, listen: readonly ListenAddress[]): string | null {
  const covered = listen.find((other) => other.ip !== ip && family(other.ip) === family(ip));
  if (covered === undefined) return null;
  return `${ip} covers ${covered.ip} already, and a port can be taken only once. List one of them.`;
}

/** A wildcard is no address that a browser could send to. */
function missingAnnounced(ip: string, machine: Machine): string {
  const own = machine.addresses.filter((address) => isAddress(address) && family(address) === family(ip));
  const routable = own.find((address) => addressKind(address) === 'public');
  const inside = own.find(isPrivate);
  const set = `missing. Data channels listen on ${ip}, which tells browsers no address. Set the address that browsers reach:`;
  if (routable !== undefined) return `${set} probably GLIR_RTC_ANNOUNCED=${routable}.`;
  if (inside === undefined) return `${set.slice(0, -1)}, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}.`;
  return `${set} the public one of this machine or its router, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}, or GLIR_RTC_ANNOUNCED=${inside} if all browsers are in this network.`;
}

function checkAnnounced(
  announced: readonly string[],
  listen: readonly ListenAddress[],
  web: Web,
  findings: Findings,
): void {
  const [wrong] = announced.flatMap((host) => unreachable(host, web) ?? []);
  const problem = wrong ?? misfit(announced, listen);
  if (problem !== null) findings.refuse('GLIR_RTC_ANNOUNCED', problem, ['GLIR_RTC_LISTEN', 'PUBLIC_URL']);
  const names = announced.filter((host) => !isAddress(host) && !isLoopbackHost(host));
  const told = announced.join(',');
  if (names.length === announced.length) {
    findings.warn(
      `GLIR_RTC_ANNOUNCED=${told} is a host name, which Firefox does not look up for data channels. Set an IP address to reach every browser.`,
    );
  }
  if (announced.every((host) => isAddress(host) && isPrivate(host)) && isPublicHost(web.publicHost)) {
    findings.warn(
      `GLIR_RTC_ANNOUNCED=${told} is a private address, although PUBLIC_URL looks public. Patients outside this network will not connect: add the public address.`,
    );
  }
}

function unreachable(announced: string, web: Web): string | null {
  const fix = `Set the address that browsers reach, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}.`;
  if (isLoopbackHost(announced)) {
    return web.loopback ? null : `${announced} is every browser's own machine, but PUBLIC_URL is for others. ${fix}`;
  }
  const unroutable = isAddress(announced) ? UNROUTABLE[addressKind(announced)] : undefined;
  return unroutable === undefined ? null : `${announced} ${unroutable}. ${fix}`;
}

/** Whether every announced address leads to a socket, and to every socket some. */
function misfit(announced: readonly string[], listen: readonly ListenAddress[]): string | null {
  const meant = listen.filter(({ ip }) => isWildcard(ip) || listen.length === 1);
  if (meant.length === 0) {
    return `one announced address cannot stand for the ${listen.length} in GLIR_RTC_LISTEN. Listen on one of them or on 0.0.0.0, or unset GLIR_RTC_ANNOUNCED.`;
  }
  const other = meant.find((address) => address.announced.length === 0);
  if (other !== undefined) {
    const kind = family(other.ip) === 'ipv4' ? 'IPv4' : 'IPv6';
    return meant.length > 1
      ? `${announced.join(',')} does not lead to ${other.ip}. Take ${other.ip} out of GLIR_RTC_LISTEN, or announce an ${kind} address as well.`
      : `${announced.join(',')} does not lead to ${other.ip}. Announce an ${kind} address, or set GLIR_RTC_LISTEN=${wildcardOf(announced[0] ?? '')}.`;
  }
  const lost = announced.find((host) => !meant.some((address) => address.announced.includes(host)));
  if (lost === undefined) return null;
  return `${lost} leads to none of the addresses in GLIR_RTC_LISTEN. Take it out, or listen on ${wildcardOf(lost)} as well.`;
}

function checkPorts({ PORT: web, GLIR_RTC_PORT: first, GLIR_WORKERS: workers }: Variables, findings: Findings): void {
  const last = first + workers - 1;
  if (last > 65_535) {
    findings.refuse(
      'GLIR_RTC_PORT',
      `${workers} workers need the ports ${first} to ${last}, but 65535 is the last. Set at most GLIR_RTC_PORT=${65_536 - workers}.`,
      ['GLIR_WORKERS'],
    );
  }
  if (web >= first && web <= last) {
    findings.refuse(
      'GLIR_RTC_PORT',
      `the workers' ports ${first} to ${last} hold ${web}, the web server's PORT. Set GLIR_RTC_PORT or PORT so that they are apart.`,
      ['PORT', 'GLIR_WORKERS'],
    );
  }
}

function isPrivate(ip: string): boolean {
  return addressKind(ip) === 'private';
}

/**
 * Checks the TURN variables together: TURN URLs need exactly one kind of credentials, credentials and `relay` need TURN
 * URLs.
 */
export function checkTurn(values: Variables, findings: Findings): TurnCredentials {
  const { GLIR_TURN_SECRET: secret, GLIR_TURN_USERNAME: username, GLIR_TURN_PASSWORD: password } = values;
  const turn = values.GLIR_TURN?.some((url) => url.startsWith('turn')) ?? false;
  const wrong = wrongWithCredentials(values, turn);
  if (wrong !== null) findings.refuse(...wrong);
  if (!turn && (secret ?? username ?? password) !== undefined) {
    findings.refuse(
      'GLIR_TURN',
      'has no turn: or turns: URL that the TURN credentials are for. Set one, or unset the credentials.',
    );
  }
  if (!turn && values.GLIR_ICE_TRANSPORT === 'relay') {
    findings.refuse(
      'GLIR_ICE_TRANSPORT',
      'relay needs a TURN server to go through. Set GLIR_TURN to a turn: or turns: URL, or GLIR_ICE_TRANSPORT=all.',
      ['GLIR_TURN'],
    );
  }
  if (secret !== undefined) return { kind: 'shared-secret', secret };
  if (username !== undefined && password !== undefined) return { kind: 'fixed', username, password };
  return { kind: 'none' };
}

function wrongWithCredentials(values: Variables, turn: boolean): Parameters<Findings['refuse']> | null {
  const { GLIR_TURN_SECRET: secret, GLIR_TURN_USERNAME: username, GLIR_TURN_PASSWORD: password } = values;
  const either = 'GLIR_TURN_SECRET, or GLIR_TURN_USERNAME and GLIR_TURN_PASSWORD';
  const both = 'Set both, or GLIR_TURN_SECRET alone.';
  if (secret !== undefined) {
    if (username === undefined && password === undefined) return null;
    return ['GLIR_TURN_SECRET', `set together with a fixed user name or password. Keep one kind: ${either}.`];
  }
  if (username !== undefined && password === undefined) {
    return ['GLIR_TURN_PASSWORD', `missing beside GLIR_TURN_USERNAME. ${both}`];
  }
  if (password !== undefined && username === undefined) {
    return ['GLIR_TURN_USERNAME', `missing beside GLIR_TURN_PASSWORD. ${both}`];
  }
  if (!turn || username !== undefined) return null;
  const basedOn = ['GLIR_TURN_SECRET', 'GLIR_TURN_USERNAME', 'GLIR_TURN_PASSWORD'] as const;
  return ['GLIR_TURN', `a TURN server is of no use without credentials. Set ${either}.`, basedOn];
}
