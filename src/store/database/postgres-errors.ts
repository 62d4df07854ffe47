import { StoreError } from '../errors.ts';

/** What to do, by the beginning of an error's SQLSTATE (PostgreSQL's manual, appendix A). */
const BY_STATE: readonly (readonly [state: string, text: string])[] = [
  ['08', 'cannot be reached. Look whether it runs, and at host and port in GLIR_DATABASE_URL.'],
  ['25006', 'takes no writes, as a standby does. Set GLIR_DATABASE_URL to the primary.'],
  ['28', 'does not let GLIR in. Look at user, password and sslmode in GLIR_DATABASE_URL, and at pg_hba.conf.'],
  ['3D', 'has no such database. Make the one that GLIR_DATABASE_URL names: CREATE DATABASE glir OWNER glir.'],
  ['42501', 'does not let GLIR do that. The user in GLIR_DATABASE_URL has to own the database and its tables.'],
  ['42P07', 'has tables of something else in this database. Give GLIR one of its own in GLIR_DATABASE_URL.'],
  ['53', 'has no room. Look at the space on its disk, its memory and max_connections.'],
  ['55P03', 'is busy: a call waited too long for another one. It is tried again by itself where that helps.'],
  ['57014', 'is busy: a call took too long. It is tried again by itself where that helps.'],
  ['57P', 'is stopping or starting. GLIR connects again by itself.'],
];
const OTHERWISE = 'failed. Look at its log, and restore it from a backup where it is damaged.';

const SQL_STATE = /^[0-9A-Z]{5}$/;
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/;

/**
 * What PostgreSQL's client threw, as a StoreError `unusable` that says what to look at. Its own messages are not repeated,
 * because some of them quote rows; its code is, and stands in `cause` for whoever has to tell errors apart.
 */
export function asPostgresError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError || error instanceof TypeError) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return unusable(textOf(error, code), code);
}

/** A StoreError for a connection on which nothing was heard in time. */
export function silentPostgres(): StoreError {
  return unusable('is busy or does not answer in time. Look whether it runs, and at the network to it.', null);
}

/** Whether a row names a row of another table that is gone. */
export function isForeignKeyViolation(error: unknown): boolean {
  return error instanceof StoreError && Object(error.cause).code === '23503';
}

function textOf(error: Error, code: string | null): string {
  if (code !== null && UNTRUSTED.test(code)) {
    return "'s certificate is not trusted. Name its CA's certificate (PEM) with sslrootcert=/path in GLIR_DATABASE_URL, and the host as in the certificate; sslmode=require encrypts without checking whose certificate it is.";
  }
  if (error.message.includes('does not support SSL')) {
    return 'offers no TLS. Set ssl = on there; or sslmode=disable in GLIR_DATABASE_URL where nobody else can read the network.';
  }
  if (error.message.startsWith('SASL')) return textFor('28');
  return textFor(code !== null && SQL_STATE.test(code) ? code : '08');
}

function textFor(sqlState: string): string {
  return BY_STATE.find(([state]) => sqlState.startsWith(state))?.[1] ?? OTHERWISE;
}

function unusable(text: string, code: string | null): StoreError {
  const what = text.startsWith("'") ? `PostgreSQL${text}` : `PostgreSQL ${text}`;
  const message = `The store cannot be used: ${what}${code === null ? '' : ` (${code})`}`;
  return new StoreError('unusable', message, { cause: code === null ? undefined : { code } });
}
