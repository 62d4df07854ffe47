import { z } from 'zod';
import { LIMITS } from '../protocol/constants.ts';
import { postgresUrl } from './postgres-url.ts';
import {
  absolutePath,
  address,
  addressAndPort,
  announcedHosts,
  bearerToken,
  clusterKey,
  dataKeys,
  duration,
  EXAMPLE_DATA_KEY,
  endpoint,
  guid,
  iceUrl,
  list,
  listenHost,
  megabytesEachAndTogether,
  nodeUrl,
  oneOf,
  operatorName,
  operatorRule,
  origin,
  phoneNumber,
  port,
  secret,
  slackTeam,
  slackUser,
  wholeNumber,
} from './value-types.ts';

/** A variable of the environment: how it is read, and what docs/config.md says about it. */
export interface Variable {
  readonly section:
    | 'Web'
    | 'Data channels'
    | 'STUN and TURN'
    | 'Rooms'
    | 'Limits'
    | 'Slack'
    | 'Teams'
    | 'Storage'
    | 'Several nodes'
    | 'Admin console'
    | 'Running';
  /** Turns the text of the environment into the value, or says what to set instead. */
  readonly type: z.ZodType<unknown, string>;
  /** Is read like a value of the environment when none is there. Without it an unset variable is undefined. */
  readonly default?: string;
  /** In the docs, for a variable without a default: what happens when it is unset. Otherwise `none`. */
  readonly unset?: string;
  /** What it does, in a sentence or two of Markdown. */
  readonly doc: string;
  readonly example: string;
  /** Nobody but the server itself may see it: it is taken out of the environment before other processes start. */
  readonly secret?: true;
  /** The chat platform that cannot do without it, unless another variable is set, and where its value comes from. */
  readonly required?: { readonly by: 'Slack' | 'Teams'; readonly unless?: string; readonly how: string };
}

/** Most workers: more than the cores of any one machine, few enough to be no typing mistake. */
const WORKERS_MAX = 64;
/** Ten years. */
const HISTORY_DAYS_MAX = 3_650;
/** Thirty years, the longest that any law asks records of care to be kept. */
const AUDIT_DAYS_MAX = 10_958;

/** An address may be a whole hospital behind one NAT, so the defaults are far above what its people do. Beyond a million, a limit is none. */
const limit = wholeNumber(1, 1_000_000);
const SLACK_PAGE = 'Copy it from "Basic Information" of your Slack app';
const ENTRA_PAGE = 'from "Overview" of the app registration in the Entra admin center.';

/**
 * Every variable that GLIR reads, in the order of the documentation. Loading, checking and docs/config.md all come from
 * this table; rules that look at several variables together are in the `check-` files.
 */
