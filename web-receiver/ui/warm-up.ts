/**
 * Opens and draws a made-up note where nobody sees it. A browser compiles code when it first runs: this way it does so
 * while the patient reads "Open the note", and not after the tap.
 */
import { decodeNoteMessage, encodeNoteMessage, type SentNote } from '../../src/protocol/note-message.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { el } from '../../web-shared/ui/dom.ts';
import { loadMarkdown } from '../note/markdown-script.ts';
import type { ReadingActions, RoomFacts } from '../session/state.ts';
import { createNoteScreen, ReadingMemory } from './note-screen.ts';
import type { ReceiverStrings } from './strings.ts';

const ANY_TOKEN = 'A';
const SENT: SentNote = {
  kind: 'note',
  rev: 1,
  nD: ANY_TOKEN,
  token: ANY_TOKEN,
  leftMs: 0,
  editing: false,
  copy: true,
  print: true,
  note: { text: '1. One tablet\n\n2. With water', format: 'plain', medicines: [] },
};

const nothing = () => undefined;
const NO_ACTIONS: ReadingActions = { reachEnd: nothing, confirmUnderstood: nothing, point: nothing };

/** Each step is short, so that a tap in between waits for one at most. */
export function warmUpSteps(strings: ReceiverStrings, time: TimeFormat, room: RoomFacts): (() => void)[] {
  const options = {
    announcer: { element: el('p'), say: nothing },
    strings,
    time,
    actions: NO_ACTIONS,
    files: undefined,
  };
  let screen: ReturnType<typeof createNoteScreen> | null = null;
  return [
    () => void loadMarkdown(),
    () => decodeNoteMessage(encodeNoteMessage(SENT)),
    () => {
      screen = createNoteScreen({ ...options, memory: new ReadingMemory() });
    },
    () => screen?.update({ ...SENT, name: 'reading', room, understood: false, points: [] }),
    () => screen?.leave?.(),
  ];
}
