import { buttons, type Chat, heading, type PlainLine, quiet, text, type View } from './view.ts';

/**
 * How GLIR introduces itself to a doctor.
 *
 * @param how what to type in this chat
 */
export function welcomeView({ name, language }: Chat, how: PlainLine): View {
  const { text: say } = language;
  return {
    summary: `${say('welcome.title')}. ${say('welcome.what')}`,
    parts: [
      heading(say('welcome.title')),
      text([say('welcome.what')], how, [say('welcome.name')]),
      // One below the other: side by side they do not fit into a narrow chat.
      buttons({ action: 'glir-new', label: say('newNote'), value: 'new', look: 'primary' }),
      buttons({ action: 'glir-personal', label: say('personal.change'), value: 'personal' }),
      quiet([say('welcome.never', { chat: name })]),
    ],
  };
}
