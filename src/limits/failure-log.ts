import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { CONNECTION_FAILURES, type PageSide } from '../protocol/connection-failures.ts';
import { createTokenBucket } from './token-bucket.ts';

/** What pages tell of, and what the server notices itself on the way of its sockets and pages. */
export const FAILURE_CODES = [...CONNECTION_FAILURES, 'upgrade-stripped', 'page-altered'] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What an operator does about each. */
const NEXT: Readonly<Record<FailureCode, string>> = {
  'no-webrtc': 'This browser may not use WebRTC. Allow it for this site in the policy of the organisation.',
  'data-port-blocked':
    'This browser reaches no announced address. Of both sides of every note: correct GLIR_RTC_ANNOUNCED, or open the port in the firewall, UDP and TCP. Of one network: have it opened there, or set GLIR_TURN.',
  'no-common-address':
    'This browser has no address of the announced family. Add an IPv6 address or a host name to GLIR_RTC_ANNOUNCED.',
  'dtls-failed':
    'The port answers, and something drops the encrypted connection. Have DTLS allowed to it, or set GLIR_TURN to a turns: URL.',
  'socket-blocked': 'HTTP passes, WebSockets do not. Let the proxies on the way pass on Upgrade for /signal.',
  'socket-cut': 'Something on the way ends open WebSockets. Raise its time limits for /signal.',
  'upgrade-stripped':
    'A request for /signal came without Upgrade. Have the proxy pass on Upgrade and Connection (nginx: proxy_http_version 1.1 and both headers).',
  'page-altered':
    'Something on the way changed the script of a page, which browsers refuse to run. Exempt this site from it.',
};

/** The codes for which the log says what browsers were told of the data channels. */
const OF_DATA_CHANNELS: ReadonlySet<FailureCode> = new Set(['data-port-blocked', 'no-common-address', 'dtls-failed']);

/** A room is told of once in this time, which is longer than it lives; what belongs to no room, once in the other. */
const ROOM_MS = 25 * 60 * 60 * 1000;
const ROOMLESS_MS = 10 * 60 * 1000;
/** Lines at once and in a second: of pages with a ticket or a link, and of whoever tells by HTTP, so that these hide no others. */
const RATES = { known: { burst: 30, perSecond: 0.5 }, anybody: { burst: 30, perSecond: 0.5 } };
/** What is remembered to have been told; beyond it the oldest is forgotten. */
const REMEMBERED = 10_000;

/** What is known of a failure. Nothing of it names a person or their network. */
export interface Failure {
  code: FailureCode;
  side?: PageSide;
  /** The room's tag. */
  room?: string;
  /** What the server had of the page's connection: nothing, answers to its addresses, or an encrypted connection. */
  arrived?: 'nothing' | 'ice' | 'dtls';
  /** How long sockets lived that were cut. */
  seconds?: number;
}

/** Writes failures of connections to the log: once for each room and side and code, however often pages tell of them. */
export interface FailureLog {
  /** @param by whether whoever tells has shown a ticket or a link */
  report(failure: Failure, by: keyof typeof RATES): void;
}

/** @param dataChannels what browsers are told of them; goes into the lines that are about them */
export function createFailureLog(
  log: Logger,
  clock: Clock,
  dataChannels: Readonly<Record<string, unknown>>,
): FailureLog {
  const toldUntil = new Map<string, number>();
  const mayWrite = { known: createTokenBucket(clock, RATES.known), anybody: createTokenBucket(clock, RATES.anybody) };

  return {
    report({ code, side, room, ...facts }, by) {
      const key = [code, side, room].join(' ');
      const now = clock.uptime();
      if (now < (toldUntil.get(key) ?? 0) || !mayWrite[by]()) return;
      toldUntil.delete(key);
      toldUntil.set(key, now + (room === undefined ? ROOMLESS_MS : ROOM_MS));
      const [oldest] = toldUntil.keys();
      if (toldUntil.size > REMEMBERED && oldest !== undefined) toldUntil.delete(oldest);
      log.warn({
        event: 'connection-failed',
        code,
        ...(side === undefined ? {} : { side }),
        ...(room === undefined ? {} : { room }),
        ...facts,
        ...(OF_DATA_CHANNELS.has(code) ? dataChannels : {}),
        next: NEXT[code],
      });
    },
  };
}
