/** What GLIR says in Teams alone. */
import type { Chat, Words } from '../commands/view.ts';

/** Teams, in the sentences that every platform says. */
export const TEAMS: Chat = { name: 'Teams', command: '/glir' };

export const words = {
  welcome: {
    title: 'Welcome to GLIR',
    what: 'Hand a patient a private note through a link that stores nothing.',
    how: [
      'Type ',
      { typed: '/glir' },
      ' in any chat, or ',
      { typed: 'glir' },
      ' here. You write the note in your own browser.',
    ] satisfies Words,
    never: 'Never type a note into Teams.',
  },
  settingsSaved: 'The settings are saved. They hold for new notes.',
  settingsNotYours: (id: string): Words[] => [
    ['Only the administrators of GLIR can change its settings.'],
    ['To become one, give this id to whoever runs GLIR: ', { strong: id }],
  ],
} as const;
