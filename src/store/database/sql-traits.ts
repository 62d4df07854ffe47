/** What SQL databases say differently when tables are made; the rest of a migration is understood by all of them. */
export interface SqlTraits {
  readonly bytes: 'BLOB' | 'BYTEA';
  /** Compared byte by byte, so that no update of a system's languages changes the order of an index. */
  readonly text: 'TEXT' | 'TEXT COLLATE "C"';
  /** Of milliseconds, too large for 32 bits. */
  readonly time: 'INTEGER' | 'BIGINT';
  /** Of a number that the database counts up by itself. */
  readonly serial: 'INTEGER' | 'BIGSERIAL';
  /** What stands before the name of a table or an index that is made. */
  readonly ifMissing: 'IF NOT EXISTS' | '';
  /** What follows a table's closing parenthesis. */
  readonly tableEnd: 'STRICT' | '';
  /** Refuse rows of the audit that do not follow the last one, changes, and deletions that no row tells of. */
  readonly auditGuards: readonly string[];
  /** Names this database, see `incarnationOf`. */
  readonly incarnation: string;
  /** Take away what only GLIR 0.1 had. */
  readonly leftovers: readonly string[];
}

const NOT_NEXT = 'a row of the audit follows the last one';
const CHANGED = 'a row of the audit is never changed';
const UNTOLD = 'a row of the audit is deleted only when the last row says so';

export const sqliteTraits: SqlTraits = {
  bytes: 'BLOB',
  text: 'TEXT',
  time: 'INTEGER',
  serial: 'INTEGER',
  ifMissing: 'IF NOT EXISTS',
  tableEnd: 'STRICT',
  auditGuards: [
    `CREATE TRIGGER IF NOT EXISTS audit_grows BEFORE INSERT ON audit
     WHEN new.seq IS NOT coalesce((SELECT max(seq) FROM audit), 0) + 1
     BEGIN SELECT RAISE(ABORT, '${NOT_NEXT}'); END`,
    `CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE UPDATE ON audit
     BEGIN SELECT RAISE(ABORT, '${CHANGED}'); END`,
    `CREATE TRIGGER IF NOT EXISTS audit_is_purged BEFORE DELETE ON audit
     WHEN NOT coalesce((
       SELECT record ->> 'action' = 'audit-purged' AND record ->> 'through' >= old.seq
       FROM audit ORDER BY seq DESC LIMIT 1
     ), 0)
     BEGIN SELECT RAISE(ABORT, '${UNTOLD}'); END`,
  ],
  incarnation: 'NULL',
  leftovers: ['DROP TABLE IF EXISTS states', 'DROP TABLE IF EXISTS checks'],
};

/** Tables of that name that are there already are somebody else's, so the migration fails on them. */
export const postgresTraits: SqlTraits = {
  bytes: 'BYTEA',
  text: 'TEXT COLLATE "C"',
  time: 'BIGINT',
  serial: 'BIGSERIAL',
  ifMissing: '',
  tableEnd: '',
  auditGuards: [
    postgresFunction(
      'audit_grows',
      `IF new.seq IS DISTINCT FROM coalesce((SELECT max(seq) FROM audit), 0) + 1 THEN
         RAISE EXCEPTION '${NOT_NEXT}';
       END IF;
       RETURN new;`,
    ),
    'CREATE TRIGGER audit_grows BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_grows()',
    postgresFunction('audit_stays', `RAISE EXCEPTION '${CHANGED}';`),
    'CREATE TRIGGER audit_stays BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()',
    // Once for each statement: what is purged at a time can be a day of millions of rows.
    postgresFunction(
      'audit_is_purged',
      `IF EXISTS (SELECT FROM gone) AND NOT coalesce((
         SELECT record::json ->> 'action' = 'audit-purged'
           AND (record::json ->> 'through')::bigint >= (SELECT max(seq) FROM gone)
         FROM audit ORDER BY seq DESC LIMIT 1
       ), false) THEN
         RAISE EXCEPTION '${UNTOLD}';
       END IF;
       RETURN NULL;`,
    ),
    `CREATE TRIGGER audit_is_purged AFTER DELETE ON audit REFERENCING OLD TABLE AS gone
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_purged()`,
    postgresFunction('audit_is_not_emptied', `RAISE EXCEPTION '${UNTOLD}';`),
    `CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_not_emptied()`,
  ],
  incarnation: `(SELECT oid FROM pg_database WHERE datname = current_database()) || '-' || 'rooms'::regclass::oid || '-' ||
    substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`,
  leftovers: [],
};

function postgresFunction(name: string, body: string): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$`;
}
