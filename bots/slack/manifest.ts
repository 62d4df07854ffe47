import type { webApi } from '@slack/bolt';
import { SLACK_EVENTS_PATH } from '../../src/limits/signed-paths.ts';
import { english } from '../commands/chat-language.ts';
import { CALLBACKS } from './blocks.ts';

/** The scopes that GLIR asks for, with the reasons that the install page gives. */
export const SCOPES = [
  {
    scope: 'commands',
    optional: false,
    why: 'install.scope.commands',
  },
  {
    scope: 'chat:write',
    optional: true,
    why: 'install.scope.chat',
  },
] as const;

/** Paths of the installation below the public URL. */
export const INSTALL_PATHS = {
  landing: '/slack/install',
  start: '/slack/install/start',
  callback: '/slack/oauth_redirect',
} as const;

type Manifest = webApi.AppsManifestCreateArguments['manifest'];

/**
 * What a Slack app for this GLIR is made from ("From a manifest").
 *
 * @param publicUrl the configured public URL
 * @param delivery whether Slack calls GLIR, or GLIR calls Slack (socket mode)
 */
export function slackManifest(publicUrl: string, delivery: 'http' | 'socket'): Manifest {
  const events = `${publicUrl}${SLACK_EVENTS_PATH}`;
  const http = delivery === 'http';
  // Slack's manifests have one language.
  const { text: say } = english();
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: 'GLIR',
      description: say('welcome.what'),
      long_description: say('app.description', { command: '/glir', chat: 'Slack' }),
      background_color: '#0f5c57',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: 'glir', always_online: false },
      shortcuts: [
        {
          type: 'global',
          name: say('newNote'),
          callback_id: CALLBACKS.shortcut,
          description: 'Opens a form; you write the note in your browser.',
        },
      ],
      slash_commands: [
        {
          command: '/glir',
          description: say('newNote'),
          usage_hint: '[15m | list | revoke all | settings | help]',
          should_escape: false,
          ...(http ? { url: events } : {}),
        },
      ],
    },
    oauth_config: {
      redirect_urls: [`${publicUrl}${INSTALL_PATHS.callback}`],
      scopes: {
        bot: SCOPES.filter(({ optional }) => !optional).map(({ scope }) => scope),
        bot_optional: SCOPES.filter(({ optional }) => optional).map(({ scope }) => scope),
      },
    },
    settings: {
      event_subscriptions: {
        bot_events: ['app_home_opened', 'app_uninstalled', 'tokens_revoked'],
        ...(http ? { request_url: events } : {}),
      },
      interactivity: { is_enabled: true, ...(http ? { request_url: events } : {}) },
      org_deploy_enabled: true,
      socket_mode_enabled: !http,
      token_rotation_enabled: true,
    },
  };
}
