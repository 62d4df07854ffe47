/** What a reader's page has told about the note, in words. */
import type { ReaderRow } from '../session/state.ts';
import type { ComposerWords } from './strings.ts';

/** Short phrases, the most telling one first; empty while there is nothing to tell. */
export function receiptsOf(reader: ReaderRow, contentRev: number, words: ComposerWords): string[] {
  const { state, wrongPins, points } = reader;
  if (state === 'pin') return wrongPins === 0 ? [] : [words.t('receipt.wrongPins', { count: wrongPins })];
  if (state !== 'reading') return understoodIn(reader, contentRev, words);
  return [
    ...understoodIn(reader, contentRev, words),
    ...(points.length > 0 ? [words.t('receipt.asks', { count: points.length })] : []),
    ...(reader.visible ? [] : [words.t('receipt.hidden')]),
    ...(reader.shownRev < contentRev ? [words.t('receipt.behind')] : []),
  ];
}

/** Whether the reader understood what stands there now. */
export function hasUnderstood({ understoodRev }: ReaderRow, contentRev: number): boolean {
  return understoodRev > 0 && understoodRev >= contentRev;
}

function understoodIn(reader: ReaderRow, contentRev: number, words: ComposerWords): string[] {
  if (hasUnderstood(reader, contentRev)) return [words.t('receipt.understood')];
  const end = reader.endRev > 0 && reader.endRev >= contentRev ? [words.t('receipt.end')] : [];
  return reader.understoodRev > 0 ? [words.t('receipt.understoodBefore'), ...end] : end;
}
