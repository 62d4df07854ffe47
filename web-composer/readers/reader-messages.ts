/** Messages of readers who have knocked: pings, PINs, and receipts about the note on their screen. */
import type { Note } from '../../src/protocol/note.ts';
import type { ToComposer, ToReader } from '../../src/protocol/sealed.ts';
import { movePlaces, POINTS_MAX, sameNote, samePlace } from '../../web-shared/note-positions.ts';
import type { PinGate } from '../session/pin.ts';
import type { ReaderRow } from '../session/state.ts';
import { type PeerSession, Tampered } from './peer-session.ts';
import type { ReaderList } from './reader-list.ts';

/** Every receipt but `shown`, which also lets the next revision leave. */
export type Receipt = Exclude<ToComposer, { kind: 'pin' | 'ping' | 'tampered' | 'shown' }>;

/** What a message requires of the composer. */
export type Reaction =
  | { do: 'nothing'; listChanged: boolean }
  | { do: 'admit' }
  /** Sends the latest revision. */
  | { do: 'send-note' }
  | { do: 'reply'; message: ToReader; listChanged: boolean }
  /** The last wrong PIN was one too many. */
  | { do: 'lock' };

interface RoomFacts {
  /** Whether the note may still be shown. */
  isOpen: boolean;
  gate: PinGate | null;
  now: number;
}

/** Records a message in the list. Throws when it cannot be true, Tampered when the reader could not decrypt ours. */
export function handleMessage(
  reader: PeerSession,
  message: ToComposer,
  list: ReaderList,
  { isOpen, gate, now }: RoomFacts,
): Reaction {
  switch (message.kind) {
    case 'tampered':
      throw new Tampered('the reader could not open what was sent');
    case 'ping': {
      // A reader whose ping is not answered hides the note: none is answered once the room is over.
      if (!isOpen) return { do: 'nothing', listChanged: false };
      const pong = { kind: 'pong', number: message.number, rev: reader.lastRev } as const;
      return { do: 'reply', message: pong, listChanged: false };
    }
    case 'pin':
      return onPin(reader, message.pin, list, gate);
  }
  if (!reader.holdsNote) throw new Error('nothing was sent that could be seen');
  if (message.kind !== 'shown') {
    list.change(reader, (row) => onReceipt(row, message));
    return { do: 'nothing', listChanged: true };
  }
  const { note, isOutdated } = reader.arrived(message.rev);
  const before = list.setOnScreen(reader, note);
  reader.state = 'reading';
  list.setState(reader, 'reading', now);
  list.change(reader, (row) => onShown(row, message.rev, before, note));
  return isOutdated ? { do: 'send-note' } : { do: 'nothing', listChanged: true };
}

function onPin(reader: PeerSession, pin: string, list: ReaderList, gate: PinGate | null): Reaction {
  if (gate === null || reader.state !== 'pin') return { do: 'nothing', listChanged: false };
  switch (gate.guess(pin)) {
    case 'right':
      return { do: 'admit' };
    case 'wrong':
      list.change(reader, ({ wrongPins }) => ({ wrongPins: wrongPins + 1 }));
      return { do: 'reply', message: { kind: 'wrong-pin', triesLeft: gate.triesLeft }, listChanged: true };
    case 'locked':
      return { do: 'lock' };
  }
}

/** What another revision on the reader's screen changes in its row; `before` is the one that was there. */
export function onShown(row: ReaderRow, rev: number, before: Note | null, now: Note): Partial<ReaderRow> {
  if (before === null) return { shownRev: rev, points: [] };
  // What was read or understood stays so while no word changes: the reader's page does not ask for it again.
  const same = sameNote(before, now);
  const carriedOver = (earlier: number) => (same && earlier === row.shownRev ? rev : earlier);
  return {
    shownRev: rev,
    endRev: carriedOver(row.endRev),
    understoodRev: carriedOver(row.understoodRev),
    points: movePlaces(row.points, before, now),
  };
}

/** What a receipt changes in a row: nothing when it is about a revision that is not on the reader's screen. */
export function onReceipt(row: ReaderRow, receipt: Receipt): Partial<ReaderRow> {
  if (receipt.kind === 'screen') return { visible: receipt.visible };
  if (receipt.rev !== row.shownRev) return {};
  switch (receipt.kind) {
    case 'end-reached':
      return { endRev: receipt.rev };
    case 'understood':
      return { understoodRev: receipt.rev, endRev: receipt.rev };
    case 'point': {
      const others = row.points.filter((place) => !samePlace(place, receipt.place));
      if (!receipt.on) return { points: others };
      return others.length < POINTS_MAX ? { points: [...others, receipt.place] } : {};
    }
  }
}
