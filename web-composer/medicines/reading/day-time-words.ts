/** What doctors call the times of the day, in the eight languages of GLIR. */
import type { DayTime } from '../../../src/protocol/note.ts';

/** Names that say the time alone. What also means a meal, an afternoon or a whole day is left out on purpose. */
const NAMES: Readonly<Record<DayTime, string>> = {
  morning:
    'morning mornings | mattina mattino mattine | morgens früh | matin matins | mañanas | manhã manhãs | صباحا الصباح | вранці уранці зранку ранок ранку',
  noon: 'noon midday | mezzogiorno | mittag mittags | midi | mediodía | meio-dia | ظهرا الظهر | опівдні полудень',
  evening:
    'evening evenings | sera sere | abend abends | soir soirs | tarde-noche | noitinha | مساء المساء | ввечері увечері вечір вечора',
  night:
    'night nights bedtime | notte | nacht nachts | nuit coucher | noche noches | noite noites | ليلا الليل | вночі уночі ніч',
};

/** Words for the morning that also mean "tomorrow": they count beside another time, an amount or a word before them. */
const TOMORROW_TOO = 'morgen mañana';

const BEFORE =
  'in the at every each on | al alla di la il ogni | am zum zur in der jeden jede | le la au à chaque | por de cada a las los el | de à da pela ao na | في عند كل | на у в щоранку о';

export const AND = ['and', 'e', 'ed', 'und', 'et', 'y', 'و', 'та', 'і', 'й'];

const words = (list: string): string[] => list.split(/[\s|]+/).filter((word) => word !== '');

/** Lower case, without accents and vowel signs: the form in which words are compared. */
export function plainWord(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

const times = new Map<string, DayTime>();
for (const time of ['morning', 'noon', 'evening', 'night'] as const) {
  for (const name of words(NAMES[time])) times.set(plainWord(name), time);
}
const tomorrowToo = new Set(words(TOMORROW_TOO).map(plainWord));
const before = new Set(words(BEFORE).map(plainWord));

/** A time of the day that a few words name, or null. `sure` is false for a name that may also mean "tomorrow". */
export function timeNamed(text: string): { time: DayTime; sure: boolean } | null {
  const said = text.split(/\s+/).filter((word) => word !== '');
  const last = plainWord(said.pop() ?? '');
  if (!said.every((word) => before.has(plainWord(word)))) return null;
  if (tomorrowToo.has(last)) return { time: 'morning', sure: said.length > 0 };
  const time = times.get(last);
  return time === undefined ? null : { time, sure: true };
}