export const VARIABLES = {
  PORT: {
    section: 'Web',
    type: port,
    default: '3000',
    doc: 'TCP port of the web server.',
    example: '8080',
  },
  HOST: {
    section: 'Web',
    type: listenHost,
    unset: '127.0.0.1 when `PUBLIC_URL` is on this machine (loopback), else 0.0.0.0',
    doc: 'IP address the web server listens on.',
    example: '127.0.0.1',
  },
  PUBLIC_URL: {
    section: 'Web',
    type: origin,
    unset: 'http://localhost:PORT',
    doc: 'What browsers use to reach GLIR: scheme, host and port, nothing more. Must be `https` unless it is loopback, because browsers encrypt in secure contexts only. While it is loopback, the local chat is served at `/`.',
    example: 'https://glir.example.org',
  },
  GLIR_TRUST_PROXY: {
    section: 'Web',
    type: wholeNumber(0, 10),
    default: '0',
    doc: "How many reverse proxies stand in front of GLIR. That many entries of `X-Forwarded-For` are believed when a client's address is counted.",
    example: '1',
  },
  GLIR_OPERATOR: {
    section: 'Web',
    type: operatorName,
    unset: '"whoever runs this server"',
    doc: 'Who runs this server and how to ask them, for the pages `/privacy` and `/terms`, which anybody can read: one line, at most 120 characters.',
    example: 'Ospedale San Marco, privacy@sanmarco.example',
  },
  GLIR_RTC_PORT: {
    section: 'Data channels',
    type: port,
    default: '24444',
    doc: 'Port of the data channels, UDP and TCP. Worker 2 uses the next port, and so on. Open them in the firewall. Below 32768: Linux gives the ports from there on to outgoing connections.',
    example: '20000',
  },
  GLIR_RTC_TCP: {
    section: 'Data channels',
    type: oneOf(['on', 'off']),
    default: 'on',
    doc: 'Whether data channels may go over TCP as well: some networks let no UDP through. `off` leaves UDP and, where `GLIR_TURN` is set, TURN.',
    example: 'off',
  },
  GLIR_RTC_LISTEN: {
    section: 'Data channels',
    type: list(address, 'holds no address. Unset it, or list addresses of this machine.'),
    unset: '127.0.0.1 when `PUBLIC_URL` is loopback, else 0.0.0.0',
    doc: 'IP addresses of this machine that data channels listen on, separated by commas.',
    example: '10.0.0.5,fd00::5',
  },
  GLIR_RTC_ANNOUNCED: {
    section: 'Data channels',
    type: announcedHosts,
    unset: 'the address listened on',
    doc: "The IP addresses at which doctors' and patients' browsers reach the data channels, separated by commas: where it differs, the one inside the hospital's network and the one outside; for networks with IPv6 only, an IPv6 address or a host name as well. Browsers try all of them and take the one that answers. Needed when listening on 0.0.0.0 or `::`, and behind NAT. Firefox does not look up host names.",
    example: '203.0.113.5,10.0.0.5',
  },
  GLIR_WORKERS: {
    section: 'Data channels',
    type: wholeNumber(1, WORKERS_MAX),
    default: '1',
    doc: 'How many mediasoup workers run, each a process on one core with a port of its own.',
    example: '2',
  },
  MEDIASOUP_WORKER_BIN: {
    section: 'Data channels',
    type: z.string(),
    unset: "the one in mediasoup's package",
    doc: 'Path of the mediasoup worker. `npm start` sets it to the worker it has prepared.',
    example: '/opt/glir/mediasoup-worker',
  },
  GLIR_TURN: {
    section: 'STUN and TURN',
    type: list(iceUrl, 'holds no URL. Unset it, or list turn:, turns:, stun: or stuns: URLs.'),
    doc: 'STUN and TURN servers for browsers, separated by commas. `turns:` on port 443 gets through most strict firewalls.',
    example: 'turn:turn.example.org:3478,turns:turn.example.org:443?transport=tcp',
  },
  GLIR_TURN_SECRET: {
    section: 'STUN and TURN',
    type: secret,
    secret: true,
    doc: 'Secret shared with coturn (`use-auth-secret`, `static-auth-secret`). Readers from one network share a user in each note; the credentials stop working when it ends.',
    example: 'a-long-random-text',
  },
  GLIR_TURN_USERNAME: {
    section: 'STUN and TURN',
    type: z.string(),
    doc: 'Fixed user name for TURN, together with `GLIR_TURN_PASSWORD`. Every browser sees both: prefer `GLIR_TURN_SECRET`.',
    example: 'glir',
  },
  GLIR_TURN_PASSWORD: {
    section: 'STUN and TURN',
    type: secret,
    secret: true,
    doc: 'Fixed password for TURN.',
    example: 'a-long-random-text',
  },
  GLIR_ICE_TRANSPORT: {
    section: 'STUN and TURN',
    type: oneOf(['all', 'relay']),
    default: 'all',
    doc: '`relay` makes browsers go through TURN only, so that they show their addresses to nobody else; `all` lets them take the shortest way.',
    example: 'relay',
  },
  GLIR_EXPIRY_DEFAULT: {
    section: 'Rooms',
    type: duration(LIMITS.expiryMinSeconds, LIMITS.expiryMaxSeconds),
    unset: '30m, or `GLIR_EXPIRY_MAX` when that is shorter',
    doc: 'How long a note lives when the doctor does not choose.',
    example: '15m',
  },
  GLIR_EXPIRY_MAX: {
    section: 'Rooms',
    type: duration(LIMITS.expiryMinSeconds, LIMITS.expiryMaxSeconds),
    default: '24h',
    doc: 'The longest life of a note that a doctor can choose.',
    example: '8h',
  },
  GLIR_READERS_DEFAULT: {
    section: 'Rooms',
    type: wholeNumber(1, LIMITS.readersMax),
    default: `${LIMITS.readersDefault}`,
    doc: `How many readers may be connected to one note at a time when the doctor does not choose, at most ${LIMITS.readersMax}.`,
    example: '1',
  },
  GLIR_FILES_MAX: {
    section: 'Rooms',
    type: megabytesEachAndTogether(2_000),
    default: '50/200',
    doc: 'Largest file that a doctor may send with a note, and all files of a note together, in megabytes. `0` for no files. Files are never stored: they go from tab to tab, and are in the memory of both while the note is open.',
    example: '20/60',
  },
  GLIR_PHONE: {
    section: 'Rooms',
    type: phoneNumber,
    doc: "The practice's phone number, shown to a patient whose note is gone. A workspace's own settings come before it.",
    example: '06 555 0100',
  },
  GLIR_LIMIT_REQUESTS: {
    section: 'Limits',
    type: limit,
    default: '12000',
    doc: 'Requests from one address in a minute: HTTP, new sockets, and messages on sockets that have shown neither a ticket nor a note link. A request with more than 2 kB of headers counts as one for each 2 kB. IPv6 counts by /64 network; all of a /56 may have twice as much, of a /48 or an IPv4 /24 three times, of a /32 or an IPv4 /16 four times. So do all limits of an address.',
    example: '3000',
  },
  GLIR_LIMIT_SOCKETS: {
    section: 'Limits',
    type: limit,
    default: '4000',
    doc: 'Signalling sockets that one address may have open at once: one for each page in use. A quarter as many may be connections that are no such socket. Sockets of which nobody knows yet whose they are have a quarter as many places, of everybody together; a newcomer gets the oldest of the most crowded network.',
    example: '1000',
  },
  GLIR_LIMIT_ENTRIES: {
    section: 'Limits',
    type: limit,
    default: '3000',
    doc: 'Notes that may be opened, joined or come back to from one address in a minute, by doctors and patients together.',
    example: '600',
  },
  GLIR_LIMIT_WRONG_TRIES: {
    section: 'Limits',
    type: limit,
    default: '100',
    doc: 'Tickets, note links and owner tokens that one address may get wrong within ten minutes. After that GLIR no longer says what was wrong, and closes the socket. A right one still works.',
    example: '20',
  },
  GLIR_LIMIT_USER_NOTES: {
    section: 'Limits',
    type: limit,
    default: '200',
    doc: 'Notes that one doctor may begin within an hour.',
    example: '30',
  },
  GLIR_LIMIT_USER_ROOMS: {
    section: 'Limits',
    type: limit,
    default: '100',
    doc: 'Notes that one doctor may have open at once, drafts included.',
    example: '20',
  },
  GLIR_LIMIT_TENANT_NOTES: {
    section: 'Limits',
    type: limit,
    default: '5000',
    doc: "Notes that one workspace's or organisation's doctors may begin within an hour.",
    example: '500',
  },
  GLIR_LIMIT_TENANT_ROOMS: {
    section: 'Limits',
    type: limit,
    default: '5000',
    doc: "Notes that one workspace's or organisation's doctors may have open at once, drafts included. Counts for the local chat too.",
    example: '500',
  },
  GLIR_SLACK_CLIENT_ID: {
    section: 'Slack',
    type: z.string(),
    required: { by: 'Slack', how: `${SLACK_PAGE}.` },
    doc: 'Client ID of your Slack app, from its page "Basic Information". Turns Slack on, and the local chat off. `npm run glir -- manifest slack` prints what to make the app from.',
    example: '1234567890.1234567890123',
  },
  GLIR_SLACK_CLIENT_SECRET: {
    section: 'Slack',
    type: secret,
    secret: true,
    required: { by: 'Slack', how: `${SLACK_PAGE}.` },
    doc: 'Client secret of your Slack app, from the same page.',
    example: 'a-long-random-text',
  },
  GLIR_SLACK_SIGNING_SECRET: {
    section: 'Slack',
    type: secret,
    secret: true,
    required: {
      by: 'Slack',
      unless: 'GLIR_SLACK_APP_TOKEN',
      how: `${SLACK_PAGE}, or set GLIR_SLACK_APP_TOKEN where Slack cannot reach GLIR.`,
    },
    doc: 'Signing secret of your Slack app, from the same page: it proves that a request comes from Slack.',
    example: 'a-long-random-text',
  },
  GLIR_SLACK_APP_TOKEN: {
    section: 'Slack',
    type: secret,
    secret: true,
    doc: 'App-level token (`xapp-`) with `connections:write`. GLIR then asks Slack for requests instead of being called (socket mode), for a server that Slack cannot reach.',
    example: 'xapp-1-a-long-random-text',
  },
  GLIR_SLACK_ADMINS: {
    section: 'Slack',
    type: list(slackUser, 'holds no id. Unset it, or list Slack ids of people.'),
    unset: 'whoever installed GLIR first in the workspace',
    doc: 'Slack ids (`U…`), separated by commas, of the people who may change the settings for all doctors in the Home tab, whoever installs GLIR. GLIR tells a person who is not among them their own id.',
    example: 'U024BE7LH,U024BE7LJ',
  },
  GLIR_SLACK_TEAMS: {
    section: 'Slack',
    type: list(slackTeam, 'holds no id. Unset it, or list Slack ids of workspaces or organisations.'),
    unset: 'every one in which Slack lets somebody install the app',
    doc: 'Slack ids, separated by commas, of the workspaces (`T…`), and of the organisations (`E…`) with GLIR installed for all their workspaces, that GLIR serves. It cannot be installed in others, and does not answer there.',
    example: 'T024BE7LH',
  },
  GLIR_SLACK_API_URL: {
    section: 'Slack',
    type: origin,
    default: 'https://slack.com',
    doc: "Where Slack's API and its OAuth page are, for tests and emulators only.",
    example: 'http://127.0.0.1:4003',
  },
  GLIR_TEAMS_APP_ID: {
    section: 'Teams',
    type: guid,
    required: { by: 'Teams', how: `Copy the application (client) ID ${ENTRA_PAGE}` },
    doc: 'Application (client) ID of your Azure bot. Turns Teams on, and the local chat off. `npm run glir -- package teams` writes the app package for it.',
    example: '5f2f4a8e-0c1e-4f7b-9d52-8a4b2b0f6c11',
  },
  GLIR_TEAMS_APP_PASSWORD: {
    section: 'Teams',
    type: secret,
    secret: true,
    required: { by: 'Teams', how: 'Make a client secret under "Certificates & secrets" of the app registration.' },
    doc: 'Client secret of the same app registration.',
    example: 'a-long-random-text',
  },
  GLIR_TEAMS_TENANT_ID: {
    section: 'Teams',
    type: guid,
    required: { by: 'Teams', how: `Copy the directory (tenant) ID ${ENTRA_PAGE}` },
    doc: 'Directory (tenant) ID of the one organisation whose people may use GLIR; everybody else is refused.',
    example: 'c3a1d5b2-6a3e-4f0c-8f3d-2a5b7e9d1f04',
  },
  GLIR_TEAMS_ADMINS: {
    section: 'Teams',
    type: list(guid, 'holds no id. Unset it, or list Entra object ids of people.'),
    unset: 'nobody',
    doc: 'Entra object ids, separated by commas, of the people who may change the settings for all doctors with `glir settings`. GLIR tells a person who is not among them their own id.',
    example: '8a9a85f5-748b-4d75-baa5-b8d2f6bfe209',
  },
  GLIR_TEAMS_COMPOSE: {
    section: 'Teams',
    type: oneOf(['browser', 'dialog']),
    default: 'browser',
    doc: "Where the note is written after `/glir` opened its dialog: in the doctor's own browser (`browser`, the safer one), or inside the dialog in Teams (`dialog`).",
    example: 'dialog',
  },
  GLIR_TEAMS_OPENID_URL: {
    section: 'Teams',
    type: endpoint,
    default: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
    doc: "OpenID configuration with the keys that Teams' requests are signed with, for sovereign clouds and tests only.",
    example: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
  },
  GLIR_TEAMS_LOGIN_URL: {
    section: 'Teams',
    type: endpoint,
    default: 'https://login.microsoftonline.com',
    doc: 'Where GLIR gets its own tokens for Teams, for sovereign clouds and tests only.',
    example: 'https://login.microsoftonline.us',
  },
  GLIR_TEAMS_PLAYGROUND: {
    section: 'Teams',
    type: origin,
    doc: 'Origin of the Microsoft 365 Agents Playground, to try GLIR in Teams on one machine: its requests are not signed. Refused unless everything is loopback, and together with `GLIR_TEAMS_APP_ID`.',
    example: 'http://localhost:56150',
  },
  GLIR_DATA_DIR: {
    section: 'Storage',
    type: absolutePath,
    unset: '`$XDG_DATA_HOME/glir`, or `~/.local/share/glir`',
    doc: 'Folder that only GLIR may read and write, one for each server, for `glir.db`: a second server on the same folder does not start. Of notes it holds hashes of their ids, reasons and times, so that a note may come back after a restart and one that ended may not; of platforms installations, settings and the history. Never a note, a link or a PIN.',
    example: '/var/lib/glir',
  },
  GLIR_DATABASE_URL: {
    section: 'Storage',
    type: postgresUrl,
    unset: '`glir.db` in `GLIR_DATA_DIR`',
    secret: true,
    doc: 'PostgreSQL 13 or newer that keeps durable data instead of `GLIR_DATA_DIR` ([how to](OPERATIONS.md#postgresql)): a database of its own, which its user owns. `sslmode` is `verify-full` (the default unless PostgreSQL is on this machine), `require` or `disable`; `sslrootcert` is the path of the certificate of a CA of your own.',
    example: 'postgres://glir:password@db.example.org:5432/glir?sslmode=verify-full&sslrootcert=/etc/glir/ca.pem',
  },
  GLIR_DATA_KEYS: {
    section: 'Storage',
    type: dataKeys,
    secret: true,
    doc: "Keys for platforms' tokens at rest: `id:key`, separated by commas, each key 32 random bytes in base64 (`openssl rand -base64 32`). The first encrypts, the others only decrypt. Needed when a platform is set up, and with `GLIR_DATABASE_URL`.",
    example: `k1:${EXAMPLE_DATA_KEY}`,
  },
  GLIR_HISTORY_DAYS: {
    section: 'Storage',
    type: wholeNumber(0, HISTORY_DAYS_MAX),
    default: '90',
    doc: "How many days a doctor's history keeps a note that is over: when, for how long, how many read it and how it ended, without its content. 0 keeps none.",
    example: '30',
  },
  GLIR_AUDIT_DAYS: {
    section: 'Storage',
    type: wholeNumber(0, AUDIT_DAYS_MAX),
    default: '2192',
    doc: 'How many days the audit keeps what happened: which doctor (id), what, when, which room (tag), how it ended, without content and link ([what exactly](AUDIT.md)). The default is six years, as 45 CFR 164.316(b)(2) asks for documentation; set what your law asks for. 0 keeps no audit and deletes none.',
    example: '3653',
  },
  GLIR_NODE_URL: {
    section: 'Several nodes',
    type: nodeUrl,
    unset: 'this server is the only one',
    doc: 'Where the other servers of the same PostgreSQL reach this one, in a private network: an origin of its own for each server, never `PUBLIC_URL`. Makes it a node of a cluster, together with `GLIR_CLUSTER_KEY` and `GLIR_DATABASE_URL`. Requests are signed; they are encrypted only with `https`, for which a proxy with a certificate stands before `GLIR_NODE_LISTEN`.',
    example: 'http://10.0.0.5:7400',
  },
  GLIR_NODE_LISTEN: {
    section: 'Several nodes',
    type: addressAndPort,
    unset:
      'host and port of `GLIR_NODE_URL`, when that is `http` and an address of this machine; otherwise it is needed',
    doc: 'IP address and port at which this node listens for the others, in plain HTTP. Nobody else should reach it: listen on an address of the private network, or on 0.0.0.0 behind a firewall.',
    example: '0.0.0.0:7400',
  },
  GLIR_CLUSTER_KEY: {
    section: 'Several nodes',
    type: clusterKey,
    secret: true,
    doc: 'Key that all nodes of a cluster have and nobody else: 32 random bytes in base64 (`openssl rand -base64 32`). With it they sign requests to each other, and encrypt what they say through PostgreSQL.',
    example: EXAMPLE_DATA_KEY,
  },
  GLIR_ADMIN_OIDC_ISSUER: {
    section: 'Admin console',
    type: endpoint,
    doc: 'Issuer of the OpenID provider with which whoever runs this server signs in to the console at `/admin`, where they see every tenant ([how to](OPERATIONS.md#the-admin-console)). Needs the three others. Register `PUBLIC_URL/admin/operator/callback` there.',
    example: 'https://login.example.org/realms/hospital',
  },
  GLIR_ADMIN_OIDC_CLIENT_ID: {
    section: 'Admin console',
    type: z.string(),
    doc: 'Client id of the console at that provider.',
    example: 'glir-console',
  },
  GLIR_ADMIN_OIDC_CLIENT_SECRET: {
    section: 'Admin console',
    type: secret,
    secret: true,
    doc: 'Client secret of the console at that provider.',
    example: 'a-long-random-text',
  },
  GLIR_ADMIN_OIDC_ALLOWED: {
    section: 'Admin console',
    type: list(operatorRule, 'holds nobody. Set subjects, e-mail addresses, or claims such as groups=glir-operators.'),
    doc: 'Who may come in, separated by commas: subjects (`sub`), e-mail addresses that the provider has verified, or claims with a value, such as `groups=glir-operators`. Nobody else is let in.',
    example: 'groups=glir-operators',
  },
  GLIR_LOG_LEVEL: {
    section: 'Running',
    type: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    default: 'info',
    doc: 'How much is logged: fatal, error, warn, info, debug, trace or silent. No level logs a note, a link or a secret.',
    example: 'warn',
  },
  GLIR_LOG_FORMAT: {
    section: 'Running',
    type: oneOf(['text', 'json']),
    default: 'text',
    doc: '`json`: every line that the server writes is JSON, also the one that says why it did not start. `text`: its first and its last words are sentences for whoever starts it by hand.',
    example: 'json',
  },
  GLIR_METRICS_PORT: {
    section: 'Running',
    type: port,
    unset: 'no port of its own',
    doc: 'TCP port on which Prometheus gets the metrics at `/metrics` ([how to](OPERATIONS.md#metrics-and-alerts)). They name no person, tenant or room.',
    example: '9464',
  },
  GLIR_METRICS_HOST: {
    section: 'Running',
    type: address,
    default: '127.0.0.1',
    doc: 'IP address that `GLIR_METRICS_PORT` listens on. Anything but loopback needs `GLIR_METRICS_TOKEN`.',
    example: '10.0.0.5',
  },
  GLIR_METRICS_TOKEN: {
    section: 'Running',
    type: bearerToken,
    secret: true,
    doc: 'What Prometheus has to show (`authorization: credentials`) to get the metrics, at least 16 characters. Without `GLIR_METRICS_PORT`, they are at `/metrics` of the web server.',
    example: 'a-long-random-text',
  },
  GLIR_CACHE_DIR: {
    section: 'Running',
    type: z.string(),
    unset: '`$XDG_CACHE_HOME/glir`, or `~/.cache/glir`',
    doc: 'Folder outside of the checkout where setup keeps the runtime and the mediasoup worker it has prepared.',
    example: '/var/cache/glir',
  },
} as const satisfies Record<string, Variable>;

