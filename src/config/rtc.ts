import type { AddressKind } from './addresses.ts';
import {
  addressKind,
  family,
  isAddress,
  isLocalAddress,
  isLoopbackHost,
  isPublicHost,
  isWildcard,
  wildcardOf,
} from './addresses.ts';
import type { ListenAddress } from './config.ts';
import type { Host } from './host.ts';
import type { Findings, Problem } from './problems.ts';
import { merged, NOTHING, refusal, warning } from './problems.ts';
import type { Variables } from './variables.ts';
import type { Web } from './web.ts';

/** Where data channels listen, and what browsers are told. */
export interface Rtc extends Findings {
  readonly listen: readonly ListenAddress[];
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
 * Judges the addresses of the data channels: each socket must be bindable here, and what browsers are told must be
 * reachable. An announced address stands for a wildcard, or for the only address listened on.
 */
export function judgeRtc(values: Variables, web: Web, machine: Host): Rtc {
  const ips = values.GLIR_RTC_LISTEN ?? [web.loopback ? '127.0.0.1' : '0.0.0.0'];
  const announced = values.GLIR_RTC_ANNOUNCED ?? null;
  const listen = ips.map((ip) => ({
    ip,
    announced: isWildcard(ip) || ips.length === 1 ? announced : null,
    ipv6Only: isWildcard(ip) && family(ip) === 'ipv6' && ips.some((other) => family(other) === 'ipv4'),
  }));
  const findings = merged([
    listenFindings(listen, web, machine),
    announcedFindings(announced, listen, web),
    portFindings(values),
  ]);
  return { listen, ...findings };
}

function listenFindings(listen: readonly ListenAddress[], web: Web, machine: Host): Findings {
  const judged = listen.map((address) => {
    const { ip } = address;
    const wrong = isWildcard(ip) ? overlap(ip, listen) : wrongWithListen(ip, machine);
    if (wrong !== null) return refusal({ variable: 'GLIR_RTC_LISTEN', text: wrong });
    return isWildcard(ip) ? wildcardFindings(address, machine) : reachFindings(address, web);
  });
  return merged(judged);
}

/** A wildcard is no address that a browser could send to. */
function wildcardFindings({ ip, announced }: ListenAddress, machine: Host): Findings {
  if (announced !== null) return NOTHING;
  const given = ['GLIR_RTC_LISTEN', 'PUBLIC_URL'] as const;
  return refusal({ variable: 'GLIR_RTC_ANNOUNCED', given, text: missingAnnounced(ip, machine) });
}

/** Whether those that the public URL is for can also reach this address of the machine. */
function reachFindings({ ip, announced }: ListenAddress, web: Web): Findings {
  if (isLoopbackHost(ip) && !web.loopback) {
    const text = `${ip} is reached from this machine only, but PUBLIC_URL is for others.`;
    if (announced !== null) {
      return warning(`GLIR_RTC_LISTEN: ${text} That is right only if something here forwards UDP and TCP to it.`);
    }
    return refusal({
      variable: 'GLIR_RTC_LISTEN',
      given: ['PUBLIC_URL', 'GLIR_RTC_ANNOUNCED'],
      text: `${text} Set GLIR_RTC_LISTEN=0.0.0.0 and GLIR_RTC_ANNOUNCED to the address that browsers reach.`,
    });
  }
  if (announced === null && isPrivate(ip) && isPublicHost(web.publicHost)) {
    return warning(
      `Browsers are told the private address ${ip} for data channels, although PUBLIC_URL looks public. Patients outside this network will not connect: set GLIR_RTC_ANNOUNCED to the public address.`,
    );
  }
  return NOTHING;
}

function wrongWithListen(ip: string, machine: Host): string | null {
  const unroutable = UNROUTABLE[addressKind(ip)];
  if (unroutable !== undefined) return `${ip} ${unroutable}. Set addresses of this machine that browsers can reach.`;
  if (isLocalAddress(ip, machine.addresses)) return null;
  return `${ip} is not an address of this machine. On a cloud machine listen on ${wildcardOf(ip)} and set GLIR_RTC_ANNOUNCED=${ip}.`;
}

function overlap(ip: string, listen: readonly ListenAddress[]): string | null {
  const covered = listen.find((other) => other.ip !== ip && family(other.ip) === family(ip));
  return covered === undefined
    ? null
    : `${ip} covers ${covered.ip} already, and a port can be taken only once. List one of them.`;
}

function missingAnnounced(ip: string, machine: Host): string {
  const own = machine.addresses.filter((address) => isAddress(address) && family(address) === family(ip));
  const routable = own.find((address) => addressKind(address) === 'public');
  const inside = own.find(isPrivate);
  const wrong = `missing. Data channels listen on ${ip}, which tells browsers no address.`;
  if (routable !== undefined)
    return `${wrong} Set the address that browsers reach: probably GLIR_RTC_ANNOUNCED=${routable}.`;
  if (inside === undefined)
    return `${wrong} Set the address that browsers reach, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}.`;
  return `${wrong} Set the address that browsers reach: the public one of this machine or its router, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}, or GLIR_RTC_ANNOUNCED=${inside} if all browsers are in this network.`;
}

function announcedFindings(announced: string | null, listen: readonly ListenAddress[], web: Web): Findings {
  if (announced === null) return { problems: [], warnings: [] };
  const text = wrongWithAnnounced(announced, web) ?? misfit(announced, listen);
  const problems: Problem[] =
    text === null ? [] : [{ variable: 'GLIR_RTC_ANNOUNCED', text, given: ['GLIR_RTC_LISTEN', 'PUBLIC_URL'] }];

  const warnings: string[] = [];
  if (!isAddress(announced) && !isLoopbackHost(announced)) {
    warnings.push(
      `GLIR_RTC_ANNOUNCED=${announced} is a host name, which Firefox does not look up for data channels. Set an IP address to reach every browser.`,
    );
  }
  if (isAddress(announced) && isPrivate(announced) && isPublicHost(web.publicHost)) {
    warnings.push(
      `GLIR_RTC_ANNOUNCED=${announced} is a private address, although PUBLIC_URL looks public. Patients outside this network will not connect.`,
    );
  }
  return { problems, warnings };
}

function wrongWithAnnounced(announced: string, web: Web): string | null {
  const fix = `Set the address that browsers reach, such as GLIR_RTC_ANNOUNCED=${EXAMPLE}.`;
  if (isLoopbackHost(announced)) {
    return web.loopback ? null : `${announced} is every browser's own machine, but PUBLIC_URL is for others. ${fix}`;
  }
  const unroutable = isAddress(announced) ? UNROUTABLE[addressKind(announced)] : undefined;
  return unroutable === undefined ? null : `${announced} ${unroutable}. ${fix}`;
}

/** Whether the announced address leads to a socket at all, and to one of its own family. */
function misfit(announced: string, listen: readonly ListenAddress[]): string | null {
  const meant = listen.filter((address) => address.announced !== null);
  if (meant.length === 0) {
    return `one announced address cannot stand for the ${listen.length} in GLIR_RTC_LISTEN. Listen on one of them or on 0.0.0.0, or unset GLIR_RTC_ANNOUNCED.`;
  }
  if (!isAddress(announced)) return null;
  const other = meant.find(({ ip, ipv6Only }) => {
    if (family(ip) === family(announced)) return false;
    return !isWildcard(ip) || family(ip) === 'ipv4' || ipv6Only;
  });
  if (other === undefined) return null;
  return meant.length > 1
    ? `${announced} does not lead to ${other.ip}. Take ${other.ip} out of GLIR_RTC_LISTEN, or announce a host name with addresses of both kinds.`
    : `${announced} does not lead to ${other.ip}. Announce an ${family(other.ip) === 'ipv4' ? 'IPv4' : 'IPv6'} address, or set GLIR_RTC_LISTEN=${wildcardOf(announced)}.`;
}

function portFindings(values: Variables): Findings {
  const { PORT: web, GLIR_RTC_PORT: first, GLIR_WORKERS: workers } = values;
  const last = first + workers - 1;
  const problems: Problem[] = [];
  if (last > 65_535) {
    problems.push({
      variable: 'GLIR_RTC_PORT',
      given: ['GLIR_WORKERS'],
      text: `${workers} workers need the ports ${first} to ${last}, but 65535 is the last. Set at most GLIR_RTC_PORT=${65_536 - workers}.`,
    });
  }
  if (web >= first && web <= last) {
    problems.push({
      variable: 'GLIR_RTC_PORT',
      given: ['PORT', 'GLIR_WORKERS'],
      text: `the workers' ports ${first} to ${last} hold ${web}, the web server's PORT. Set GLIR_RTC_PORT or PORT so that they are apart.`,
    });
  }
  return { problems, warnings: [] };
}

function isPrivate(ip: string): boolean {
  return addressKind(ip) === 'private';
}
