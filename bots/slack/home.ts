import type { App } from '@slack/bolt';
import type { Person } from '../../src/store/store.ts';
import { pastNotes, settingsOf } from '../commands/desk.ts';
import { homeView, PAST_SHOWN } from '../commands/home-view.ts';
import { homeOf } from './blocks.ts';
import type { SlackDesk } from './desk.ts';
import { tenantOf } from './tenant.ts';

/** Shows a doctor's Home tab as it is now. Rejects when Slack or the store cannot be reached. */
export async function publishHome(doctor: Person, desk: Omit<SlackDesk, 'homes' | 'notes'>): Promise<void> {
  const speaker = await desk.tokens.of(doctor);
  if (speaker === null) return;
  // Without the history or the settings the tab is still of use.
  const [past, settings] = await Promise.all([pastNotes(doctor, PAST_SHOWN, desk), settingsOf(doctor, desk)]);
  const isAdmin = speaker.installedBy === doctor.user;
  const live = desk.rooms.of({ ...doctor, displayName: '' });
  await speaker.client.views.publish({
    user_id: doctor.user,
    view: homeOf(homeView({ live, past, settings: isAdmin ? settings : null })),
  });
}

/** Shows the Home tab when a doctor opens it. */
export function answerHome(app: App, desk: SlackDesk): void {
  app.event('app_home_opened', async ({ event, context }) => {
    const tenant = tenantOf(context);
    if (event.tab !== 'home' || tenant === null || context.botToken === undefined) return;
    await desk.homes.opened({ ...tenant, user: event.user });
  });
}
