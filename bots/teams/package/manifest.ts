import type { Variables } from '../../../src/config/variables.ts';
import { INFO_PATHS } from '../../../src/http/plain-page.ts';
import { strings } from '../../commands/strings.ts';
import { teamsStrings } from '../strings.ts';

/** What the app package depends on. */
export interface PackageFacts {
  /** The public origin, https, without a slash at the end. */
  readonly publicUrl: string;
  /** Application (client) ID of the bot. */
  readonly appId: string;
  readonly compose: Variables['GLIR_TEAMS_COMPOSE'];
  /** GLIR's own version. */
  readonly version: string;
}

/** The newest version that Microsoft publishes; slash commands need 1.29 or later. */
const MANIFEST_VERSION = '1.30';

const COMMAND = 'glir';

/**
 * The manifest of the app for this GLIR. It asks for no permission: neither Microsoft Graph nor the messages of a chat.
 * Its id is the bot's, so that it stays the same app when its address changes.
 */
export function teamsManifest({ publicUrl, appId, compose, version }: PackageFacts) {
  return {
    $schema: `https://developer.microsoft.com/en-us/json-schemas/teams/v${MANIFEST_VERSION}/MicrosoftTeams.schema.json`,
    manifestVersion: MANIFEST_VERSION,
    version,
    id: appId,
    developer: {
      name: 'GLIR',
      websiteUrl: `${publicUrl}${INFO_PATHS.website}`,
      privacyUrl: `${publicUrl}${INFO_PATHS.privacy}`,
      termsOfUseUrl: `${publicUrl}${INFO_PATHS.terms}`,
    },
    name: { short: 'GLIR', full: 'GLIR – private notes for patients' },
    description: {
      short: teamsStrings.welcome.what,
      full: 'Type /glir and choose how long the note lives and who gets in. You write it on a page of its own, and hand the patient a temporary link. The note goes, end-to-end encrypted, from your page to the page of the patient. It is gone from the page of the patient when its time is up, and from both when you end it or close your page. No server stores it or can read it, and neither the note nor its link ever goes through Teams.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: '#0f5c57',
    defaultInstallScope: 'personal',
    // Since 1.25 Teams wants it of an app for channels. GLIR is the same in private and shared ones.
    supportsChannelFeatures: 'tier1',
    bots: [
      {
        botId: appId,
        scopes: ['personal', 'team', 'groupChat'],
        isNotificationOnly: false,
        supportsFiles: false,
        supportsTargetedMessages: true,
        commandLists: commandLists(),
      },
    ],
    composeExtensions: [
      {
        botId: appId,
        commands: [
          {
            id: COMMAND,
            type: 'action',
            title: COMMAND,
            description: strings.newNote,
            // Not on a message: it would send us that message's text.
            context: ['compose', 'commandBox'],
            triggers: ['slash'],
            fetchTask: true,
          },
        ],
      },
    ],
    ...(compose === 'dialog' ? { validDomains: [new URL(publicUrl).host] } : {}),
  };
}

const commands = {
  open: { title: COMMAND, description: strings.newNote },
  timed: { title: `${COMMAND} 15m`, description: 'Write a private note that can be read for 15 minutes' },
  list: { title: `${COMMAND} list`, description: 'Show your open notes' },
  revoke: { title: `${COMMAND} revoke all`, description: 'End all your notes now' },
  help: { title: `${COMMAND} help`, description: 'Show what you can type' },
  settings: { title: `${COMMAND} settings`, description: 'Change the settings for all doctors' },
};

/**
 * In chats with others, `/glir` alone is the dialog; what comes after it is a command of the bot. Teams sends those from
 * its `/` menu to the bot alone, and those after a mention to everybody.
 */
function commandLists() {
  const { open, timed, list, revoke, help, settings } = commands;
  const group = ['team', 'groupChat'];
  return [
    { scopes: ['personal'], triggers: ['mention'], commands: [open, timed, list, revoke, help, settings] },
    { scopes: group, triggers: ['mention'], commands: [open] },
    { scopes: group, triggers: ['mention', 'slash'], commands: [timed, list, revoke, help] },
  ];
}
