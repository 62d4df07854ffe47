import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { StorePlace } from '../../../src/store/database/open-database.ts';
import type { TestPostgres } from '../../support/postgres/databases.ts';

/** Where a store is, and what somebody can do there without GLIR. */
export interface Place extends StorePlace {
  /** What GLIR's environment says of it. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Runs statements, which may break what tables promise each other (foreign keys); gives the rows of the last one. */
  meddle(statements: string): Promise<Record<string, unknown>[]>;
  /** Runs a statement as GLIR's own user, with what tables promise in force. */
  asServer(statement: string): Promise<void>;
  /** Takes everything away, as if nothing had ever been there. */
  wipe(): Promise<void>;
  /** Everything that is kept: every byte of every file, the write-ahead log included; or of every row. */
  bytes(): Promise<string>;
}

/** `glir.db` in a folder. */
export function sqlitePlace(dir: string): Place & { dir: string } {
  return {
    dir,
    postgres: null,
    env: { GLIR_DATA_DIR: dir },
    meddle: (statements) => Promise.resolve(meddle(dir, statements)),
    async asServer(statement) {
      const db = new DatabaseSync(join(dir, 'glir.db'));
      try {
        await Promise.resolve().then(() => db.exec(statement));
      } finally {
        db.close();
      }
    },
    wipe() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(join(dir, `glir.db${suffix}`), { force: true });
      return Promise.resolve();
    },
    bytes: () => Promise.resolve(bytesIn(dir)),
  };
}

/** A database in PostgreSQL. */
export function postgresPlace({ config, url, run, runAsOwner }: TestPostgres): Place {
  return {
    dir: null,
    postgres: config,
    env: { GLIR_DATABASE_URL: url },
    meddle: (statements) => run(`SET session_replication_role = replica; ${statements}`),
    asServer: runAsOwner,
    async wipe() {
      await run(`DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION ${config.user}`);
    },
    async bytes() {
      const tables = await run("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
      const kept: string[] = [];
      for (const { tablename } of tables) {
        for (const row of await run(`SELECT * FROM "${String(tablename)}"`)) {
          kept.push(...Object.values(row).map((value) => asLatin1(value)));
        }
      }
      return kept.join('\n');
    },
  };
}

/** Every byte of every file in the folder, the write-ahead log included. */
function bytesIn(dir: string): string {
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'latin1'))
    .join('');
}

/** Runs statements on the file behind GLIR's back. */
export function meddle(dir: string, statements: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(dir, 'glir.db'), { enableForeignKeyConstraints: false });
  try {
    const [last = '', ...before] = statements.split(/;\s*(?=SELECT\b)/).reverse();
    if (!last.trimStart().startsWith('SELECT')) {
      db.exec(statements);
      return [];
    }
    db.exec(before.reverse().join(';'));
    return db.prepare(last).all();
  } finally {
    db.close();
  }
}

function asLatin1(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : Buffer.from(String(value)).toString('latin1');
}
