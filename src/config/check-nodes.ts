import { addressKind, hostOf, isAddress, isLocalAddress, isPublicHost, isWildcard, type Machine } from './addresses.ts';
import type { Web } from './check-network.ts';
import type { Storage } from './check-storage.ts';
import type { ClusterConfig, Findings } from './config.ts';
import { EXAMPLE_DATA_KEY, MAKE_A_DATA_KEY } from './value-types.ts';
import type { Variables } from './variables.ts';

const EXAMPLE = 'such as GLIR_NODE_URL=http://10.0.0.5:7400';

/**
 * Checks what makes this server a node of a cluster: a PostgreSQL, a URL and a key, all three or none. Without a place to
 * listen it is the URL's, where that says which of this machine's addresses the private one is.
 */
export function checkNodes(
  values: Variables,
  { web, storage, machine }: { web: Web; storage: Storage; machine: Machine },
  findings: Findings,
): ClusterConfig | null {
  const { GLIR_NODE_URL: url, GLIR_CLUSTER_KEY: key } = values;
  checkTogether(values, findings);
  if (url === undefined || key === undefined) return null;
  if (storage.postgres === null) {
    findings.refuse(
      'GLIR_DATABASE_URL',
      'missing. Several servers share what they keep in PostgreSQL. Set GLIR_DATABASE_URL to the same database on all of them, or unset GLIR_NODE_URL and GLIR_CLUSTER_KEY.',
      ['GLIR_NODE_URL', 'GLIR_CLUSTER_KEY'],
    );
  }
  checkKey(key.reveal(), storage, findings);
  checkUrl(url, web, findings);
  const listen = values.GLIR_NODE_LISTEN ?? listenAtUrl(url, machine, findings);
  if (listen === null) return null;
  checkListen(listen, values, machine, findings);
  return { url: url.origin, listen, key };
}

function checkTogether(values: Variables, findings: Findings): void {
  const { GLIR_NODE_URL: url, GLIR_NODE_LISTEN: listen, GLIR_CLUSTER_KEY: key } = values;
  if (url === undefined && key !== undefined) {
    findings.refuse(
      'GLIR_NODE_URL',
      `missing beside GLIR_CLUSTER_KEY. Set where the other nodes reach this one, ${EXAMPLE}; or unset GLIR_CLUSTER_KEY on a server that is the only one.`,
      ['GLIR_CLUSTER_KEY'],
    );
  }
  if (url !== undefined && key === undefined) {
    findings.refuse(
      'GLIR_CLUSTER_KEY',
      `missing beside GLIR_NODE_URL. Set the same key on all nodes, or unset GLIR_NODE_URL on a server that is the only one. ${MAKE_A_DATA_KEY}`,
      ['GLIR_NODE_URL'],
    );
  }
  if (url === undefined && key === undefined && listen !== undefined) {
    findings.refuse(
      'GLIR_NODE_URL',
      `missing beside GLIR_NODE_LISTEN. Set it and GLIR_CLUSTER_KEY, ${EXAMPLE}; or unset GLIR_NODE_LISTEN on a server that is the only one.`,
      ['GLIR_NODE_LISTEN'],
    );
  }
}

function checkKey(key: string, { keys }: Storage, findings: Findings): void {
  const isSame = (other: string) => Buffer.from(other, 'base64').equals(Buffer.from(key, 'base64'));
  if (isSame(EXAMPLE_DATA_KEY)) {
    findings.refuse('GLIR_CLUSTER_KEY', `is the key of the documentation, which is no secret. ${MAKE_A_DATA_KEY}`);
  } else if (keys.some((dataKey) => isSame(dataKey.key.reveal()))) {
    findings.refuse('GLIR_CLUSTER_KEY', `is a key of GLIR_DATA_KEYS too. Set one of its own. ${MAKE_A_DATA_KEY}`, [
      'GLIR_DATA_KEYS',
    ]);
  }
}

function checkUrl(url: URL, web: Web, findings: Findings): void {
  const host = hostOf(url);
  if (isAddress(host) && ['unspecified', 'multicast', 'broadcast'].includes(addressKind(host))) {
    findings.refuse('GLIR_NODE_URL', `${host} is no address that another node can reach. Set this node's, ${EXAMPLE}.`);
  } else if (url.host === web.publicUrl.host) {
    findings.refuse(
      'GLIR_NODE_URL',
      `leads to PUBLIC_URL, which is for everybody and all nodes. Set this node's own address in the private network, ${EXAMPLE}.`,
      ['PUBLIC_URL'],
    );
  } else if (url.protocol === 'http:' && isPublicHost(host)) {
    findings.warn(
      `GLIR_NODE_URL=${url.origin} looks public, and requests between nodes are signed but not encrypted. Set an address of a private network, or https.`,
    );
  }
}

/** Only an address says where to listen: a name may stand for one that everybody reaches. */
function listenAtUrl(url: URL, machine: Machine, findings: Findings): ClusterConfig['listen'] | null {
  const host = hostOf(url);
  const name = host === 'localhost' ? '127.0.0.1' : host;
  const port = url.port === '' ? 80 : Number(url.port);
  if (url.protocol === 'http:' && isAddress(name) && isLocalAddress(name, machine.addresses))
    return { host: name, port };
  findings.refuse(
    'GLIR_NODE_LISTEN',
    `missing. GLIR_NODE_URL is no address of this machine with http, so it does not say where to listen. Set the address and port that it leads to, such as GLIR_NODE_LISTEN=10.0.0.5:${port}, or 0.0.0.0:${port} where a firewall keeps everybody else away.`,
    ['GLIR_NODE_URL'],
  );
  return null;
}

function checkListen(
  { host, port }: ClusterConfig['listen'],
  { PORT: web, GLIR_RTC_PORT: first, GLIR_WORKERS: workers }: Variables,
  machine: Machine,
  findings: Findings,
): void {
  if (!isWildcard(host) && !isLocalAddress(host, machine.addresses)) {
    findings.refuse(
      'GLIR_NODE_LISTEN',
      `${host} is not an address of this machine. Set one that is, or 0.0.0.0:${port} where a firewall keeps everybody else away.`,
    );
  }
  const last = first + workers - 1;
  if (port !== web && (port < first || port > last)) return;
  const whose = port === web ? "the web server's PORT" : "one of the data channels' ports (GLIR_RTC_PORT)";
  findings.refuse(
    'GLIR_NODE_LISTEN',
    `port ${port} is ${whose}. Set another port, in GLIR_NODE_URL as well where nothing translates it.`,
    ['PORT', 'GLIR_RTC_PORT', 'GLIR_WORKERS', 'GLIR_NODE_URL'],
  );
}
