import { END_REASONS, LIMITS } from '../../../src/protocol/terms.ts';
import type { ComposerState, Policy, ReaderRow } from '../../../web-composer/state.ts';
import { DOCTOR, LEFT, LINK, LONG_NAME, NOTE, TOTAL, UNTIL } from './samples.ts';

const policy: Policy = { expirySeconds: 1800, admission: 'ask', maxReaders: 3, showName: true };

const writing: ComposerState & { name: 'writing' } = {
  name: 'writing',
  limits: { expiryMaxSeconds: 86_400, maxReaders: 20, admissions: ['link', 'ask'] },
  policy,
  displayName: DOCTOR,
  noteBytes: NOTE.length,
  sharing: false,
  problem: null,
};

const open: ComposerState & { name: 'open' } = {
  name: 'open',
  policy,
  displayName: DOCTOR,
  link: LINK,
  until: UNTIL,
  leftMs: LEFT,
  totalMs: TOTAL,
  readers: [],
  interrupted: false,
  notice: null,
};

function reader(number: number, state: ReaderRow['state']): ReaderRow {
  const shortCode = String(100_000 + ((number * 382_913) % 900_000));
  return { id: `reader-${number}`, number, state, shortCode, since: UNTIL - LEFT + number * 60_000 };
}

const everyState = [reader(1, 'left'), reader(2, 'reading'), reader(3, 'refused'), reader(4, 'waiting')];
const many = Array.from({ length: 20 }, (_, index) => reader(index + 1, index < 14 ? 'reading' : 'waiting'));
const REFUSED = [
  'used-ticket',
  'expired-ticket',
  'unknown-ticket',
  'incomplete-link',
  'composer-present',
  'ended-room',
  'wrong-version',
  'no-webrtc',
  'unreachable',
  'too-often',
  'bad-message',
] as const;

/** States whose textbox is filled with a note of its own size; the others show the usual sample. */
export const composerStates: Readonly<Record<string, ComposerState>> = {
  loading: { name: 'loading' },
  writing: { ...writing, noteBytes: 0 },
  'writing-filled': writing,
  'writing-link': {
    ...writing,
    displayName: LONG_NAME,
    policy: { ...policy, admission: 'link', showName: true, expirySeconds: 2700, maxReaders: 4 },
  },
  'writing-no-name': { ...writing, policy: { ...policy, showName: false } },
  'writing-near': { ...writing, noteBytes: LIMITS.noteBytes - 900 },
  'writing-too-long': { ...writing, noteBytes: LIMITS.noteBytes + 1204, problem: 'too-long' },
  'writing-empty': { ...writing, noteBytes: 0, problem: 'empty' },
  'writing-unreachable': { ...writing, problem: 'unreachable' },
  'writing-sharing': { ...writing, sharing: true },
  open,
  'open-waiting': { ...open, readers: [reader(1, 'waiting')] },
  'open-readers': { ...open, readers: everyState },
  'open-many': { ...open, readers: many, policy: { ...policy, maxReaders: 20 } },
  'open-soon': { ...open, leftMs: 42_000, readers: [reader(1, 'reading')], notice: 'room-full' },
  'open-interrupted': { ...open, interrupted: true, readers: [reader(1, 'reading')] },
  ...Object.fromEntries(
    END_REASONS.map((reason, readBy) => [
      `over-${reason}`,
      { name: 'over', reason, at: UNTIL, readBy } satisfies ComposerState,
    ]),
  ),
  ...Object.fromEntries(REFUSED.map((code) => [`refused-${code}`, { name: 'refused', code } satisfies ComposerState])),
};
