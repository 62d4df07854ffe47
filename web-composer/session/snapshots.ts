import type { NoteModel } from './note-model.ts';
import type { Opened, Room } from './room.ts';
import type { ComposerState, Policy } from './state.ts';

type Writing = Extract<ComposerState, { name: 'writing' }>;
type Open = Extract<ComposerState, { name: 'open' }>;

/** What the page shows of the note beside its textbox. */
export function factsOf({ bytes, options }: NoteModel): Pick<Writing, 'noteBytes' | 'options'> {
  return { noteBytes: bytes, options };
}

/** The state when the composer has its room and nothing is shared. */
export function writingState(
  manuscript: NoteModel,
  room: Pick<Writing, 'policy' | 'limits' | 'displayName' | 'pin'>,
): Writing {
  return { name: 'writing', ...room, ...factsOf(manuscript), sharing: false, problem: null };
}

/** The state of an open room at the local time `now`; connected, and without a word about the last action. */
export function openState(
  { displayName, link, readers, expiryMaxSeconds }: Room,
  { until, totalMs, gate }: Opened,
  policy: Policy,
  manuscript: NoteModel,
  now: number,
): Open {
  return {
    name: 'open',
    policy,
    displayName,
    link,
    until,
    leftMs: Math.max(0, until - now),
    totalMs,
    extendableMs: Math.max(0, expiryMaxSeconds * 1000 - totalMs),
    readers: readers.rowsIn(manuscript.note),
    ...factsOf(manuscript),
    contentRev: manuscript.contentRev,
    editing: false,
    problem: manuscript.problem,
    pin: gate === null ? null : { pin: gate.pin, triesLeft: gate.triesLeft },
    interrupted: false,
    notice: null,
  };
}
