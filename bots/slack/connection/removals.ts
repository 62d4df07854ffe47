import type { App } from '@slack/bolt';
import { z } from 'zod';
import { tenantOf as auditTenant } from '../../../src/audit/audit-events.ts';
import type { Timer } from '../../../src/clock.ts';
import type { Tenant } from '../../../src/store/store.ts';
import type { BotContext } from '../../commands/bot-context.ts';
import type { Tokens } from '../installations.ts';
import { errorFields } from '../slack-log.ts';

/** Pauses before an installation is looked at again, as long as nobody knows; the last one goes on. */
const UNKNOWN_PAUSES_MS = [1_000, 5_000, 30_000, 120_000, 600_000] as const;
/** The same when the token is alive although Slack says that GLIR was removed: the event may come before it is true. */
const ALIVE_PAUSES_MS = [60_000, 600_000] as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const UNREADABLE_MS = 60_000;
/** For so long one node alone forgets a tenant; another one goes on when it has not by then. */
const TAKEN_MS = 60_000;
/** Between two installations of the daily round. */
const PACE_MS = 1_500;

/**
 * Forgets tenants that removed GLIR. What Slack says of it is a hint: it may come late, twice, after GLIR was installed
 * again, or not at all. Whether it is true the token shows, which is dead then.
 */
export interface Removals {
  /**
   * Slack says that GLIR was removed from one of these workspaces or organisations, or its token taken back. Looks until
   * it is known, and until all is deleted.
   */
  suspected(ids: readonly string[]): void;
  /** Looks after every installation, now and once a day. May be called again. */
  start(): void;
  stop(): void;
}

interface Suspicion {
  tries: number;
  timer: Timer | null;
  /** Whether Slack said so; otherwise it is the daily round. */
  hinted: boolean;
  recorded: boolean;
}

export function createRemovals(bot: BotContext & { tokens: Tokens }): Removals {
  const { clock, log, store, tokens } = bot;
  const suspicions = new Map<string, Suspicion>();
  let round: Timer | null = null;

  /** Looks once, and again later where that is of use. */
  async function look(tenant: Tenant, suspicion: Suspicion): Promise<void> {
    suspicion.timer = null;
    suspicion.tries += 1;
    const result = await lookAt(tenant, suspicion).catch((error: unknown) => {
      log.error({ event: 'slack-removal-unknown', tenant: tenant.tenant, ...errorFields(error) });
      return 'unknown' as const;
    });
    const pause = pauseAfter(result, suspicion);
    if (pause === undefined) {
      suspicions.delete(tenant.tenant);
      return;
    }
    suspicion.timer = clock.after(pause, () => void look(tenant, suspicion));
  }

  /** Rejects when something cannot be read, asked or deleted. */
  async function lookAt(tenant: Tenant, suspicion: Suspicion): Promise<'none' | 'alive' | 'dead' | 'unknown'> {
    const { state, token } = await tokens.check(tenant, { hinted: suspicion.hinted });
    if (state === 'alive' && suspicion.hinted) log.warn({ event: 'slack-removal-not-true', tenant: tenant.tenant });
    if (state !== 'dead') return state;
    const done = await tokens.inTurn(tenant, () => forgetOnce(tenant, suspicion, token));
    return done ? 'dead' : 'unknown';
  }

  /**
   * Forgets a tenant whose token is dead, on one node alone: Slack tells of one removal by several events, which may come to
   * several nodes at once. False where it has another token by now, or another node is at it. Rejects like `forgetTenant`.
   */
  async function forgetOnce(tenant: Tenant, suspicion: Suspicion, token: string | null): Promise<boolean> {
    const { deliveries } = store;
    const key = `slack-removal ${tenant.tenant}`;
    // Notes end in any case, also while nothing can be written.
    if (!suspicion.recorded && !(await deliveries.take(key, TAKEN_MS).catch(() => true))) return false;
    // GLIR may have been installed again meanwhile.
    const isSame = (await tokens.stored(tenant)) === token;
    if (isSame) {
      if (!suspicion.recorded) {
        bot.audit.record({ action: 'app-uninstalled', ...auditTenant(tenant), where: 'workspace' });
      }
      suspicion.recorded = true;
      await forgetTenant(tenant, bot);
    }
    // Whoever installs GLIR again may remove it again.
    await deliveries.giveBack(key).catch(() => undefined);
    return isSame;
  }

  function suspect(tenant: Tenant, hinted: boolean): void {
    const known = suspicions.get(tenant.tenant);
    if (known === undefined) {
      const suspicion = { tries: 0, timer: null, hinted, recorded: false };
      suspicions.set(tenant.tenant, suspicion);
      void look(tenant, suspicion);
      return;
    }
    known.hinted ||= hinted;
    if (!hinted || known.timer === null) return;
    known.timer.cancel();
    known.tries = 0;
    void look(tenant, known);
  }

  async function lookAtAll(): Promise<void> {
    let tenants: readonly Tenant[];
    try {
      tenants = await store.installations.tenants('slack');
    } catch (error) {
      log.error({ event: 'slack-installations-unreadable', ...errorFields(error) });
      if (round !== null) round = clock.after(UNREADABLE_MS, () => void lookAtAll());
      return;
    }
    lookAtEach(tenants);
  }

  /** One after the other; the next round follows a day after the last of them. */
  function lookAtEach([tenant, ...others]: readonly Tenant[]): void {
    if (round === null) return;
    if (tenant === undefined) {
      round = clock.after(DAY_MS, () => void lookAtAll());
      return;
    }
    suspect(tenant, false);
    round = clock.after(PACE_MS, () => lookAtEach(others));
  }

  return {
    suspected(ids) {
      for (const tenant of new Set(ids)) suspect({ platform: 'slack', tenant }, true);
    },
    start() {
      round ??= clock.after(0, () => void lookAtAll());
    },
    stop() {
      round?.cancel();
      round = null;
      for (const { timer } of suspicions.values()) timer?.cancel();
      suspicions.clear();
    },
  };
}

