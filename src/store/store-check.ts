import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openDatabase, type StorePlace } from './database/open-database.ts';
import { sharedDisk } from './database/shared-disk.ts';
import { DATABASE_NAME, damageIn } from './database/sqlite-database.ts';
import { StoreError } from './errors.ts';
import { openStore } from './open-store.ts';

/**
 * Looks at a store without a server's lock, and changes nothing in a folder.
 *
 * @returns `damage`: what is wrong with `glir.db`, in SQLite's words; `shared`: the file system, when others may share it
 * @throws StoreError when it cannot be used
 */
export async function lookAtStore(
  place: StorePlace,
): Promise<{ kind: 'PostgreSQL' | 'glir.db' | 'none'; damage: string | null; shared: string | null }> {
  if (place.postgres !== null) {
    const { close } = await openDatabase(place);
    await close();
    return { kind: 'PostgreSQL', damage: null, shared: null };
  }
  if (place.dir === null)
    throw new StoreError('unusable', 'There is no folder for durable data. Set GLIR_DATA_DIR to an absolute path.');
  if (!existsSync(join(place.dir, DATABASE_NAME))) return { kind: 'none', damage: null, shared: null };
  return { kind: 'glir.db', damage: damageIn(place.dir), shared: sharedDisk(place.dir) };
}

const tokenSchema = z.looseObject({ bot: z.looseObject({ token: z.string() }) });

/** The tokens of all installations of a platform, for whoever tries them; none where there is no store yet. */
export async function installedTokens(
  settings: Config['store'],
  platform: 'slack',
): Promise<{ tenant: string; token: string }[]> {
  const isThere =
    settings.postgres !== null || (settings.dir !== null && existsSync(join(settings.dir, DATABASE_NAME)));
  if (!isThere) return [];
  const store = await openStore({ settings, clock: systemClock, log: pino({ level: 'silent' }) });
  try {
    const found: { tenant: string; token: string }[] = [];
    for (const tenant of await store.installations.tenants(platform)) {
      const installation = await store.installations.find(tenant, tokenSchema);
      if (installation !== null) found.push({ tenant: tenant.tenant, token: installation.bot.token });
    }
    return found;
  } finally {
    await store.close();
  }
}
