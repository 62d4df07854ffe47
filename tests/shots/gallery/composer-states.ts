import { CONNECTION_FAILURES } from '../../../src/protocol/connection-failures.ts';
import { END_REASONS, LIMITS } from '../../../src/protocol/constants.ts';
import type { Medicine } from '../../../src/protocol/note.ts';
import type { FilesState } from '../../../web-composer/files/files-state.ts';
import type { NoteOptions } from '../../../web-composer/session/note-model.ts';
import type { ComposerState, Policy, ReaderRow } from '../../../web-composer/session/state.ts';
import { DOCTOR, LEFT, LINK, LONG_NAME, NOTE, TOTAL, UNTIL } from './samples.ts';

const ADDRESSES = ['203.0.113.5:44444/udp', '203.0.113.5:44444/tcp'];

const policy: Policy = { expirySeconds: 1800, admission: 'ask', maxReaders: 3, showName: true };

const options: NoteOptions = { format: 'plain', copy: true, print: true };

const files: FilesState = {
  rows: [],
  refused: [],
  reading: 0,
  maySave: true,
  limits: { fileBytes: 50 * 1024 * 1024, totalBytes: 200 * 1024 * 1024 },
};

const nobody = { readers: 0, whole: 0, damaged: 0, share: 0 };
const someFiles: FilesState = {
  ...files,
  rows: [
    {
      id: 1,
      name: 'Laboratory report.pdf',
      kind: 'pdf',
      bytes: 1_240_000,
      delivery: { ...nobody, readers: 2, whole: 2, share: 1 },
    },
    {
      id: 2,
      name: 'تقرير الأشعة.jpg',
      kind: 'jpeg',
      bytes: 4_800_000,
      delivery: { ...nobody, readers: 2, whole: 1, share: 0.62 },
    },
    {
      id: 3,
      name: 'values.dcm',
      kind: 'other',
      bytes: 45_000_000,
      delivery: { ...nobody, readers: 2, whole: 1, damaged: 1, share: 0.5 },
    },
  ],
  refused: [
    { name: 'setup.exe', why: 'runs' },
    { name: 'report.pdf', why: 'pretends' },
  ],
  reading: 1,
};

const writing: ComposerState & { name: 'writing' } = {
  name: 'writing',
  isChosen: false,
  limits: { expiryMaxSeconds: 86_400, maxReaders: 20, admissions: ['ask', 'pin', 'link'] },
  policy,
  displayName: DOCTOR,
  noteBytes: NOTE.length,
  options,
  files,
  pin: '482913',
  sharing: false,
  problem: null,
  blocked: null,
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
  noteBytes: NOTE.length,
  options,
  files,
  contentRev: 1,
  editing: false,
  problem: null,
  pin: null,
  extendableMs: 0,
  admissions: ['ask', 'pin', 'link'],
  interrupted: false,
  blocked: null,
  alert: null,
  another: null,
};

function reader(number: number, state: ReaderRow['state']): ReaderRow {
  const shortCode = String(100_000 + ((number * 382_913) % 900_000));
  const rev = state === 'reading' || state === 'left' ? 1 : 0;
  return {
    id: `reader-${number}`,
    number,
    name: '',
    reloadedAt: null,
    state,
    shortCode,
    since: UNTIL - LEFT + number * 60_000,
    wrongPins: 0,
    visible: state === 'reading',
    shownRev: rev,
    endRev: 0,
    understoodRev: 0,
    points: [],
  };
}

const everyState = [reader(1, 'left'), reader(2, 'reading'), reader(3, 'refused'), reader(4, 'waiting')];
const many = Array.from({ length: 20 }, (_, index) => reader(index + 1, index < 14 ? 'reading' : 'waiting'));
const REFUSED = [
  'used-ticket',
  'expired-ticket',
  'unknown-ticket',
  'incomplete-link',
  'no-secret',
  'reloaded',
  'composer-present',
  'ended-room',
  'wrong-version',
  'no-webrtc',
  'socket-blocked',
  'unreachable',
  'too-often',
  'bad-message',
] as const;

const NO_PLAN = { morning: '', noon: '', evening: '', night: '' };

