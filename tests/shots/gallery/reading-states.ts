/** States of the reading screen. */
import type { Medicine, Note } from '../../../src/protocol/note.ts';
import type { Reading, RoomFacts } from '../../../web-receiver/session/state.ts';
import { DOCTOR, LEFT, LONG_NAME, LONG_NOTE, NOTE, RTL_NOTE, TOTAL, UNTIL, WIDE_NOTE } from './samples.ts';

const room: RoomFacts = { who: DOCTOR, phone: null, until: UNTIL, leftMs: LEFT, totalMs: TOTAL, admission: 'ask' };

function plain(text: string): Note {
  return { text, format: 'plain', medicines: [] };
}

function reading(note: Note, more: Partial<Reading> = {}, facts: Partial<RoomFacts> = {}): Reading {
  return {
    name: 'reading',
    room: { ...room, ...facts },
    note,
    rev: 1,
    editing: false,
    copy: true,
    print: true,
    understood: false,
    points: [],
    ...more,
  };
}

function medicine(name: string, strength: string, more: Partial<Medicine> = {}): Medicine {
  const plan = { morning: '', noon: '', evening: '', night: '' };
  return { name, strength, dose: '', plan, when: '', duration: '', remarks: '', ...more };
}

const day = (morning: string, noon: string, evening: string, night: string) => ({ morning, noon, evening, night });

const MEDICINES: readonly Medicine[] = [
  medicine('Ramipril', '5 mg', { plan: day('1', '', '', ''), remarks: 'With water, before breakfast' }),
  medicine('Metformin', '850 mg', { plan: day('1', '', '1', ''), duration: 'until the next visit' }),
  medicine('Ibuprofen', '400 mg', { dose: '1 tablet', when: 'when it hurts, at most 3 a day' }),
];

const MARKDOWN: Note = {
  text: `# Your tablets

Dear Mrs Bianchi, **from today**:

- Ramipril 5 mg: *one* in the morning
  - with water
- Amlodipine 5 mg: one in the evening
- Stop taking Hydrochlorothiazide

1. Measure every morning.
2. Write the numbers down.

More: https://example.org/blood-pressure`,
  format: 'markdown',
  medicines: [],
};

const CORRECTED = NOTE.replace('Ramipril 5 mg: one', 'Ramipril 2.5 mg: one')
  .replace('  • Stop taking Hydrochlorothiazide\n', '')
  .replace('9:30', '10:15');
const HALF_WRITTEN = NOTE.replace('Ramipril 5 mg: one in', 'Ramipril 2. mg: one in');

export const readingStates: Readonly<Record<string, Reading>> = {
  reading: reading(plain(NOTE)),
  'reading-files': reading(plain(NOTE)),
  'reading-editing': reading(plain(HALF_WRITTEN), { rev: 2, editing: true }),
  'reading-corrected': reading(plain(CORRECTED), { rev: 3 }),
  'reading-asked': reading(plain(NOTE), {
    points: [
      { part: 'text', index: 4 },
      { part: 'text', index: 8 },
    ],
  }),
  'reading-understood': reading(plain(NOTE), { understood: true }),
  'reading-more-time': reading(plain(NOTE), {}, { until: UNTIL + 15 * 60_000, leftMs: LEFT + 15 * 60_000 }),
  'reading-hindered': reading(plain(NOTE), { copy: false, print: false }),
  'reading-markdown': reading(MARKDOWN, { points: [{ part: 'text', index: 4 }] }),
  'reading-medicines': reading({
    ...plain('Dear Mrs Bianchi,\n\nplease take these from today.'),
    medicines: MEDICINES,
  }),
  'reading-medicines-corrected': reading({
    ...plain('Dear Mrs Bianchi,\n\nplease take these from today.'),
    medicines: MEDICINES.map((each, place) => (place === 1 ? { ...each, plan: day('½', '', '½', '') } : each)),
  }),
  'reading-medicines-asked': reading(
    { ...plain(''), medicines: MEDICINES },
    { points: [{ part: 'medicines', index: 1 }] },
  ),
  'reading-soon': reading(plain('Two tablets in the evening.'), {}, { leftMs: 42_000 }),
  'reading-rtl': reading(plain(RTL_NOTE), {}, { who: 'د. ليلى حداد' }),
  'reading-wide': reading(plain(WIDE_NOTE), {}, { who: LONG_NAME }),
  'reading-long': reading(plain(LONG_NOTE)),
};
