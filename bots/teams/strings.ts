/** What GLIR says in Teams alone; everything else is in `bots/commands/strings.ts`. */
import type { Chat, PlainLine } from '../commands/view.ts';

/** Teams, in the sentences that every platform says. */
export const TEAMS: Chat = { name: 'Teams', command: '/glir' };

export const teamsStrings = {
  welcome: {
    title: 'Welcome to GLIR',
    what: 'Hand a patient a private note through a link that stores nothing.',
    how: [
      'Type ',
      { typed: '/glir' },
      ' in any chat, or ',
      { typed: 'glir' },
      ' here. You write the note in your own browser.',
    ] satisfies PlainLine,
    never: 'Never type a note into Teams.',
  },
  writeToGlir:
    'GLIR cannot answer here so that only you see it. Open the chat with GLIR under "Apps", and write there.',
  settingsSaved: 'The settings are saved. They hold for new notes.',
  settingsNotYours: (id: string): PlainLine[] => [
    ['Only the administrators of GLIR can change its settings.'],
    ['To become one, give this id to whoever runs GLIR: ', { strong: id }],
  ],
} as const;
