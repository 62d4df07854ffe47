import { z } from 'zod';
import { endpoint, guid, list, oneOf, origin, secret } from './fields.ts';
import { optional, withDefault } from './variable.ts';

/** The variables of the Slack app. */
export const slackVariables = {
  GLIR_SLACK_CLIENT_ID: optional(z.string(), {
    group: 'Slack',
    about:
      'Client ID of your Slack app, from its page "Basic Information". Turns Slack on, and the local chat off. `npm run glir -- manifest slack` prints what to make the app from.',
    default: 'none',
    example: '1234567890.1234567890123',
  }),
  GLIR_SLACK_CLIENT_SECRET: optional(secret(), {
    group: 'Slack',
    about: 'Client secret of your Slack app, from the same page. Needed when Slack is on.',
    default: 'none',
    example: 'a-long-random-text',
  }),
  GLIR_SLACK_SIGNING_SECRET: optional(secret(), {
    group: 'Slack',
    about:
      'Signing secret of your Slack app, from the same page: it proves that a request comes from Slack. Needed unless `GLIR_SLACK_APP_TOKEN` is set.',
    default: 'none',
    example: 'a-long-random-text',
  }),
  GLIR_SLACK_APP_TOKEN: optional(secret(), {
    group: 'Slack',
    about:
      'App-level token (`xapp-`) with `connections:write`. GLIR then asks Slack for requests instead of being called (socket mode), for a server that Slack cannot reach.',
    default: 'none',
    example: 'xapp-1-a-long-random-text',
  }),
  GLIR_SLACK_API_URL: withDefault(origin(), {
    group: 'Slack',
    about: "Where Slack's API and its OAuth page are, for tests and emulators only.",
    default: 'https://slack.com',
    example: 'http://127.0.0.1:4003',
  }),
};

/** The variables of the Teams app. */
export const teamsVariables = {
  GLIR_TEAMS_APP_ID: optional(guid(), {
    group: 'Teams',
    about:
      'Application (client) ID of your Azure bot. Turns Teams on, and the local chat off. `npm run glir -- package teams` writes the app package for it.',
    default: 'none',
    example: '5f2f4a8e-0c1e-4f7b-9d52-8a4b2b0f6c11',
  }),
  GLIR_TEAMS_APP_PASSWORD: optional(secret(), {
    group: 'Teams',
    about: 'Client secret of the same app registration. Needed when Teams is on.',
    default: 'none',
    example: 'a-long-random-text',
  }),
  GLIR_TEAMS_TENANT_ID: optional(guid(), {
    group: 'Teams',
    about:
      'Directory (tenant) ID of the one organisation whose people may use GLIR; everybody else is refused. Needed when Teams is on.',
    default: 'none',
    example: 'c3a1d5b2-6a3e-4f0c-8f3d-2a5b7e9d1f04',
  }),
  GLIR_TEAMS_ADMINS: optional(list(guid(), 'holds no id. Unset it, or list Entra object ids of people.'), {
    group: 'Teams',
    about:
      'Entra object ids, separated by commas, of the people who may change the settings for all doctors with `glir settings`. GLIR tells a person who is not among them their own id.',
    default: 'nobody',
    example: '8a9a85f5-748b-4d75-baa5-b8d2f6bfe209',
  }),
  GLIR_TEAMS_COMPOSE: withDefault(oneOf(['browser', 'dialog']), {
    group: 'Teams',
    about:
      "Where the note is written after `/glir` opened its dialog: in the doctor's own browser (`browser`, the safer one), or inside the dialog in Teams (`dialog`).",
    default: 'browser',
    example: 'dialog',
  }),
  GLIR_TEAMS_OPENID_URL: withDefault(endpoint(), {
    group: 'Teams',
    about:
      "OpenID configuration with the keys that Teams' requests are signed with, for sovereign clouds and tests only.",
    default: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    example: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  }),
  GLIR_TEAMS_LOGIN_URL: withDefault(endpoint(), {
    group: 'Teams',
    about: 'Where GLIR gets its own tokens for Teams, for sovereign clouds and tests only.',
    default: 'https://login.microsoftonline.com',
    example: 'https://login.microsoftonline.us',
  }),
  GLIR_TEAMS_PLAYGROUND: optional(origin(), {
    group: 'Teams',
    about:
      'Origin of the Microsoft 365 Agents Playground, to try GLIR in Teams on one machine: its requests are not signed. Refused unless everything is loopback, and together with `GLIR_TEAMS_APP_ID`.',
    default: 'none',
    example: 'http://localhost:56150',
  }),
};
