/** What the doctor copies into the patient's record: the note, its list, and when it was open. */
import { DAY_TIMES, type Medicine, type Note } from '../../../src/protocol/note.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import type { ComposerStrings } from '../strings.ts';

/** When a note was open, in local time; `to` is null while it still is. */
export interface RecordFacts {
  from: number | null;
  to: number | null;
  /** How many readers had it on the screen. */
  readBy: number;
}

export function recordText(
  { text, medicines }: Pick<Note, 'text' | 'medicines'>,
  { from, to, readBy }: RecordFacts,
  strings: ComposerStrings,
  time: TimeFormat,
): string {
  const list = medicines.map((medicine) => `- ${medicineLine(medicine)}`);
  const readers = readBy === 0 ? strings.t('readBy.nobody') : strings.t('readBy', { count: readBy });
  const span =
    from === null
      ? strings.t('record.never')
      : `${strings.t(to === null ? 'record.since' : 'record.span', {
          date: time.date(from),
          from: time.clock(from),
          to: time.clock(to ?? from),
        })} ${readers}`;
  const parts = [text.trim(), list.length === 0 ? '' : [strings.t('medicines.title'), ...list].join('\n'), span];
  return parts.filter((part) => part !== '').join('\n\n');
}

function medicineLine({ name, strength, dose, plan, when, duration, remarks }: Medicine): string {
  const times = DAY_TIMES.map((time) => plan[time] || '0');
  const daily = times.some((amount) => amount !== '0') ? times.join('-') : '';
  return [`${name} ${strength}`.trim(), dose, daily, when, duration, remarks].filter((part) => part !== '').join('; ');
}
