import type { App } from '@slack/bolt';
import type { DoctorId } from '../../src/store/store.ts';
import { pastNotes, settingsOf } from '../commands/desk.ts';
import { homeView, PAST_SHOWN } from '../commands/home-view.ts';
import { homeOf } from './blocks.ts';
import type { SlackContext } from './desk.ts';
import { tenantOf } from './tenant.ts';

/** Shows a doctor's Home tab as it is now. Rejects when Slack or the store cannot be reached. */
export async function publishHome(doctor: DoctorId, bot: Omit<SlackContext, 'homes' | 'notes'>): Promise<void> {
  const speaker = await bot.tokens.of(doctor);
  if (speaker === null) return;
  // Without the history or the settings the tab is still of use.
  const [past, settings] = await Promise.all([pastNotes(doctor, PAST_SHOWN, bot), settingsOf(doctor, bot)]);
  const isAdmin = speaker.installedBy === doctor.user;
  const live = bot.rooms.of({ ...doctor, displayName: '' });
  await speaker.client.views.publish({
    user_id: doctor.user,
    view: homeOf(homeView({ live, past, settings: isAdmin ? settings : null })),
  });
}

/** Shows the Home tab when a doctor opens it. */
export function answerHome(app: App, bot: SlackContext): void {
  app.event('app_home_opened', async ({ event, context }) => {
    const tenant = tenantOf(context);
    if (event.tab !== 'home' || tenant === null || context.botToken === undefined) return;
    await bot.homes.opened({ ...tenant, user: event.user });
  });
}
