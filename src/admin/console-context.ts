import type { Logger } from 'pino';
import type { AskedOfAdmins } from '../../bots/commands/settings-form.ts';
import type { Audit } from '../audit/audit-log.ts';
import type { Clock } from '../clock.ts';
import type { RoomDirectory } from '../cluster/room-directory.ts';
import type { Config } from '../config/config.ts';
import type { DoctorId, Store, Tenant } from '../store/store.ts';

/** What the console asks of the chat platforms. */
export interface AdminPlatforms {
  /** Whether somebody may change the settings of their tenant, which still has GLIR. */
  isAdmin(person: DoctorId): Promise<boolean>;
  /** Every tenant that has GLIR, and whether GLIR can speak there. */
  tenants(): Promise<readonly { readonly tenant: Tenant; readonly isWell: boolean }[]>;
  /** What a tenant's settings ask for. */
  asked(platform: Tenant['platform']): AskedOfAdmins;
}

/** What the console's pages work with; made once, when the server starts. */
export interface ConsoleContext {
  readonly config: Config;
  readonly isOwnOrigin: (origin: string) => boolean;
  readonly store: Store;
  readonly audit: Audit;
  readonly rooms: RoomDirectory;
  readonly platforms: AdminPlatforms;
  readonly clock: Clock;
  readonly log: Logger;
}
