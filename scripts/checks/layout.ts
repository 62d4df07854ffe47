/**
 * The layout of the repository as data: which part may import which, and which packages belong to which part.
 * `boundaries.ts` enforces it. A new folder is refused until it has a line here.
 */

/** A part of the repository and what it may depend on. Every part may import itself. */
export interface Part {
  readonly name: string;
  /** Files of this part, as paths from the repository's root with forward slashes. The first part that matches wins. */
  readonly files: RegExp;
  /** Names of the parts it may import, or `all`. */
  readonly parts: 'all' | readonly string[];
  /** Whether Node's own modules may be imported; false for what also runs in a browser. */
  readonly node: boolean;
  /** Packages it must not import although they have no owner in `packageOwners`. */
  readonly withoutPackages?: readonly string[];
}

const core = ['clock', 'config', 'protocol'] as const;
const bot = [
  ...core,
  'languages',
  'language-files',
  'audit',
  'cluster',
  'limits',
  'log-context',
  'metrics',
  'rooms',
  'store',
  'bots/commands',
  'bots/delivery',
] as const;
const platform = [...bot, 'plain-page'] as const;

export const parts: readonly Part[] = [
  { name: 'wiring', files: /^src\/((main|app)\.ts$|cli\/)/, parts: serverParts(), node: true },
  { name: 'clock', files: /^src\/clock\.ts$/, parts: [], node: false },
  // What the server says itself is read from the language files in one place.
  { name: 'language-files', files: /^src\/language-files\.ts$/, parts: [], node: true },
  // Which request or socket a line of the log belongs to.
  { name: 'log-context', files: /^src\/log-context\.ts$/, parts: ['clock', 'protocol'], node: true },
  // What the log's lines mean, for whoever explains them.
  { name: 'log-events', files: /^src\/log-events\.ts$/, parts: [], node: false },
  { name: 'protocol', files: /^src\/protocol\//, parts: [], node: false },
  { name: 'config', files: /^src\/config\//, parts: ['clock', 'protocol'], node: true },
  // This node's rooms. A chat works with the rooms of all nodes, which `cluster` has.
  { name: 'room-service', files: /^src\/rooms\/room-service\.ts$/, parts: [...core, 'rooms'], node: true },
  { name: 'rooms', files: /^src\/rooms\//, parts: core, node: true, withoutPackages: ['express', 'ws'] },
  { name: 'cluster', files: /^src\/cluster\//, parts: [...core, 'room-service', 'rooms', 'store'], node: true },
  { name: 'store', files: /^src\/store\//, parts: [...core, 'rooms'], node: true },
  { name: 'audit', files: /^src\/audit\//, parts: [...core, 'room-service', 'rooms', 'store'], node: true },
  { name: 'sfu', files: /^src\/sfu\//, parts: [...core, 'mediasoup-config', 'metrics'], node: true },
  { name: 'metrics', files: /^src\/metrics\//, parts: [...core, 'room-service', 'rooms'], node: true },
  { name: 'limits', files: /^src\/limits\//, parts: [...core, 'rooms'], node: true },
  {
    name: 'signalling',
    files: /^src\/signalling\//,
    parts: [...core, 'cluster', 'limits', 'log-context', 'metrics', 'room-service', 'rooms', 'sfu'],
    node: true,
  },
  // A platform shows pages of its own, such as the installation's, in the looks of the others; the routes are not its concern.
  {
    name: 'plain-page',
    files: /^src\/http\/(html|plain-page|plain-strings)\.ts$/,
    parts: ['languages', 'language-files'],
    node: true,
  },
  // Pages for a chat's admins and for the operator. It says what the bots' forms say.
  {
    name: 'admin',
    files: /^src\/admin\//,
    parts: [
      ...core,
      'languages',
      'language-files',
      'audit',
      'cluster',
      'limits',
      'metrics',
      'plain-page',
      'rooms',
      'store',
      'bots/commands',
    ],
    node: true,
  },
  {
    name: 'http',
    files: /^src\/http\//,
    parts: [...core, 'limits', 'log-context', 'plain-page', 'rooms', 'store'],
    node: true,
  },
  {
    name: 'bots/commands',
    files: /^bots\/commands\//,
    parts: [
      ...core,
      'languages',
      'language-files',
      'audit',
      'cluster',
      'limits',
      'metrics',
      'rooms',
      'store',
      'bots/delivery',
    ],
    node: true,
  },
  // How what is said reaches a platform: tried again, paced, and followed on after a start.
  {
    name: 'bots/delivery',
    files: /^bots\/delivery\//,
    parts: [...core, 'audit', 'cluster', 'limits', 'rooms', 'store', 'bots/commands'],
    node: true,
  },
  { name: 'bots/slack', files: /^bots\/slack\//, parts: platform, node: true },
  { name: 'bots/teams', files: /^bots\/teams\//, parts: platform, node: true },
  { name: 'bots/local/page', files: /^bots\/local\/page\//, parts: ['protocol', 'web-shared'], node: false },
  { name: 'bots/local', files: /^bots\/local\//, parts: bot, node: true },
  { name: 'languages', files: /^languages\//, parts: [], node: false },
  { name: 'web-shared', files: /^web-shared\//, parts: ['protocol', 'languages'], node: false },
  { name: 'web-composer', files: /^web-composer\//, parts: ['protocol', 'languages', 'web-shared'], node: false },
  {
    name: 'web-teams',
    files: /^web-teams\//,
    parts: ['protocol', 'languages', 'web-shared', 'web-composer'],
    node: false,
  },
  { name: 'web-receiver', files: /^web-receiver\//, parts: ['protocol', 'languages', 'web-shared'], node: false },
  { name: 'web-build', files: /^web-build\//, parts: [...core, 'web-shared'], node: true },
  { name: 'mediasoup-config', files: /^mediasoup-config\//, parts: ['config', 'protocol'], node: true },
  { name: 'tests', files: /^tests\//, parts: 'all', node: true },
  { name: 'scripts', files: /^(scripts\/|[^/]+$)/, parts: 'all', node: true },
];

/** The only parts that may import a package; tests and scripts may as well. `@slack/` stands for the whole scope. */
export const packageOwners: Readonly<Record<string, readonly string[]>> = {
  mediasoup: ['sfu', 'mediasoup-config'],
  'mediasoup-client': ['web-shared'],
  'pdfjs-dist': ['web-receiver'],
  botbuilder: ['bots/teams'],
  '@microsoft/teams-js': ['web-teams'],
  '@slack/': ['bots/slack'],
  'rate-limiter-flexible': ['limits'],
  kysely: ['store'],
  'openid-client': ['admin'],
  'prom-client': ['metrics'],
  pg: ['store'],
};

/** What src/main.ts, src/app.ts and src/cli may wire together: everything that runs on the server. */
function serverParts(): readonly string[] {
  const rules = ['config', 'clock', 'protocol', 'rooms', 'room-service', 'limits'];
  return [
    ...rules,
    'admin',
    'audit',
    'cluster',
    'log-context',
    'metrics',
    'store',
    'sfu',
    'signalling',
    'http',
    'bots/commands',
    'bots/slack',
    'bots/teams',
    'bots/local',
    'mediasoup-config',
  ];
}
