import type { Variables } from '../../../src/config/variables.ts';
import { INFO_PATHS } from '../../../src/http/plain-page.ts';
import { type ChatKey, type ChatLanguage, chatLanguages, english } from '../../commands/chat-language.ts';

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
const DEFAULT_LANGUAGE = 'en';

/**
 * The manifest of the app for this GLIR. It asks for no permission: neither Microsoft Graph nor the messages of a chat.
 * Its id is the bot's, so that it stays the same app when its address changes.
 */
export function teamsManifest({ publicUrl, appId, compose, version }: PackageFacts) {
  const { text: say } = english();
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
    localizationInfo: {
      defaultLanguageTag: DEFAULT_LANGUAGE,
      additionalLanguages: otherLanguages().map(({ code }) => ({ languageTag: code, file: languageFileOf(code) })),
    },
    name: { short: 'GLIR', full: say('app.name') },
    description: {
      short: say('welcome.what'),
      full: say('app.description', { command: '/glir', chat: 'Teams' }),
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
        commandLists: commandLists(english()),
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
            description: say('newNote'),
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

function otherLanguages(): readonly ChatLanguage[] {
  return chatLanguages().filter(({ code }) => code !== DEFAULT_LANGUAGE);
}

function languageFileOf(code: string): string {
  return `${code}.json`;
}

/**
 * The texts of the manifest in the other languages, by the name of the file in the package. What is typed stays as it is. See
 * https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-localization
 */
export function manifestLanguages(): Readonly<Record<string, object>> {
  return Object.fromEntries(otherLanguages().map((language) => [languageFileOf(language.code), textsIn(language)]));
}

function textsIn(language: ChatLanguage): object {
  const { text: say } = language;
  const described = commandLists(language).flatMap(({ commands }, list) =>
    commands.map(({ description }, at) => [`bots[0].commandLists[${list}].commands[${at}].description`, description]),
  );
  return {
    $schema: `https://developer.microsoft.com/en-us/json-schemas/teams/v${MANIFEST_VERSION}/MicrosoftTeams.Localization.schema.json`,
    'name.short': 'GLIR',
    'name.full': say('app.name'),
    'description.short': say('welcome.what'),
    'description.full': say('app.description', { command: '/glir', chat: 'Teams' }),
    ...Object.fromEntries(described),
    'composeExtensions[0].commands[0].description': say('newNote'),
  };
}

/**
 * In chats with others, `/glir` alone is the dialog; what comes after it is a command of the bot. Teams sends those from
 * its `/` menu to the bot alone, and those after a mention to everybody.
 */
function commandLists({ text: say }: ChatLanguage) {
  const command = (words: string, key: ChatKey) => ({ title: `${COMMAND}${words}`, description: say(key) });
  const open = command('', 'newNote');
  const timed = command(' 15m', 'command.timed');
  const list = command(' list', 'command.list');
  const revoke = command(' revoke all', 'command.revoke');
  const help = command(' help', 'command.help');
  const settings = command(' settings', 'command.settings');
  const group = ['team', 'groupChat'];
  return [
    { scopes: ['personal'], triggers: ['mention'], commands: [open, timed, list, revoke, help, settings] },
    { scopes: group, triggers: ['mention'], commands: [open] },
    { scopes: group, triggers: ['mention', 'slash'], commands: [timed, list, revoke, help, settings] },
  ];
}