/** Lists of medicines that stand beside the text in some of the states. */
const list: Medicine[] = [
  {
    name: 'Ramipril',
    strength: '5 mg',
    dose: '1 tablet',
    plan: { ...NO_PLAN, morning: '1' },
    when: '',
    duration: '30 days',
    remarks: 'with water',
  },
  {
    name: 'Amlodipine',
    strength: '5 mg',
    dose: '1 tablet',
    plan: { ...NO_PLAN, evening: '1' },
    when: '',
    duration: '30 days',
    remarks: '',
  },
];
/** States whose textbox is filled with a note of its own size; the others show the usual sample. */
export const composerStates: Readonly<Record<string, ComposerState>> = {
  loading: { name: 'loading' },
  writing: { ...writing, noteBytes: 0 },
  'writing-filled': writing,
  'writing-files': { ...writing, files: someFiles },
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
  'writing-pin': { ...writing, policy: { ...policy, admission: 'pin' } },
  'writing-bad-pin': { ...writing, policy: { ...policy, admission: 'pin' }, pin: '123', problem: 'bad-pin' },
  'writing-chosen': { ...writing, isChosen: true },
  'writing-chosen-bad-pin': {
    ...writing,
    isChosen: true,
    policy: { ...policy, admission: 'pin' },
    pin: '123',
    problem: 'bad-pin',
  },
  'writing-choices': {
    ...writing,
    policy: { ...policy, showName: false },
    options: { format: 'markdown', copy: false, print: false },
  },
  'writing-blocked': {
    ...writing,
    problem: 'blocked',
    blocked: { failure: 'data-port-blocked', addresses: ADDRESSES },
  },
  'writing-list': writing,
  'writing-list-marked': writing,
  open,
  'open-files': { ...open, readers: [reader(1, 'reading'), reader(2, 'reading')], files: someFiles },
  'open-typing': { ...open, readers: [reader(1, 'reading')] },
  'open-sending': { ...open, contentRev: 2, editing: true, readers: [reader(1, 'reading')] },
  'open-sent': { ...open, contentRev: 2, readers: [{ ...reader(1, 'reading'), shownRev: 3 }] },
  'open-emptied': { ...open, noteBytes: 0, problem: 'empty', readers: [reader(1, 'reading')] },
  'open-too-long': { ...open, noteBytes: LIMITS.noteBytes + 1204, problem: 'too-long' },
  'open-asked': {
    ...open,
    readers: [
      { ...reader(1, 'reading'), points: [{ part: 'text', index: 8 }] },
      {
        ...reader(2, 'reading'),
        points: [
          { part: 'text', index: 4 },
          { part: 'medicines', index: 1 },
        ],
      },
    ],
  },
  'open-waiting': { ...open, readers: [reader(1, 'waiting')] },
  'open-readers': { ...open, readers: everyState },
  'open-many': { ...open, readers: many, policy: { ...policy, maxReaders: 20 } },
  'open-soon': { ...open, leftMs: 42_000, readers: [reader(1, 'reading')], alert: 'room-full' },
  'open-receipts': {
    ...open,
    contentRev: 2,
    extendableMs: 8 * 3_600_000,
    readers: [
      { ...reader(1, 'reading'), shownRev: 3, understoodRev: 3, endRev: 3 },
      { ...reader(2, 'reading'), shownRev: 1, understoodRev: 1, visible: false },
      { ...reader(3, 'reading'), shownRev: 3, points: [{ part: 'text', index: 1 }] },
    ],
  },
  'open-named': {
    ...open,
    readers: [
      { ...reader(1, 'reading'), name: 'Daughter', understoodRev: 1, endRev: 1, points: [{ part: 'text', index: 4 }] },
      { ...reader(2, 'reading'), name: 'Mr Verdi', endRev: 1, reloadedAt: UNTIL - LEFT + 240_000 },
      reader(3, 'reading'),
    ],
  },
  'open-another': { ...open, readers: [reader(1, 'reading')], another: 'no-tab' },
  'open-pin': {
    ...open,
    policy: { ...policy, admission: 'pin' },
    extendableMs: 8 * 3_600_000,
    pin: { pin: '482913', triesLeft: 3 },
    readers: [{ ...reader(1, 'pin'), wrongPins: 2 }],
  },
  'open-little-time': { ...open, leftMs: 280_000, extendableMs: 1_800_000, readers: [reader(1, 'reading')] },
  ...Object.fromEntries(
    CONNECTION_FAILURES.map((failure) => [
      `open-blocked-${failure}`,
      {
        ...open,
        interrupted: true,
        blocked: { failure, addresses: ADDRESSES, seconds: 60 },
      } satisfies ComposerState,
    ]),
  ),
  'open-interrupted': { ...open, interrupted: true, readers: [reader(1, 'reading')] },
  ...Object.fromEntries(
    END_REASONS.map((reason, readBy) => [
      `over-${reason}`,
      { name: 'over', reason, from: UNTIL - TOTAL, at: UNTIL, readBy, kept: null, again: null } satisfies ComposerState,
    ]),
  ),
  'over-kept': {
    name: 'over',
    reason: 'lost',
    from: UNTIL - TOTAL,
    at: UNTIL,
    readBy: 1,
    kept: { text: NOTE, format: 'plain', medicines: list, copy: true, print: true },
    again: null,
  },
  'over-kept-draft': {
    name: 'over',
    reason: 'expired',
    from: null,
    at: UNTIL,
    readBy: 0,
    kept: { text: NOTE, format: 'plain', medicines: [], copy: true, print: true },
    again: 'limited',
  },
  ...Object.fromEntries(
    REFUSED.map((code) => [
      `refused-${code}`,
      { name: 'refused', code, kept: null, again: null } satisfies ComposerState,
    ]),
  ),
  'refused-kept': {
    name: 'refused',
    code: 'used-ticket',
    kept: { text: NOTE, format: 'plain', medicines: [], copy: true, print: true },
    again: null,
  },
};

/** A list in which the doctor has to look at every row but the first. */
const marked: Medicine[] = [
  ...list.slice(0, 1),
  {
    name: 'Methotrexate',
    strength: '7.5 mg',
    dose: '',
    plan: NO_PLAN,
    when: '1-0-0 once a week',
    duration: '',
    remarks: 'ONLY on Wednesdays, and never on two days one after the other',
  },
  { name: 'Insulin glargine', strength: '', dose: '10 U', plan: NO_PLAN, when: '1-1-1', duration: '', remarks: '' },
  {
    name: 'Hydrochlorothiazide',
    strength: '12.5 mg',
    dose: '1 tablet',
    plan: NO_PLAN,
    when: 'b.d.',
    duration: 'until the next visit',
    remarks: '',
  },
  { name: '', strength: '', dose: '', plan: { ...NO_PLAN, evening: '1' }, when: '', duration: '', remarks: '' },
];
export const composerLists: Readonly<Record<string, readonly Medicine[]>> = {
  'writing-list': list,
  'writing-list-marked': marked,
  'open-asked': list,
};