/** Undefined when there is nothing more to look at. */
function pauseAfter(result: 'none' | 'alive' | 'dead' | 'unknown', { tries, hinted }: Suspicion): number | undefined {
  switch (result) {
    case 'none':
    case 'dead':
      return undefined;
    case 'alive':
      return hinted ? ALIVE_PAUSES_MS[tries - 1] : undefined;
    case 'unknown':
      return hinted ? (UNKNOWN_PAUSES_MS[tries - 1] ?? UNKNOWN_PAUSES_MS.at(-1)) : undefined;
  }
}

const text = z.string().min(1);
const namedSchema = z.object({ team_id: text.nullish().catch(null), enterprise_id: text.nullish().catch(null) });
const envelopeSchema = namedSchema.extend({ authorizations: z.array(namedSchema).nullish().catch(null) });

/**
 * Every workspace and organisation that an event names: which of them it is about it says in `authorizations`, which may be
 * missing or empty.
 */
function tenantsNamedIn(body: unknown): string[] {
  const envelope = envelopeSchema.safeParse(body).data;
  if (envelope === undefined) return [];
  const named = [envelope, ...(envelope.authorizations ?? [])];
  return named.flatMap(({ team_id: team, enterprise_id: enterprise }) =>
    [team, enterprise].filter((id) => typeof id === 'string'),
  );
}

/** Slack's events about the end of an installation. */
export function handleRemovalEvents(app: App, removals: Removals): void {
  app.event('app_uninstalled', ({ body }) => {
    removals.suspected(tenantsNamedIn(body));
    return Promise.resolve();
  });
  app.event('tokens_revoked', ({ event, body }) => {
    // A person's own token is none of ours.
    if ((event.tokens.bot ?? []).length > 0) removals.suspected(tenantsNamedIn(body));
    return Promise.resolve();
  });
}

/**
 * Ends a tenant's rooms, and then deletes its rows, whether or not every node could be told of the end.
 * Rejects when the rows cannot be deleted.
 */
export async function forgetTenant(
  tenant: Tenant,
  { rooms, store, audit, log }: Pick<BotContext, 'rooms' | 'store' | 'audit' | 'log'>,
): Promise<void> {
  const ended = await rooms.endTenant(tenant, 'stopped').catch((error: unknown) => {
    log.error({ event: 'slack-rooms-not-ended', tenant: tenant.tenant, ...errorFields(error) });
    return null;
  });
  try {
    await store.removeTenant(tenant);
    audit.record({ action: 'tenant-data-removed', ...auditTenant(tenant) });
    log.info({ event: 'slack-removed', tenant: tenant.tenant, ended });
  } catch (error) {
    log.error({ event: 'slack-not-removed', tenant: tenant.tenant, ...errorFields(error) });
    throw error;
  }
}
