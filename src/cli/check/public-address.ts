/** What browsers meet on their way to the server: name, certificate, proxies, WebSockets. */
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { ownBuild } from '../../audit/build-info.ts';
import type { ProxyMistake } from '../../limits/proxy-watch.ts';
import { SOCKET_PATH } from '../../signalling/socket-server.ts';
import { type Check, type Finding, ok, problem, reasonOf, skipped, warning } from './finding.ts';

const ANSWER_MS = 10_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const EXPIRES_SOON_DAYS = 21;
/** More than it takes the server to be sure. */
const REQUESTS = 12;
/** The server says something every three seconds. */
const HEARTBEATS = 2;

const healthSchema = z.object({
  status: z.string(),
  version: z.string(),
  store: z.string().optional(),
  slack: z.string().optional(),
  proxy: z.string().optional(),
});

/** Whether the server answers at PUBLIC_URL, and whether it is this one. */
export const checkPublicAddress: Check = async ({ config: { publicUrl } }) => {
  const name = 'public address';
  let text: string;
  let status: number;
  try {
    const answer = await fetch(`${publicUrl}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    [status, text] = [answer.status, await answer.text()];
  } catch (error) {
    return [problem(name, `${publicUrl} does not answer (${reasonOf(error)}).`, unreachable(reasonOf(error)))];
  }
  const health = parsed(text);
  if (health === null) {
    const next =
      'PUBLIC_URL leads to another server, or a proxy asks for a login or answers itself. Have it pass everything on to PORT.';
    return [problem(name, `${publicUrl}/healthz answers ${status}, and not as GLIR does.`, next)];
  }
  const found: Finding[] = [];
  const own = ownBuild().version;
  if (health.version !== own)
    found.push(
      warning(
        name,
        `GLIR ${health.version} runs there, and this is ${own}.`,
        'Run the check from the checkout that the server runs from.',
      ),
    );
  if (health.status === 'starting')
    found.push(problem(name, 'The server is not ready.', 'Look for worker-died in its log.'));
  if (health.store !== undefined)
    found.push(
      problem(name, 'The server cannot write its store.', 'Free space on the disk, or bring the database back.'),
    );
  if (health.slack !== undefined)
    found.push(problem(name, 'The server has no connection to Slack.', 'Look for slack-not-connected in its log.'));
  found.push(...(await unencrypted(publicUrl)));
  return found.length > 0 ? found : [ok(name, `${publicUrl} answers, GLIR ${health.version}.`)];
};

/** Whether somebody who writes http is sent to https. */
async function unencrypted(publicUrl: string): Promise<Finding[]> {
  const url = new URL(publicUrl);
  if (url.protocol !== 'https:' || url.port !== '') return [];
  try {
    const answer = await fetch(`http://${url.host}/privacy`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body?.cancel();
    if (answer.status !== 200) return [];
    return [
      warning('public address', `http://${url.host} serves pages unencrypted.`, 'Have the proxy send http to https.'),
    ];
  } catch {
    return [];
  }
}

/** Dates, name and trust of the certificate that browsers are shown. */
export const checkCertificate: Check = async ({ config: { publicUrl }, now }) => {
  const url = new URL(publicUrl);
  if (url.protocol !== 'https:') return [skipped('certificate', 'PUBLIC_URL is http on this machine.')];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  let seen: { certificate: PeerCertificate; refused: string | null };
  try {
    seen = await certificateAt(host, Number(url.port || 443));
  } catch (error) {
    return [
      problem('certificate', `No TLS at ${url.host} (${reasonOf(error)}).`, 'Have the proxy in front speak TLS there.'),
    ];
  }
  const { certificate, refused } = seen;
  const days = Math.floor((Date.parse(certificate.valid_to) - now()) / DAY_MS);
  if (days < 0)
    return [
      problem('certificate', `It ended on ${certificate.valid_to}.`, 'Renew it, and have the proxy load the new one.'),
    ];
  if (Date.parse(certificate.valid_from) > now())
    return [problem('certificate', `It begins on ${certificate.valid_from}.`, "Set this machine's clock, or wait.")];
  if (refused !== null) return [problem('certificate', `Browsers refuse it (${refused}).`, untrusted(refused, host))];
  if (days < EXPIRES_SOON_DAYS)
    return [warning('certificate', `It ends in ${days} days, on ${certificate.valid_to}.`, 'Renew it.')];
  return [ok('certificate', `Good for ${host}, for ${days} more days.`)];
};

function certificateAt(host: string, port: number): Promise<{ certificate: PeerCertificate; refused: string | null }> {
  return new Promise((resolve, reject) => {
    const servername = /^[\d.]+$|:/.test(host) ? '' : host;
    const socket: TLSSocket = connect({ host, port, servername, rejectUnauthorized: false }, () => {
      const error: unknown = socket.authorizationError;
      const refused = socket.authorized ? null : error instanceof Error ? reasonOf(error) : String(error);
      resolve({ certificate: socket.getPeerCertificate(), refused });
      socket.end();
    });
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
  });
}

function untrusted(refused: string, host: string): string {
  if (refused === 'ERR_TLS_CERT_ALTNAME_INVALID') return `It names another host. Get one for ${host}.`;
  if (refused === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')
    return 'Have the proxy send the intermediate certificate as well (the full chain).';
  return "Nobody this machine trusts has signed it. Get one from a public CA; for a CA of your own set NODE_EXTRA_CA_CERTS for this check, and have every browser trust it, patients' too.";
}

/** Whether a socket opens through PUBLIC_URL, and stays. */
export const checkWebSocket: Check = async ({ config: { publicUrl }, holdMs }) => {
  const opened = await socketThrough(publicUrl, holdMs);
  if (opened.kind === 'stays') return [ok('websocket', 'A socket opens, and what the server says comes through.')];
  const found = {
    refused: (status: number): Finding => problem('websocket', `No socket opens: HTTP ${status}.`, refusedNext(status)),
    failed: (reason: string): Finding => problem('websocket', `No socket opens (${reason}).`, unreachable(reason)),
    cut: (seconds: number): Finding =>
      problem(
        'websocket',
        `The socket opens and is cut after ${seconds} s.`,
        "Raise the proxy's time limits for /signal (nginx proxy_read_timeout, HAProxy timeout tunnel).",
      ),
    silent: (): Finding =>
      problem(
        'websocket',
        'The socket opens, and nothing comes through.',
        "Turn the proxy's buffering off for /signal (nginx proxy_buffering off).",
      ),
  };
  if (opened.kind === 'refused') return [found.refused(opened.status)];
  if (opened.kind === 'failed') return [found.failed(opened.reason)];
  return [opened.kind === 'cut' ? found.cut(opened.seconds) : found.silent()];
};

type Opened =
  | { kind: 'stays' }
  | { kind: 'silent' }
  | { kind: 'refused'; status: number }
  | { kind: 'failed'; reason: string }
  | { kind: 'cut'; seconds: number };

function socketThrough(publicUrl: string, holdMs: number): Promise<Opened> {
  return new Promise((resolve) => {
    const socket = new WebSocket(publicUrl.replace(/^http/, 'ws') + SOCKET_PATH, {
      origin: publicUrl,
      handshakeTimeout: ANSWER_MS,
    });
    let beats = 0;
    let openedAt = 0;
    const settle = (opened: Opened): void => {
      clearTimeout(timer);
      socket.removeAllListeners('close');
      socket.terminate();
      resolve(opened);
    };
    let timer: NodeJS.Timeout | undefined;
    socket.on('open', () => {
      openedAt = performance.now();
      timer = setTimeout(() => settle({ kind: beats > 0 ? 'stays' : 'silent' }), holdMs);
    });
    socket.on('message', () => {
      beats += 1;
      if (beats >= HEARTBEATS) settle({ kind: 'stays' });
    });
    socket.on('close', () => settle({ kind: 'cut', seconds: Math.round((performance.now() - openedAt) / 1000) }));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => settle({ kind: 'refused', status: statusCode }));
    socket.on('error', (error) => {
      if (openedAt === 0) settle({ kind: 'failed', reason: reasonOf(error) });
    });
  });
}

function refusedNext(status: number): string {
  switch (status) {
    case 403:
      return 'The server there has another PUBLIC_URL. Set the same one for it.';
    case 404:
    case 426:
      return 'A proxy takes Upgrade away. Have it pass on Upgrade and Connection (nginx: proxy_http_version 1.1 and both headers).';
    case 429:
      return 'This address has asked too often. Wait a minute; if it stays, everybody counts as one address (see proxies).';
    case 502:
    case 503:
    case 504:
      return 'The proxy does not reach GLIR. Start it, or correct where the proxy sends requests.';
    default:
      return 'Have the proxy pass /signal on to GLIR without a login.';
  }
}

/** What the server sees of the proxies in front, asked often enough that it is sure. */
export const checkProxies: Check = async ({ config: { publicUrl, http } }) => {
  const health = await healthAfterRequests(publicUrl);
  if (health === null) return [skipped('proxies', 'PUBLIC_URL does not lead to GLIR.')];
  const { proxy } = health;
  if (proxy === undefined) {
    const trusted =
      http.trustProxy === 0 ? 'no proxy' : http.trustProxy === 1 ? 'one proxy' : `${http.trustProxy} proxies`;
    return [ok('proxies', `The server trusts ${trusted}, and sees as many.`)];
  }
  const [says, next] = PROXY_WORDS[proxy as ProxyMistake] ?? [
    `It says ${proxy}.`,
    'Look for proxy-misconfigured in the log.',
  ];
  return [problem('proxies', says, next)];
};

/** Null where PUBLIC_URL does not lead to GLIR. */
async function healthAfterRequests(publicUrl: string): Promise<z.infer<typeof healthSchema> | null> {
  const ask = (path: string): Promise<Response> =>
    fetch(publicUrl + path, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
  try {
    for (let count = 0; count < REQUESTS; count++) await (await ask('/robots.txt')).body?.cancel();
    return parsed(await (await ask('/healthz')).text());
  } catch {
    return null;
  }
}

const PROXY_WORDS: Partial<Record<ProxyMistake, readonly [string, string]>> = {
  'no-forwarded-for': [
    'Requests come without X-Forwarded-For: everybody counts as one address.',
    'Have the proxy set it (nginx: proxy_set_header X-Forwarded-For $remote_addr), or set GLIR_TRUST_PROXY=0.',
  ],
  'too-few-trusted': [
    'More proxies stand in front than GLIR_TRUST_PROXY says: everybody behind the outer one counts as one address.',
    'Set GLIR_TRUST_PROXY to the number of proxies; the log has it (proxy-misconfigured).',
  ],
  'too-many-trusted': [
    'Fewer proxies stand in front than GLIR_TRUST_PROXY says: anybody can choose an address.',
    'Set GLIR_TRUST_PROXY to the number of proxies; the log has it (proxy-misconfigured).',
  ],
};

function unreachable(reason: string): string {
  switch (reason) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of PUBLIC_URL is unknown here. Correct it, or its DNS entry.';
    case 'ECONNREFUSED':
      return 'Nothing listens there. Start GLIR and the proxy in front, or correct PUBLIC_URL.';
    case 'CERT_HAS_EXPIRED':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'See certificate.';
    default:
      return 'Look at the firewall and the proxy in front. Where this machine may not reach its own public address (hairpin NAT), run the check from another one.';
  }
}

function parsed(text: string): z.infer<typeof healthSchema> | null {
  try {
    return healthSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
