import type { GoneReason, ReceiverState, RoomFacts } from '../../../web-receiver/state.ts';
import { DOCTOR, LEFT, LONG_NAME, LONG_NOTE, NOTE, RTL_NOTE, TOTAL, UNTIL, WIDE_NOTE } from './samples.ts';

const room: RoomFacts = { who: DOCTOR, until: UNTIL, leftMs: LEFT, totalMs: TOTAL, admission: 'ask' };

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
  'unknown-room',
  'wrong-key',
  'old-page',
  'no-webrtc',
  'unreachable',
  'tampered',
];

export const receiverStates: Readonly<Record<string, ReceiverState>> = {
  loading: { name: 'loading' },
  closed: { name: 'closed', room, opening: false },
  'closed-anonymous': { name: 'closed', room: { ...room, who: null }, opening: false },
  'closed-long-name': { name: 'closed', room: { ...room, who: LONG_NAME }, opening: false },
  'closed-tomorrow': {
    name: 'closed',
    room: { ...room, until: UNTIL + 1440 * 60_000, leftMs: 1400 * 60_000, totalMs: 1440 * 60_000 },
    opening: false,
  },
  opening: { name: 'closed', room, opening: true },
  waiting: { name: 'waiting', room, shortCode: '482913' },
  'waiting-no-code': { name: 'waiting', room: { ...room, who: null }, shortCode: null },
  reading: { name: 'reading', room, note: NOTE },
  'reading-soon': { name: 'reading', room: { ...room, leftMs: 42_000 }, note: 'Two tablets in the evening.' },
  'reading-rtl': { name: 'reading', room: { ...room, who: 'د. ليلى حداد' }, note: RTL_NOTE },
  'reading-wide': { name: 'reading', room: { ...room, who: LONG_NAME }, note: WIDE_NOTE },
  'reading-long': { name: 'reading', room, note: LONG_NOTE },
  'interrupted-doctor': { name: 'interrupted', room, side: 'doctor' },
  'interrupted-patient': { name: 'interrupted', room, side: 'patient' },
  ...Object.fromEntries(
    GONE.map((reason) => [`gone-${reason}`, { name: 'gone', reason, who: DOCTOR, at: UNTIL } satisfies ReceiverState]),
  ),
};
