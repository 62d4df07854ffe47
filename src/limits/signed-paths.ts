/** Where Slack calls us: commands, presses, dialogs and events. */
export const SLACK_EVENTS_PATH = '/slack/events';

/** Where the Bot Framework calls us, for Teams. */
export const TEAMS_MESSAGES_PATH = '/api/messages';

/** Every request to these is signed by its platform, which calls from few addresses for everybody. */
export const SIGNED_PATHS: ReadonlySet<string> = new Set([SLACK_EVENTS_PATH, TEAMS_MESSAGES_PATH]);
