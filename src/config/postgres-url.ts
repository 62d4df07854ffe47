import { isAbsolute } from 'node:path';
import { hostOf, isAddress, isHostName, isLoopbackHost } from './addresses.ts';
import { Secret } from './secret.ts';
import { parsed } from './value-types.ts';

const EXAMPLE = 'Set postgres://user:password@host:5432/database.';
const STANDARD_PORT = 5432;
const PARAMETERS = ['host', 'sslmode', 'sslrootcert'];
const MODES = ['verify-full', 'require', 'disable'] as const;

/** A PostgreSQL database, and how GLIR gets there. */
export interface PostgresConfig {
  /** Host name, IP address without brackets, or the absolute path of the folder of its Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null where the server asks for none. */
  readonly password: Secret | null;
  readonly database: string;
  readonly tls: {
    /** As libpq means them. */
    readonly mode: 'disable' | 'require' | 'verify-full';
    /** Path of the PEM file with the certificates of the CAs that are trusted; null for those that Node trusts. */
    readonly rootCert: string | null;
  };
}

/**
 * A connection URI as libpq reads it (PostgreSQL's manual, "Connection URIs"), of one host. No message repeats any of it: it
 * holds a password.
 */
export const postgresUrl = parsed((text): { value: PostgresConfig } | { wrong: string } => {
  const url = URL.parse(text);
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    return { wrong: `not an address with postgres://, or of several hosts. ${EXAMPLE}` };
  }
  try {
    return read(url);
  } catch {
    return { wrong: `holds a % that encodes no character. Write % as %25. ${EXAMPLE}` };
  }
});

/** Whether a PostgreSQL is on this machine. */
export function isHere(host: string): boolean {
  return isAbsolute(host) || isLoopbackHost(host);
}

function read(url: URL): { value: PostgresConfig } | { wrong: string } {
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent);
  const host = url.searchParams.get('host') ?? hostOf(url);
  const { wrong, ...tls } = readTls(url.searchParams, host);
  const problem = wrongWithServer(url, host) ?? wrong;
  if (problem !== null) return { wrong: problem };
  if (!user || !database) return { wrong: `names no user or no database. ${EXAMPLE}` };
  const port = url.port === '' ? STANDARD_PORT : Number(url.port);
  return { value: { host, port, user, password: password ? new Secret(password) : null, database, tls } };
}

function wrongWithServer({ searchParams, hash }: URL, host: string): string | null {
  const names = [...searchParams.keys()];
  if (names.some((name) => !PARAMETERS.includes(name)) || new Set(names).size < names.length) {
    return `has a parameter behind ? that is none of ${PARAMETERS.join(', ')}, or one twice. Take it out.`;
  }
  if (hash !== '') return 'has a # in it. Write # as %23 in the password.';
  if (searchParams.has('host') && !isAbsolute(host)) {
    return 'has a host behind ?, which can only be the folder of a Unix socket, such as /var/run/postgresql.';
  }
  if (isAbsolute(host) || isAddress(host) || isHostName(host)) return null;
  return `names no host. ${EXAMPLE}`;
}

function readTls(parameters: URLSearchParams, host: string): PostgresConfig['tls'] & { wrong: string | null } {
  const given = parameters.get('sslmode');
  const mode = MODES.find((known) => known === (given ?? (isHere(host) ? 'disable' : 'verify-full')));
  const rootCert = parameters.get('sslrootcert');
  const isWrong = rootCert !== null && !isAbsolute(rootCert);
  const wrong =
    mode === undefined
      ? `has an sslmode that is none of ${MODES.join(', ')}. Set verify-full, with sslrootcert=/path/of/the/CA.pem for a CA of your own.`
      : isWrong
        ? 'has an sslrootcert that is no absolute path. Set the path of a PEM file with the certificate of a CA.'
        : null;
  return { mode: mode ?? 'verify-full', rootCert, wrong };
}