/** The name of a variable that GLIR reads. */
export type VariableName = keyof typeof VARIABLES;

type ValueOf<V extends Variable> = V extends { default: string }
  ? z.output<V['type']>
  : z.output<V['type']> | undefined;

/** The value of every variable, each read by itself; those without a value and a default are undefined. */
export type Variables = { readonly [Name in VariableName]: ValueOf<(typeof VARIABLES)[Name]> };

/** Every name, in the order of the documentation. */
export const VARIABLE_NAMES = Object.keys(VARIABLES) as VariableName[];

/** The names of those that only the server itself may see. */
export const SECRET_NAMES = VARIABLE_NAMES.filter((name) => variable(name).secret);

/** What the table says about a variable. */
export function variable(name: VariableName): Variable {
  return VARIABLES[name];
}

/**
 * Reads one variable by itself. An empty one counts as unset, and space around the value does not count.
 *
 * @returns its value, or what an unset one would have when it is wrong; and what is wrong with it, each with what to set
 */
export function readVariable<Name extends VariableName>(
  name: Name,
  env: NodeJS.ProcessEnv,
): { value: Variables[Name]; problems: string[] } {
  const { type, default: fallback } = variable(name);
  const text = env[name]?.trim() || fallback;
  const { data, error } = z.optional(type).safeParse(text);
  const value: unknown = error === undefined || fallback === undefined ? data : type.parse(fallback);
  const problems = [...new Set(error?.issues.map(({ message }) => message))];
  return { value: value as Variables[Name], problems };
}
