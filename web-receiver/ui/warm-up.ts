/**
 * A note of nobody's, opened and drawn where nobody sees it. A browser compiles code when it first runs: this way it does
 * so while the patient reads "Open the note", and not after the tap.
 */
import { decodeNoteMessage, encodeNoteMessage, type SentNote } from '../../src/protocol/note-message.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { el } from '../../web-shared/ui/dom.ts';
import { Kept } from '../note/kept.ts';
import type { ReadingActions, RoomFacts } from '../session/state.ts';
import { createNote } from './note-screen.ts';
import type { ReceiverStrings } from './strings.ts';

const NOTHING = 'A';
const SENT: SentNote = {
  kind: 'note',
  rev: 1,
  nD: NOTHING,
  token: NOTHING,
  leftMs: 0,
  editing: false,
  copy: true,
  print: true,
  note: { text: '1. One tablet\n\n2. With water', format: 'plain', medicines: [] },
};

const nothing = () => undefined;
const IDLE: ReadingActions = { reachEnd: nothing, confirmUnderstood: nothing, point: nothing };

/** Each step is short, so that a tap in between waits for one at most. */
export function rehearsalOf(strings: ReceiverStrings, time: TimeFormat, room: RoomFacts): (() => void)[] {
  const surroundings = { announcer: { element: el('p'), say: nothing }, strings, time, actions: IDLE };
  let screen: ReturnType<typeof createNote> | null = null;
  return [
    () => decodeNoteMessage(encodeNoteMessage(SENT)),
    () => {
      screen = createNote({ ...surroundings, kept: new Kept() });
    },
    () => screen?.update({ ...SENT, name: 'reading', room, understood: false, points: [] }),
    () => screen?.leave?.(),
  ];
}
