/** What GLIR says in Slack alone; everything else is in `bots/commands/strings.ts`. */
import type { Chat, PlainLine } from '../commands/view.ts';

/** Slack, as GLIR's sentences speak of it. */
export const SLACK: Chat = { name: 'Slack', command: '/glir' };

export const slackStrings = {
  notInstalled: (url: string) =>
    `GLIR has lost its connection to this workspace. An administrator can install it again: ${url}`,
  formDidNotOpen: 'Slack did not open the form in time, so this note has the usual settings.',
  tryCommand: [
    'Slack did not open the form. Type ',
    { typed: SLACK.command },
    ' in a channel or a direct message instead, not in a thread.',
  ] satisfies PlainLine,
  notYours: (id: string, isConfigured: boolean): PlainLine[] =>
    isConfigured
      ? [
          ['Only the administrators of GLIR can change its settings.'],
          ['To become one, give this id to whoever runs GLIR: ', { strong: id }],
        ]
      : [['Only the person who installed GLIR first can change its settings.']],
  reinstalled: (by: string) =>
    `Somebody else has installed GLIR in this workspace again (Slack id ${by}). Its settings are still yours alone to change.`,
} as const;
