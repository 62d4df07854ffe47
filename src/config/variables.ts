import { z } from 'zod';
import { LIMITS } from '../protocol/constants.ts';
import { dataKeys, EXAMPLE_DATA_KEY } from './data-keys.ts';
import {
  absolutePath,
  address,
  announcedHost,
  duration,
  iceUrl,
  list,
  listenHost,
  oneOf,
  origin,
  port,
  secret,
  wholeNumber,
} from './fields.ts';
import { limitVariables } from './limit-variables.ts';
import { operatorName } from './operator.ts';
import { phoneNumber } from './phone.ts';
import { slackVariables, teamsVariables } from './platform-variables.ts';
import { optional, withDefault } from './variable.ts';

/** Most workers: more than the cores of any one machine, few enough to be no typing mistake. */
const WORKERS_MAX = 64;

/** Ten years. */
const HISTORY_DAYS_MAX = 3_650;
/** Thirty years, the longest that any law asks records of care to be kept. */
const AUDIT_DAYS_MAX = 10_958;

/**
 * Every variable that GLIR reads, with its form, its default and its documentation. Rules across variables are
 * elsewhere.
 */
export const variables = z.object({
  PORT: withDefault(port(), {
    group: 'Web',
    about: 'TCP port of the web server.',
    default: '3000',
    example: '8080',
  }),
  HOST: optional(listenHost(), {
    group: 'Web',
    about: 'IP address the web server listens on.',
    default: '127.0.0.1 when `PUBLIC_URL` is on this machine (loopback), else 0.0.0.0',
    example: '127.0.0.1',
  }),
  PUBLIC_URL: optional(origin(), {
    group: 'Web',
    about:
      'What browsers use to reach GLIR: scheme, host and port, nothing more. Must be `https` unless it is loopback, because browsers encrypt in secure contexts only. While it is loopback, the local chat is served at `/`.',
    default: 'http://localhost:PORT',
    example: 'https://glir.example.org',
  }),
  GLIR_TRUST_PROXY: withDefault(wholeNumber(0, 10), {
    group: 'Web',
    about:
      "How many reverse proxies stand in front of GLIR. That many entries of `X-Forwarded-For` are believed when a client's address is counted.",
    default: '0',
    example: '1',
  }),
  GLIR_OPERATOR: optional(operatorName, {
    group: 'Web',
    about:
      'Who runs this server and how to ask them, for the pages `/privacy` and `/terms`, which anybody can read: one line, at most 120 characters.',
    default: '"whoever runs this server"',
    example: 'Ospedale San Marco, privacy@sanmarco.example',
  }),
  GLIR_RTC_PORT: withDefault(port(), {
    group: 'Data channels',
    about: 'Port of the data channels, UDP and TCP. Worker 2 uses the next port, and so on. Open them in the firewall.',
    default: '44444',
    example: '40000',
  }),
  GLIR_RTC_LISTEN: optional(list(address(), 'holds no address. Unset it, or list addresses of this machine.'), {
    group: 'Data channels',
    about: 'IP addresses of this machine that data channels listen on, separated by commas.',
    default: '127.0.0.1 when `PUBLIC_URL` is loopback, else 0.0.0.0',
    example: '10.0.0.5,fd00::5',
  }),
  GLIR_RTC_ANNOUNCED: optional(announcedHost(), {
    group: 'Data channels',
    about:
      "The IP address at which doctors' and patients' browsers reach the data channels. Needed when listening on 0.0.0.0 or `::`, and behind NAT. A host name works too, but not in Firefox.",
    default: 'the address listened on',
    example: '203.0.113.5',
  }),
  GLIR_WORKERS: withDefault(wholeNumber(1, WORKERS_MAX), {
    group: 'Data channels',
    about: 'How many mediasoup workers run, each a process on one core with a port of its own.',
    default: '1',
    example: '2',
  }),
  MEDIASOUP_WORKER_BIN: optional(z.string(), {
    group: 'Data channels',
    about: 'Path of the mediasoup worker. `npm start` sets it to the worker it has prepared.',
    default: "the one in mediasoup's package",
    example: '/opt/glir/mediasoup-worker',
  }),
  GLIR_TURN: optional(list(iceUrl(), 'holds no URL. Unset it, or list turn:, turns:, stun: or stuns: URLs.'), {
    group: 'STUN and TURN',
    about:
      'STUN and TURN servers for browsers, separated by commas. `turns:` on port 443 gets through most strict firewalls.',
    default: 'none',
    example: 'turn:turn.example.org:3478,turns:turn.example.org:443?transport=tcp',
  }),
  GLIR_TURN_SECRET: optional(secret(), {
    group: 'STUN and TURN',
    about:
      'Secret shared with coturn (`use-auth-secret`, `static-auth-secret`). Each browser gets credentials of its own that stop working.',
    default: 'none',
    example: 'a-long-random-text',
  }),
  GLIR_TURN_USERNAME: optional(z.string(), {
    group: 'STUN and TURN',
    about:
      'Fixed user name for TURN, together with `GLIR_TURN_PASSWORD`. Every browser sees both: prefer `GLIR_TURN_SECRET`.',
    default: 'none',
    example: 'glir',
  }),
  GLIR_TURN_PASSWORD: optional(secret(), {
    group: 'STUN and TURN',
    about: 'Fixed password for TURN.',
    default: 'none',
    example: 'a-long-random-text',
  }),
  GLIR_ICE_TRANSPORT: withDefault(oneOf(['all', 'relay']), {
    group: 'STUN and TURN',
    about:
      '`relay` makes browsers go through TURN only, so that they show their addresses to nobody else; `all` lets them take the shortest way.',
    default: 'all',
    example: 'relay',
  }),
  GLIR_EXPIRY_DEFAULT: optional(duration(LIMITS.expiryMinSeconds, LIMITS.expiryMaxSeconds), {
    group: 'Rooms',
    about: 'How long a note lives when the doctor does not choose.',
    default: '30m, or `GLIR_EXPIRY_MAX` when that is shorter',
    example: '15m',
  }),
  GLIR_EXPIRY_MAX: withDefault(duration(LIMITS.expiryMinSeconds, LIMITS.expiryMaxSeconds), {
    group: 'Rooms',
    about: 'The longest life of a note that a doctor can choose.',
    default: '24h',
    example: '8h',
  }),
  GLIR_READERS_DEFAULT: withDefault(wholeNumber(1, LIMITS.readersMax), {
    group: 'Rooms',
    about: `How many readers may be connected to one note at a time when the doctor does not choose, at most ${LIMITS.readersMax}.`,
    default: String(LIMITS.readersDefault),
    example: '1',
  }),
  GLIR_PHONE: optional(phoneNumber, {
    group: 'Rooms',
    about:
      "The practice's phone number, shown to a patient whose note is gone. A workspace's own settings come before it.",
    default: 'none',
    example: '06 555 0100',
  }),
  ...limitVariables,
  ...slackVariables,
  ...teamsVariables,
  GLIR_DATA_DIR: optional(absolutePath(), {
    group: 'Storage',
    about:
      'Folder that only GLIR may read and write, one for each server, for `glir.db`. Of notes it holds hashes of their ids, reasons and times, so that a note may come back after a restart and one that ended may not; of platforms installations, settings and the history. Never a note, a link or a PIN.',
    default: '`$XDG_DATA_HOME/glir`, or `~/.local/share/glir`',
    example: '/var/lib/glir',
  }),
  GLIR_DATA_KEYS: optional(dataKeys(), {
    group: 'Storage',
    about:
      "Keys for platforms' tokens at rest: `id:key`, separated by commas, each key 32 random bytes in base64 (`openssl rand -base64 32`). The first encrypts, the others only decrypt. Needed when a platform is set up.",
    default: 'none',
    example: `k1:${EXAMPLE_DATA_KEY}`,
  }),
  GLIR_HISTORY_DAYS: withDefault(wholeNumber(0, HISTORY_DAYS_MAX), {
    group: 'Storage',
    about:
      "How many days a doctor's history keeps a note that is over: when, for how long, how many read it and how it ended, without its content. 0 keeps none.",
    default: '90',
    example: '30',
  }),
  GLIR_AUDIT_DAYS: withDefault(wholeNumber(0, AUDIT_DAYS_MAX), {
    group: 'Storage',
    about:
      'How many days the audit keeps what happened: which doctor (id), what, when, which room (tag), how it ended, without content and link ([what exactly](AUDIT.md)). The default is six years, as 45 CFR 164.316(b)(2) asks for documentation; set what your law asks for. 0 keeps no audit and deletes none.',
    default: '2192',
    example: '3653',
  }),
  GLIR_LOG_LEVEL: withDefault(oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']), {
    group: 'Running',
    about:
      'How much is logged: fatal, error, warn, info, debug, trace or silent. No level logs a note, a link or a secret.',
    default: 'info',
    example: 'warn',
  }),
  GLIR_CACHE_DIR: optional(z.string(), {
    group: 'Running',
    about: 'Folder outside of the checkout where setup keeps the runtime and the mediasoup worker it has prepared.',
    default: '`$XDG_CACHE_HOME/glir`, or `~/.cache/glir`',
    example: '/var/cache/glir',
  }),
});

/** The name of a variable that GLIR reads. */
export type VariableName = keyof typeof variables.shape;

/** Every name, in the order of the documentation. */
export const VARIABLE_NAMES: readonly VariableName[] = variables.keyof().options;

/** The variables, each read by itself; those without a value and a fixed default are undefined. */
export type Variables = z.output<typeof variables>;
