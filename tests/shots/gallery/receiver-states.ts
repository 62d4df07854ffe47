import { CONNECTION_FAILURES } from '../../../src/protocol/connection-failures.ts';
import type { GoneReason, ReceiverState, RoomFacts } from '../../../web-receiver/session/state.ts';
import { readingStates } from './reading-states.ts';
import { DOCTOR, LEFT, LINK, LONG_NAME, TOTAL, UNTIL } from './samples.ts';

const room: RoomFacts = { who: DOCTOR, phone: null, until: UNTIL, leftMs: LEFT, totalMs: TOTAL, admission: 'ask' };

const GONE: readonly GoneReason[] = [
  'revoked',
  'expired',
  'left',
  'lost',
  'locked',
  'stopped',
  'declined',
  'room-full',
  'incomplete-link',
  'no-secret',
  'unknown-room',
  'wrong-key',
  'old-page',
  'no-webrtc',
  'unreachable',
  'tampered',
];

export const receiverStates: Readonly<Record<string, ReceiverState>> = {
  loading: { name: 'loading' },
  closed: { name: 'closed', room, opening: false, pin: null },
  'closed-anonymous': { name: 'closed', room: { ...room, who: null }, opening: false, pin: null },
  'closed-long-name': { name: 'closed', room: { ...room, who: LONG_NAME }, opening: false, pin: null },
  'closed-tomorrow': {
    name: 'closed',
    room: { ...room, until: UNTIL + 1440 * 60_000, leftMs: 1400 * 60_000, totalMs: 1440 * 60_000 },
    opening: false,
    pin: null,
  },
  'closed-pin': {
    name: 'closed',
    room: { ...room, admission: 'pin' },
    opening: false,
    pin: { problem: null, triesLeft: null },
  },
  'closed-pin-wrong': {
    name: 'closed',
    room: { ...room, admission: 'pin' },
    opening: false,
    pin: { problem: 'wrong', triesLeft: 3 },
  },
  'closed-pin-missing': {
    name: 'closed',
    room: { ...room, admission: 'pin' },
    opening: false,
    pin: { problem: 'missing', triesLeft: null },
  },
  opening: { name: 'closed', room, opening: true, pin: null },
  waiting: { name: 'waiting', room, shortCode: '482913', unanswered: false },
  'waiting-no-code': { name: 'waiting', room: { ...room, who: null }, shortCode: null, unanswered: false },
  'waiting-unanswered': {
    name: 'waiting',
    room: { ...room, phone: '06 555 0100' },
    shortCode: '482913',
    unanswered: true,
  },
  ...readingStates,
  'interrupted-doctor': { name: 'interrupted', room, side: 'doctor', failure: null },
  'interrupted-patient': { name: 'interrupted', room, side: 'patient', failure: null },
  'interrupted-asleep': { name: 'interrupted', room, side: 'asleep', failure: null },
  'interrupted-blocked': {
    name: 'interrupted',
    room: { ...room, phone: '06 555 0100' },
    side: 'patient',
    failure: 'data-port-blocked',
  },
  ...Object.fromEntries(
    CONNECTION_FAILURES.map((reason) => [
      `gone-blocked-${reason}`,
      { name: 'gone', reason, who: DOCTOR, phone: '06 555 0100', at: UNTIL, link: LINK } satisfies ReceiverState,
    ]),
  ),
  away: { name: 'away', who: DOCTOR, phone: '06 555 0100' },
  'away-unnamed': { name: 'away', who: null, phone: null },
  'gone-silent': { name: 'gone', reason: 'unreachable', who: DOCTOR, phone: '06 555 0100', at: UNTIL, silent: true },
  'gone-link': { name: 'gone', reason: 'no-webrtc', who: null, phone: null, at: null, link: LINK },
  'gone-phone': { name: 'gone', reason: 'revoked', who: DOCTOR, phone: '06 555 0100', at: UNTIL },
  ...Object.fromEntries(
    GONE.map((reason) => [
      `gone-${reason}`,
      { name: 'gone', reason, who: DOCTOR, phone: null, at: UNTIL } satisfies ReceiverState,
    ]),
  ),
};
