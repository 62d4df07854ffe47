import type { DoctorId } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import type { ChatLanguage } from './chat-language.ts';
import { buttons, type PlainLine, text, type View } from './view.ts';

/** Where an admin comes into the console. */
const ADMIN_SIGN_IN_PATH = '/admin/sign-in';
const LINK_MINUTES = 10;

/**
 * A link into the admin console, for the admin who asked, with the code to type in there: what opens links by itself, such as a
 * scanner, cannot use it up. Whether it is an admin is the platform's to ask.
 */
export async function adminLinkView(
  admin: DoctorId,
  language: ChatLanguage,
  { store, publicUrl, log }: Pick<BotContext, 'store' | 'publicUrl' | 'log'>,
): Promise<View> {
  const { platform, tenant, user } = admin;
  const who = { kind: 'tenant-admin', platform, tenant, user } as const;
  const { token, code } = await store.admins.issueLink(who, LINK_MINUTES * 60);
  log.info({ event: 'admin-link-given', platform });
  const lines: PlainLine[] = [
    [language.text('admin.link', { count: LINK_MINUTES })],
    language.line('admin.code', { code: { strong: `${code.slice(0, 3)} ${code.slice(3)}` } }),
    [language.text('admin.keep')],
  ];
  const url = `${publicUrl}${ADMIN_SIGN_IN_PATH}?link=${token}`;
  const open = {
    action: 'glir-admin',
    label: language.text('admin.open'),
    value: 'admin',
    look: 'primary',
    url,
  } as const;
  return { summary: language.text('admin.link', { count: LINK_MINUTES }), parts: [text(...lines), buttons(open)] };
}
