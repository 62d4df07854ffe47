/**
 * Every event that stands in the log, with what it means and what to do. docs/events.md is generated from this table
 * (`node scripts/events-docs.ts > docs/events.md`), and a test compares it with the source. Nothing in a line names a patient or
 * holds a note, a link or a secret; `room` is a room tag.
 */
export interface LogEvent {
  readonly area:
    | 'Process'
    | 'Notes'
    | 'Network'
    | 'Store'
    | 'Audit'
    | 'Nodes'
    | 'Chats'
    | 'Slack'
    | 'Teams'
    | 'Admin console';
  readonly means: string;
  /** What an operator does about it; nothing where it is part of a normal day. */
  readonly next?: string;
}

const event = (area: LogEvent['area'], means: string, next?: string): LogEvent =>
  next === undefined ? { area, means } : { area, means, next };
const REPORT = 'A mistake of ours: report the line (SECURITY.md). Everything else goes on.';
const DATABASE = 'Look at the disk or the database; see `rooms-not-writable`.';
const SLACK_AWAY = 'Look at whether the server reaches Slack (`npm run glir -- check`).';
const TEAMS_AWAY = 'Look at whether the server reaches Microsoft (`npm run glir -- check`).';

export const LOG_EVENTS = {
  'config-warning': event('Process', 'A setting is allowed and probably not meant.', 'The line says what to set.'),
  'not-started': event('Process', 'GLIR did not start (only with `GLIR_LOG_FORMAT=json`).', 'The line says why.'),
  ready: event('Process', 'The server takes people.'),
  stopping: event('Process', 'The server stops; `signal` says why. Pages hide their notes and come back.'),
  stopped: event('Process', 'The server has stopped in good order.'),
  'uncaught-error': event(
    'Process',
    'Something failed that nobody foresaw; the server stops with exit code 1.',
    'Have a service manager start it again within 2 minutes, and report the line.',
  ),
  'http-error': event('Process', 'A request failed in the server.', REPORT),
  'log-level': event('Process', 'SIGUSR2 switched how much is logged; `level` says to what.'),
  'request-answered': event(
    'Process',
    'A request was answered (only at `debug`); `where` is the first part of its path.',
  ),
  'message-answered': event('Process', 'A message of a page was answered (only at `debug`).'),
  'worker-started': event('Process', 'A mediasoup worker runs.'),
  'worker-died': event(
    'Process',
    'A mediasoup worker died; its notes are connected again on another one.',
    'Once: report it. Again and again: look at memory and at the kernel log.',
  ),
  'worker-restart-failed': event(
    'Process',
    'A worker does not start; it is tried again after `waitMs`.',
    'Look at the port and at MEDIASOUP_WORKER_BIN (`npm run glir -- check`).',
  ),
  'rtc-port-taken': event(
    'Process',
    "Another program holds the data channels' port at a start while notes may come back.",
    'Find it (`ss -lunp`), stop it, or set GLIR_RTC_PORT.',
  ),

  'room-drafted': event('Notes', 'A doctor asked for a note; its compose link is out.'),
  'composer-joined': event('Notes', "The doctor's page is connected."),
  'room-opened': event('Notes', 'A note is shared; its link works.'),
  'composer-files-opened': event('Notes', "The doctor's page is connected for files as well."),
  'reader-files-opened': event('Notes', "A patient's page is connected for the files of its note."),
  'reader-joined': event('Notes', "A patient's page is connected; nobody has tapped yet."),
  'reader-knocked': event('Notes', 'A patient tapped "Open the note".'),
  'reader-admitted': event('Notes', 'A patient may read.'),
  'reader-refused': event('Notes', 'The doctor let a patient not in.'),
  'reader-left': event('Notes', "A patient's page is gone; `was` says how far it had come."),
  'reader-dropped': event(
    'Notes',
    'A reader said more than a page of ours does, and was closed.',
    'Often: somebody tries things; see Limits in OPERATIONS.md.',
  ),
  'reader-forwarded': event('Notes', "A patient's socket is passed on to the node of the note."),
  'room-extended': event('Notes', 'A note got more time.'),
  'room-restricted': event('Notes', 'A doctor lets readers in by a stricter way from now on.'),
  'room-interrupted': event('Notes', "The doctor's connection is lost; readers see nothing until it is back."),
  'room-resumed': event('Notes', "The doctor's page is back."),
  'room-recovered': event('Notes', 'A note came back after a restart, or from another node.'),
  'room-moved': event('Notes', 'A note is at another node now.'),
  'room-ended': event('Notes', 'A note is over; `reason` says why.'),
  'rooms-not-recovered': event('Notes', 'Notes of an earlier start did not come back in time, and are over.'),
  'ticket-used-again': event('Notes', 'Another browser came to a used compose link and began another note.'),
  'room-listener-error': event('Notes', 'A part failed when it heard of a note.', REPORT),
  'signalling-error': event('Notes', 'A message of a page could not be carried out.', REPORT),

  'connection-failed': event(
    'Network',
    'A page could not connect; `code` says what is in the way.',
    'See "When pages do not connect" in OPERATIONS.md.',
  ),
  'proxy-misconfigured': event(
    'Network',
    'A proxy in front, or PUBLIC_URL, is set wrongly; `code` says how.',
    'The line says what to set; see "Proxies in front" in OPERATIONS.md.',
  ),
  limited: event(
    'Network',
    'An address reached a limit; once a minute for each limit.',
    'See Limits in OPERATIONS.md.',
  ),
  'shut-out': event(
    'Network',
    'An address asked for twice its limit; its new connections are dropped for a while.',
    'See Limits in OPERATIONS.md.',
  ),
  crowded: event(
    'Network',
    'Places for connections were full; the oldest of the most crowded network were closed.',
    'See Limits in OPERATIONS.md.',
  ),
  'rtc-tcp-dropped': event(
    'Network',
    'The worker closed TCP connections that showed no credentials.',
    'Many: drop floods in the kernel, see OPERATIONS.md.',
  ),

  'store-damaged': event(
    'Store',
    '`glir.db` is damaged; no note is begun.',
    'Stop, `npm run glir -- restore FILE`, start.',
  ),
  'store-housekeeping': event('Store', 'Old rows could not be deleted; it is tried again.', DATABASE),
  'store-on-shared-disk': event(
    'Store',
    'The data folder is on a file system that other machines share, or may share.',
    'Put GLIR_DATA_DIR on a disk of this machine.',
  ),
  'rooms-not-writable': event(
    'Store',
    'What has to outlive the server cannot be written; no note is begun, open ones go on.',
    'Free space on the disk, or bring the database back. Do not restart.',
  ),
  'rooms-writable': event('Store', 'It can be written again.'),
  'server-key-replaced': event(
    'Store',
    'A key of the server could not be read and was made anew; open notes do not come back.',
    'Set the older key too, behind the first of GLIR_DATA_KEYS.',
  ),
  'history-not-saved': event('Store', "A note is not in its doctor's history.", DATABASE),
  'history-unreadable': event('Store', "A doctor's history could not be read.", DATABASE),
  'settings-unreadable': event('Store', "An organisation's settings could not be read; the defaults hold.", DATABASE),
  'settings-not-saved': event('Store', "An organisation's settings could not be saved.", DATABASE),
  'settings-changed': event('Store', "An admin changed an organisation's settings."),
  'settings-unknown-form': event('Store', 'A form of settings holds what no form of ours does.', REPORT),
  'preferences-unreadable': event('Store', 'What a doctor chose could not be read; the defaults hold.', DATABASE),
  'preferences-not-saved': event('Store', 'What a doctor chose could not be kept.', DATABASE),
  'preferences-changed': event('Store', 'A doctor changed their name or language.'),

  'audit-off': event('Audit', 'No audit is kept.', 'Unset GLIR_AUDIT_DAYS to keep one.'),
  'audit-head': event('Audit', 'The end of the chain. A log kept elsewhere proves with it that nothing was cut off.'),
  'audit-purged': event('Audit', 'Rows older than GLIR_AUDIT_DAYS were deleted.'),
  'audit-not-purged': event(
    'Audit',
    'Old rows were not deleted: the chain is not whole, or the clock may be wrong.',
    'The line says which: `npm run glir -- audit verify`, or set the clock.',
  ),
  'audit-failing': event('Audit', 'The audit cannot be written; what needs it is refused.', DATABASE),
  'audit-losing': event('Audit', 'So much waits to be written that rows are lost.', DATABASE),
  'audit-lost': event(
    'Audit',
    'The server stopped with rows that it could not write.',
    'The next start writes down how many.',
  ),
  'audit-resumed': event('Audit', 'The audit is written again; `lost` says what is missing.'),
  'audit-key-missing': event(
    'Audit',
    'Rows are sealed with a key that GLIR_DATA_KEYS does not hold.',
    'Set the older key too, behind the first.',
  ),
  'audit-tampered': event(
    'Audit',
    'Rows changed under the server.',
    'Keep a copy of the database, find out who, then restart.',
  ),

  'nodes-connected': event('Nodes', 'The node hears the others.'),
  'nodes-disconnected': event(
    'Nodes',
    'The node hears nothing of the others; it connects again by itself.',
    'Look at PostgreSQL and the network to it.',
  ),
  'nodes-unavailable': event('Nodes', 'PostgreSQL could not say where a note is; it was refused.', DATABASE),
  'nodes-not-purged': event('Nodes', 'Dead nodes could not be deleted from the table; it is tried again.', DATABASE),
  'node-not-registered': event(
    'Nodes',
    'A heartbeat could not be written; after 4 s others take the node for dead.',
    DATABASE,
  ),
  'node-not-removed': event('Nodes', 'A stopping node could not sign off; others see it after 4 s.'),
  'node-url-unreachable': event(
    'Nodes',
    'A node does not reach itself at its GLIR_NODE_URL; others will not either.',
    'Correct the URL, the firewall or GLIR_NODE_LISTEN.',
  ),
  'node-unreachable': event(
    'Nodes',
    'The node of a note lives and is not reached from here; readers are sent to come again.',
    'Look at the network between the nodes.',
  ),
  'node-message-not-sent': event(
    'Nodes',
    'A message to other nodes was not sent; they ask again for what they missed.',
    DATABASE,
  ),
  'node-message-not-read': event('Nodes', 'A message of another node could not be fetched.', DATABASE),
  'node-message-dropped': event(
    'Nodes',
    'Somebody sent what no node signed, or it came more than 30 s late.',
    "Look for another key, a frozen machine, or somebody with the database's password.",
  ),
  'node-command-error': event('Nodes', 'What another node asked for failed here.', REPORT),
  'node-listener-error': event('Nodes', 'A part failed when it heard of another node.', REPORT),
  'clock-differs': event('Nodes', "This machine's clock differs from PostgreSQL's.", 'Run NTP on both.'),
  'duty-taken': event('Nodes', 'This node does from now on what one node at a time does.'),
  'duty-given-up': event('Nodes', 'Another node does it from now on.'),
  'duty-not-renewed': event('Nodes', 'A duty could not be renewed; another node takes it if that lasts.', DATABASE),
  'duty-not-released': event('Nodes', 'A duty could not be handed over; it ends by itself within 15 s.'),
  'duty-error': event('Nodes', 'What one node at a time does failed to start or stop.', REPORT),

  command: event('Chats', 'A doctor typed a command; which one, never what was typed.'),
  'command-error': event('Chats', 'A command failed; the doctor reads a sentence.', REPORT),
  'press-refused': event('Chats', "A button was pressed on a note that is not that doctor's, or is over."),
  'press-not-answered': event(
    'Chats',
    'The node of a note did not answer a button.',
    'Look at the network between the nodes.',
  ),
  'reader-decided': event('Chats', 'A doctor pressed "Admit" or "Refuse" in the chat.'),
  'more-time-asked': event('Chats', 'A doctor pressed "15 minutes more" in the chat.'),
  'status-unknown': event('Chats', "A note's message is not updated: its state could not be found out."),
  'status-not-shown': event('Chats', "A note's message could not be updated; `again` says whether it is tried again."),
  'ping-not-sent': event('Chats', 'The short message that somebody waits could not be sent.'),
  'ping-not-removed': event('Chats', 'That message could not be removed.'),
  'message-not-taken': event('Chats', 'A platform did not take a message; it is sent again after `againInMs`.'),
  'message-place-not-saved': event(
    'Chats',
    'Where a message stands could not be kept; a restart will not go on with it.',
    DATABASE,
  ),
  'message-not-claimed': event('Chats', 'A message of an earlier start could not be taken over.', DATABASE),
  'messages-resumed': event('Chats', 'Messages of an earlier start, or of another node, are kept up to date again.'),
  'messages-not-resumed': event('Chats', 'They are not yet; it is tried again.', DATABASE),
  'delivery-repeated': event('Chats', 'A platform sent the same thing twice; it was done once.'),
  'delivery-not-shared': event(
    'Chats',
    'The nodes could not agree who carries something out; it is done here.',
    DATABASE,
  ),

  'slack-connected': event('Slack', 'Socket mode: Slack reaches GLIR.'),
  'slack-not-connected': event(
    'Slack',
    'Socket mode: Slack does not reach GLIR; it is tried again after `againInMs`.',
    '`invalid_auth`: correct GLIR_SLACK_APP_TOKEN. `link_disabled`: turn socket mode on in Slack. Otherwise the network. Do not restart.',
  ),
  'slack-connection-lost': event(
    'Slack',
    'The connection broke; GLIR connects again.',
    'Only when it stays: see `slack-not-connected`.',
  ),
  'slack-disconnect-announced': event('Slack', 'Slack renews the connection, as it does every few hours.'),
  'slack-message-ignored': event('Slack', "Slack's socket sent something that is no message."),
  'slack-not-acknowledged': event('Slack', 'An acknowledgement could not be sent; Slack sends it again.'),
  'slack-installed': event('Slack', 'Somebody installed GLIR in a workspace or organisation.'),
  'slack-installation-saved': event('Slack', "The installation's token is kept."),
  'slack-reinstalled': event(
    'Slack',
    'Somebody else installed GLIR again.',
    'Not expected: set GLIR_SLACK_ADMINS and GLIR_SLACK_TEAMS.',
  ),
  'slack-not-installed': event(
    'Slack',
    'An installation failed (`why`), or a request came from where GLIR is not installed.',
    'Install GLIR there, or again: docs/INSTALL-SLACK.md.',
  ),
  'slack-install-not-begun': event('Slack', "The installation's page could not be made.", SLACK_AWAY),
  'slack-not-served': event('Slack', 'A request came from a workspace that is not in GLIR_SLACK_TEAMS.'),
  'slack-installation-unreadable': event(
    'Slack',
    "An installation's token could not be read.",
    'Set the older key too, behind the first of GLIR_DATA_KEYS; or install GLIR again.',
  ),
  'slack-installations-unreadable': event('Slack', 'The list of installations could not be read.', DATABASE),
  'slack-admin-unreadable': event(
    'Slack',
    'Who may change the settings could not be read; nobody may for now.',
    DATABASE,
  ),
  'slack-token-renewed': event('Slack', "A workspace's token was renewed."),
  'slack-token-not-renewed': event(
    'Slack',
    'It was not; doctors there cannot be answered once it ends.',
    'Install GLIR there again if it stays.',
  ),
  'slack-removed': event('Slack', 'A workspace removed GLIR; its notes are ended and its data is deleted.'),
  'slack-not-removed': event('Slack', 'Its data could not be deleted; it is tried again.', DATABASE),
  'slack-removal-unknown': event(
    'Slack',
    'Whether a workspace removed GLIR could not be found out; it is tried again.',
    SLACK_AWAY,
  ),
  'slack-removal-not-true': event(
    'Slack',
    'Slack said that a workspace removed GLIR, and its token still works; nothing was deleted.',
  ),
  'slack-rooms-not-ended': event('Slack', 'Notes of a removed workspace could not be ended everywhere.', DATABASE),
  'slack-settings-refused': event('Slack', 'Somebody who is no admin sent the form of settings.'),
  'slack-form-not-opened': event('Slack', 'A form did not open in time.', SLACK_AWAY),
  'slack-form-unreadable': event('Slack', 'A form holds what no form of ours does.', REPORT),
  'slack-opened-without-form': event('Slack', 'A note was begun with the defaults, as the form did not open.'),
  'slack-message-not-sent': event('Slack', "A message was not sent; `error` is Slack's word.", SLACK_AWAY),
  'slack-home-not-shown': event('Slack', 'The Home tab could not be shown; it is tried again.', SLACK_AWAY),
  'slack-welcomed': event('Slack', 'Somebody was welcomed in the Messages tab.'),
  'slack-unknown-action': event('Slack', 'A button was pressed that no message of ours has.'),
  'slack-unknown-view': event('Slack', 'A form was sent that GLIR does not know.'),
  'slack-sdk': event('Slack', "Slack's own software says something."),
  'slack-error': event('Slack', 'Something failed while a doctor was answered.', REPORT),

  'teams-installed': event('Teams', 'Somebody installed GLIR (`where`).'),
  'teams-removed': event(
    'Teams',
    'Somebody removed GLIR; in a personal chat their notes are ended and their data is deleted.',
  ),
  'teams-not-removed': event('Teams', "A person's data could not be deleted.", DATABASE),
  'teams-refused': event(
    'Teams',
    'A request was refused; `refusal` says why.',
    '`unauthorized` of every request: correct GLIR_TEAMS_APP_ID and GLIR_TEAMS_TENANT_ID.',
  ),
  'teams-token': event(
    'Teams',
    "A request's token was not accepted, or could not be checked.",
    'See `teams-refused` and `teams-keys-unread`.',
  ),
  'teams-keys-unread': event(
    'Teams',
    "The keys of Teams' requests could not be fetched; those of before hold.",
    TEAMS_AWAY,
  ),
  'teams-dialog': event('Teams', 'A dialog was opened.'),
  'teams-unknown-press': event('Teams', 'A button was pressed that no card of ours has.'),
  'teams-form-unreadable': event('Teams', 'A form holds what no form of ours does.', REPORT),
  'teams-settings-refused': event('Teams', 'Somebody who is no admin sent the form of settings.'),
  'teams-message-not-sent': event('Teams', 'A message was not sent.', TEAMS_AWAY),
  'teams-card-not-changed': event('Teams', 'A card could not be changed; the answer stands in a new one.'),
  'teams-not-targeted': event('Teams', 'A message for one person only was not taken; it goes to their personal chat.'),
  'teams-not-personal': event('Teams', 'Nor was it there; they read that they should write to GLIR.'),
  'teams-no-status-card': event(
    'Teams',
    "Teams does not take a note's card.",
    "Look at the app's permissions in the Teams admin center.",
  ),
  'teams-conversation-unreadable': event('Teams', 'Where to write to a doctor could not be read.', DATABASE),
  'teams-conversation-not-saved': event('Teams', 'Where to write to a doctor could not be kept.', DATABASE),
  'teams-error': event('Teams', 'Something failed while a doctor was answered.', REPORT),

  'admin-link-given': event('Admin console', 'An admin asked for a link into the console.'),
  'admin-link-not-given': event('Admin console', 'An admin asked for a link and got none.', DATABASE),
  'admin-link-refused': event(
    'Admin console',
    'A link was used up, too old or forged, or had five wrong codes.',
    'Often: somebody tries links.',
  ),
  'admin-signed-in': event('Admin console', 'An admin came in; `role` says for a tenant or as the operator.'),
  'admin-form-refused': event(
    'Admin console',
    'A form came from another site, or from another session.',
    'Once: an old tab. Often: somebody may be tricking an admin.',
  ),
  'admin-operator-refused': event(
    'Admin console',
    'Somebody signed in at the provider who is not in GLIR_ADMIN_OIDC_ALLOWED.',
    'Add the id that their page shows, if they are to come in.',
  ),
  'admin-operator-failed': event(
    'Admin console',
    'The OpenID provider is away, or what it said is not valid; `code` says more.',
    'Look at GLIR_ADMIN_OIDC_ISSUER and at the redirect URI that is registered there.',
  ),
  'admin-ended-notes': event('Admin console', 'An admin ended notes; who is in the audit.'),
} as const satisfies Readonly<Record<string, LogEvent>>;
