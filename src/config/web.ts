import { isAddress, isLocalAddress, isLoopbackHost, isWildcard, wildcardOf } from './addresses.ts';
import type { Host } from './host.ts';
import type { Findings, Problem } from './problems.ts';
import type { Variables } from './variables.ts';

/** Where the web server listens and what browsers call it. */
export interface Web extends Findings {
  readonly publicUrl: URL;
  /** Host of the public URL, an IPv6 address without its brackets. */
  readonly publicHost: string;
  readonly loopback: boolean;
  readonly host: string;
}

/** Fills in the web server's defaults and judges its addresses. */
export function judgeWeb(values: Variables, machine: Host): Web {
  const publicUrl = values.PUBLIC_URL ?? new URL(`http://localhost:${values.PORT}`);
  const publicHost = publicUrl.hostname.replace(/^\[|\]$/g, '');
  const loopback = isLoopbackHost(publicHost);
  const host = values.HOST ?? defaultHost(publicHost, loopback);

  const problems: Problem[] = [];
  const warnings: string[] = [];

  if (isAddress(publicHost) && isWildcard(publicHost)) {
    problems.push({
      variable: 'PUBLIC_URL',
      text: `no browser can reach ${publicHost}. Set the name or address that browsers use.`,
    });
  } else if (publicUrl.protocol === 'http:' && !loopback) {
    problems.push({
      variable: 'PUBLIC_URL',
      text: `http works on this machine only, because browsers encrypt in secure contexts only. Set PUBLIC_URL=https://${publicUrl.host} and let a reverse proxy with a certificate pass requests on to port ${values.PORT}.`,
    });
  }
  if (isAddress(host) && !isLocalAddress(host, machine.addresses)) {
    problems.push({
      variable: 'HOST',
      text: `${host} is not an address of this machine. Set HOST=${wildcardOf(host)}, which listens on all of them.`,
    });
  }

  if (loopback && !isLoopbackHost(host)) {
    warnings.push(
      `HOST=${host} opens the local chat, which asks for no account, to everyone who reaches port ${values.PORT} of this machine. Unset HOST, or set PUBLIC_URL to GLIR's public origin.`,
    );
  }
  if (loopback && portOf(publicUrl) !== values.PORT) {
    warnings.push(
      `PUBLIC_URL says port ${portOf(publicUrl)}, but the web server listens on ${values.PORT}. That is right behind a proxy only; otherwise set PORT.`,
    );
  }
  if (!loopback && values.GLIR_TRUST_PROXY === 0) {
    warnings.push(
      'PUBLIC_URL needs a reverse proxy for https, but GLIR_TRUST_PROXY is 0, so that all clients look like that proxy and share one rate limit. Set GLIR_TRUST_PROXY=1 (or the number of proxies).',
    );
  }
  return { publicUrl, publicHost, loopback, host, problems, warnings };
}

/** A loopback literal other than 127.0.0.1 answers only where it is listened on. */
function defaultHost(publicHost: string, loopback: boolean): string {
  if (!loopback) return '0.0.0.0';
  return isAddress(publicHost) ? publicHost : '127.0.0.1';
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
