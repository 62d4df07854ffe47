import type { App } from '@slack/bolt';
import type { Person } from '../../src/store/store.ts';
import { type Desk, settingsOf } from './desk.ts';
import { homeView, PAST_SHOWN } from './home-view.ts';
import { faultOf } from './sdk-log.ts';
import { tenantOf } from './tenant.ts';

/** Shows a doctor's Home tab as it is now. Rejects when Slack or the store cannot be reached. */
export async function publishHome(doctor: Person, desk: Omit<Desk, 'homes' | 'notes'>): Promise<void> {
  const speaker = await desk.tokens.of(doctor);
  if (speaker === null) return;
  const [past, settings] = await Promise.all([pastNotes(doctor, desk), settingsOf(doctor, desk)]);
  const isAdmin = speaker.installedBy === doctor.user;
  const live = desk.rooms.of({ ...doctor, displayName: '' });
  await speaker.client.views.publish({
    user_id: doctor.user,
    view: homeView({ live, past, settings: isAdmin ? settings : null }),
  });
}

/** Shows the Home tab when a doctor opens it. */
export function answerHome(app: App, desk: Desk): void {
  app.event('app_home_opened', async ({ event, context }) => {
    const tenant = tenantOf(context);
    if (event.tab !== 'home' || tenant === null || context.botToken === undefined) return;
    await desk.homes.opened({ ...tenant, user: event.user });
  });
}

/** Without the history the tab is still of use. */
async function pastNotes(doctor: Person, { store, log }: Pick<Desk, 'store' | 'log'>) {
  try {
    return await store.history.ofDoctor(doctor, PAST_SHOWN);
  } catch (error) {
    log.error({ event: 'slack-history-unreadable', ...faultOf(error) });
    return [];
  }
}
