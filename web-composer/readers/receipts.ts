import type { Note } from '../../src/protocol/note.ts';
import type { ToComposer } from '../../src/protocol/sealed.ts';
import { movePlaces, POINTS_MAX, sameNote, samePlace } from '../../web-shared/note-positions.ts';
import type { ReaderRow } from '../session/state.ts';

/** Everything that a reader tells once the note is on its screen. */
export type Receipt = Exclude<ToComposer, { kind: 'pin' | 'ping' | 'tampered' | 'shown' }>;

/** What another version on the reader's screen changes in its row; `before` is the one that was there. */
export function onShown(row: ReaderRow, rev: number, before: Note | null, now: Note): Partial<ReaderRow> {
  if (before === null) return { shownRev: rev, points: [] };
  // What was read or understood stays so while no word changes: the reader's page does not ask for it again.
  const same = sameNote(before, now);
  const kept = (earlier: number) => (same && earlier === row.shownRev ? rev : earlier);
  return {
    shownRev: rev,
    endRev: kept(row.endRev),
    understoodRev: kept(row.understoodRev),
    points: movePlaces(row.points, before, now),
  };
}

/** What a receipt changes in a reader's row. Receipts about a version that is not on the reader's screen change nothing. */
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

/** A row whose places are counted in `now`; the reader pointed at them in the version on its screen. */
export function pointsIn(row: ReaderRow, shown: Note | undefined, now: Note): ReaderRow {
  if (shown === undefined || row.points.length === 0) return row;
  return { ...row, points: movePlaces(row.points, shown, now) };
}
