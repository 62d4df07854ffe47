import type { DoctorId } from '../../src/rooms/room.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { welcomeView } from '../commands/welcome-view.ts';
import { messageOf } from './blocks.ts';
import { COMMAND, slackChat } from './slack-chat.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields } from './slack-log.ts';

/** Gives what introduces GLIR to a doctor who opened its Messages tab: once, and never to anybody who did not. Never rejects. */
export function createWelcome(
  bot: Pick<SlackContext, 'sender' | 'preferences' | 'store' | 'clock' | 'log' | 'metrics'>,
): (doctor: DoctorId) => Promise<void> {
  const { sender, preferences, log } = bot;
  const deduplicator = createDeduplicator<void>('slack-welcome', bot);

  async function introduce(doctor: DoctorId): Promise<void> {
    if ((await preferences.of(doctor)).welcomed) return;
    const chat = slackChat(await preferences.languageOf(doctor));
    const how = chat.language.line('welcome.how.slack', { command: { typed: COMMAND } });
    const message = { channel: doctor.user, ...messageOf(welcomeView(chat, how)) };
    const posted = await sender.send(doctor, { scope: 'chat:write' }, (client) => client.chat.postMessage(message));
    if (posted === null) return;
    await preferences.save(doctor, { welcomed: true });
    log.info({ event: 'slack-welcomed', tenant: doctor.tenant });
  }

  return async (doctor) => {
    try {
      await deduplicator.run(`${doctor.tenant} ${doctor.user}`, () => introduce(doctor));
    } catch (error) {
      log.warn({ event: 'slack-message-not-sent', ...errorFields(error) });
    }
  };
}
