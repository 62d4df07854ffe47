import type { App } from '@slack/bolt';
import type { Timer } from '../../src/clock.ts';
import { isNodeUnreachable, type RoomView } from '../../src/cluster/room-directory.ts';
import type { SlackConfig } from '../../src/config/config.ts';
import type { DoctorId } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { pastNotes } from '../commands/history.ts';
import { homeView, PAST_SHOWN } from '../commands/home-view.ts';
import { effective, loadOwnSettings } from '../commands/settings.ts';
import { remedyFor } from '../delivery/delivery-error.ts';
import { pauseAfter } from '../delivery/retry-pauses.ts';
import { homeOf } from './blocks.ts';
import type { SlackSender } from './connection/slack-sender.ts';
import { adminsOf, type Tokens, tenantOf } from './installations.ts';
import { errorFields } from './slack-log.ts';

/** How long after a doctor looked at the Home tab it is kept up to date; opening it again brings it up to date anyway. */
const WATCHED_MS = 60 * 60 * 1000;
/** What changes within this time costs one call. */
const PACE_MS = 1_000;
/** How often a tab that Slack does not take is tried again. */
const TRIES = 8;
/** Doctors whose Home tab is kept up to date at a time. */
const WATCHED_MAX = 5_000;

type HomeContext = BotContext & { tokens: Tokens; slack: SlackConfig; sender: SlackSender };

/** The Home tabs that doctors look at. */
export interface HomeTabs {
  /** The doctor looks at it now. Never rejects. */
  opened(doctor: DoctorId): Promise<void>;
  /** Shows what is true now, to a doctor who looked at it lately. Never rejects. */
  publish(doctor: DoctorId): Promise<void>;
  /** Publishes no more. */
  close(): void;
}

/** Watches the rooms from now on, to publish what changes. */
export function createHomeTabs(bot: HomeContext): HomeTabs {
  const { rooms, clock, log } = bot;
  const watched = new Map<string, number>();
  const due = new Map<string, Timer>();
  const keyOf = ({ tenant, user }: DoctorId) => `${tenant} ${user}`;

  function isWatched(doctor: DoctorId): boolean {
    const at = watched.get(keyOf(doctor));
    return at !== undefined && clock.now() - at < WATCHED_MS;
  }

  async function show(doctor: DoctorId, failures = 0): Promise<void> {
    try {
      await publishHomeTab(doctor, bot);
    } catch (error) {
      log.warn({ event: 'slack-home-not-shown', ...errorFields(error) });
      if (failures < TRIES && remedyFor(error) === 'later')
        showLater(doctor, pauseAfter(error, failures + 1), failures + 1);
    }
  }

  function showLater(doctor: DoctorId, ms: number, failures = 0): void {
    const key = keyOf(doctor);
    if (due.has(key) || !isWatched(doctor)) return;
    due.set(
      key,
      clock.after(ms, () => {
        due.delete(key);
        void show(doctor, failures);
      }),
    );
  }

  const unlisten = rooms.onEvent(({ room: { doctor } }) => {
    if (doctor.platform === 'slack') showLater(doctor, PACE_MS);
  });

  return {
    async opened(doctor) {
      watched.delete(keyOf(doctor));
      watched.set(keyOf(doctor), clock.now());
      const [oldest] = watched.keys();
      if (watched.size > WATCHED_MAX && oldest !== undefined) watched.delete(oldest);
      await show(doctor);
    },
    async publish(doctor) {
      if (isWatched(doctor)) await show(doctor);
    },
    close() {
      unlisten();
      for (const timer of due.values()) timer.cancel();
      watched.clear();
    },
  };
}

/** Rejects when Slack cannot be reached. */
async function publishHomeTab(doctor: DoctorId, bot: HomeContext): Promise<void> {
  const tenant = await bot.tokens.of(doctor);
  if (tenant === null) return;
  // Without the history or the settings the tab is still of use.
  const [live, past, own, personal, language] = await Promise.all([
    liveRooms(doctor, bot),
    pastNotes(doctor, PAST_SHOWN, bot),
    loadOwnSettings(doctor, bot),
    bot.preferences.of(doctor),
    bot.preferences.languageOf(doctor),
  ]);
  const isAdmin = adminsOf(tenant, bot.slack, own.admins).includes(doctor.user);
  const { reinstalledBy } = tenant;
  const view = homeOf(
    homeView(
      {
        live,
        past,
        personal,
        settings: isAdmin ? effective(own, bot.limits) : null,
        notice: isAdmin && reinstalledBy !== null ? language.text('slack.reinstalled', { id: reinstalledBy }) : null,
      },
      language,
    ),
  );
  // Not tried again for long: by then another view may be the true one.
  await bot.sender.once(doctor, { scope: null, urgent: true }, (client) =>
    client.views.publish({ user_id: doctor.user, view }),
  );
}

/** Null when a node that may have some does not answer. */
async function liveRooms(doctor: DoctorId, { rooms }: Pick<BotContext, 'rooms'>): Promise<RoomView[] | null> {
  try {
    return await rooms.of(doctor);
  } catch (error) {
    if (isNodeUnreachable(error)) return null;
    throw error;
  }
}

/**
 * Shows the Home tab when a doctor opens it, and introduces GLIR in the Messages tab. See
 * https://docs.slack.dev/reference/events/app_home_opened
 */
export function handleHomeTab(app: App, homes: HomeTabs, welcome: (doctor: DoctorId) => Promise<void>): void {
  app.event('app_home_opened', async ({ event, context }) => {
    const tenant = tenantOf(context);
    if (tenant === null || context.botToken === undefined) return;
    const doctor = { ...tenant, user: event.user };
    await (event.tab === 'home' ? homes.opened(doctor) : welcome(doctor));
  });
}
