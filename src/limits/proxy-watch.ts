import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { type AddressKind, addressKind } from '../config/addresses.ts';

/** What is set wrongly between browsers and this server, as far as its own requests show it. */
export type ProxyMistake =
  /** Browsers open another address than PUBLIC_URL. */
  | 'wrong-address'
  /** Browsers open PUBLIC_URL's host over http. */
  | 'not-encrypted'
  /** Proxies are trusted, and say nothing of where people come from. */
  | 'no-forwarded-for'
  /** More proxies are trusted than there are. */
  | 'too-many-trusted'
  /** Fewer proxies are trusted than there are. */
  | 'too-few-trusted';

/** So many requests in a row show a mistake: a single one may be somebody's own header, or come past the proxy. */
const IN_A_ROW = 10;
const SAID_AGAIN_MS = 24 * 60 * 60 * 1000;
/** Longer than any address that people open. */
const ORIGIN_CHARACTERS = 120;
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/healthz', '/metrics']);

/** Where reverse proxies are: on this machine or in its network. */
const NEAR: ReadonlySet<AddressKind> = new Set(['loopback', 'private', 'link-local']);

/** Finds mistakes of the proxies in front, which otherwise nobody would hear of, and says each once a day in the log. */
export interface ProxyWatch {
  /** Looks at the way that a request came. */
  onRequest(request: IncomingMessage): void;
  /** A request whose Origin is not ours was refused; gives why, where it comes from a page of ours all the same. */
  onForeignOrigin(request: IncomingMessage): 'wrong-address' | 'not-encrypted' | null;
  /** What the last requests in a row show of the proxies; null when they are trusted rightly, or nobody can tell yet. */
  current(): ProxyMistake | null;
}

export function createProxyWatch(
  { publicUrl, trustProxy }: { publicUrl: string; trustProxy: number },
  log: Logger,
  clock: Clock,
): ProxyWatch {
  const saidUntil = new Map<ProxyMistake, number>();
  let current: ProxyMistake | null = null;
  let run = { mistake: null as ProxyMistake | null, entries: -1, length: 0 };

  function say(code: ProxyMistake, facts: Readonly<Record<string, string | number>>, next: string): void {
    const now = clock.uptime();
    if (now < (saidUntil.get(code) ?? 0)) return;
    saidUntil.set(code, now + SAID_AGAIN_MS);
    log.warn({ event: 'proxy-misconfigured', code, ...facts, next });
  }

  function mistakeOf(request: IncomingMessage, entries: number): ProxyMistake | null {
    if (entries < trustProxy) return entries === 0 ? 'no-forwarded-for' : 'too-many-trusted';
    // Without a proxy near by, the header is the client's own.
    if (entries > trustProxy && isNear(request.socket.remoteAddress)) return 'too-few-trusted';
    return null;
  }

  return {
    current: () => current,
    onRequest(request) {
      if (PROBES.has(request.url?.split('?')[0] ?? '')) return;
      const entries = forwardedEntries(request);
      const mistake = mistakeOf(request, entries);
      const isSame = mistake === run.mistake && entries === run.entries;
      run = { mistake, entries, length: isSame ? Math.min(run.length + 1, IN_A_ROW) : 1 };
      if (run.length === IN_A_ROW) current = mistake;
      if (mistake !== null && run.length === IN_A_ROW)
        say(mistake, { trusted: trustProxy, entries }, next(mistake, run));
    },
    onForeignOrigin({ headers }) {
      const { origin = '' } = headers;
      if (origin.length > ORIGIN_CHARACTERS || !URL.canParse(origin)) return null;
      const opened = new URL(origin);
      const asked = [headers.host, headers['x-forwarded-host']];
      if (!asked.includes(opened.host) && headers['sec-fetch-site'] !== 'same-origin') return null;
      const own = new URL(publicUrl);
      const facts = { opened: opened.origin, publicUrl };
      if (own.protocol === 'https:' && opened.protocol === 'http:' && own.hostname === opened.hostname) {
        say('not-encrypted', facts, 'Have the proxy send http to https (nginx: return 308 https://$host$request_uri).');
        return 'not-encrypted';
      }
      say(
        'wrong-address',
        facts,
        'Set PUBLIC_URL to the address that browsers open, or have the proxy send people to it.',
      );
      return 'wrong-address';
    },
  };
}

function next(mistake: ProxyMistake, { entries }: { entries: number }): string {
  switch (mistake) {
    case 'no-forwarded-for':
      return 'Everybody counts as one address. Have the proxy set X-Forwarded-For to the address that it sees (nginx: proxy_set_header X-Forwarded-For $remote_addr), or set GLIR_TRUST_PROXY=0 where none stands in front.';
    case 'too-many-trusted':
      return `Anybody can choose an address. Set GLIR_TRUST_PROXY=${entries} where so many proxies stand in front.`;
    default:
      return `Everybody behind the outer proxy counts as one address. Set GLIR_TRUST_PROXY=${entries} where so many proxies of your own stand in front, and let nobody reach GLIR past them.`;
  }
}

/** How many addresses the proxies name; each proxy adds one. */
function forwardedEntries({ headers }: IncomingMessage): number {
  const said = headers['x-forwarded-for'];
  const text = Array.isArray(said) ? said.join(',') : (said ?? '');
  return text.trim() === '' ? 0 : text.split(',').length;
}

function isNear(address: string | undefined): boolean {
  const plain = (address ?? '').replace(/^::ffff:/i, '').split('%')[0] ?? '';
  return isIP(plain) !== 0 && NEAR.has(addressKind(plain));
}
