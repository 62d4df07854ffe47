/** Whether a date in a table's cell lies in the past, whichever way round its day and month are written. */

const BY_YEAR =
  /(?<!\p{Nd})(?<year>\p{Nd}{4})(?:[-./](?<first>\p{Nd}{1,2})(?:[-./](?<second>\p{Nd}{1,2}))?)?(?!\p{Nd})/u;
const BY_DAY =
  /(?<!\p{Nd})(?<first>\p{Nd}{1,2})[-./](?<second>\p{Nd}{1,2})[-./](?<year>\p{Nd}{4}|\p{Nd}{2})(?!\p{Nd})/u;
const CENTURY = 2000;

/** Only a date that is over in every reading of its numbers is surely past. `now` in ms; a text without a year is not. */
export function isSurelyPast(text: string, now: number): boolean {
  const { first, second, year } = (BY_DAY.exec(text) ?? BY_YEAR.exec(text))?.groups ?? {};
  if (year === undefined) return false;
  const full = year.length === 2 ? CENTURY + Number(year) : Number(year);
  const current = new Date(now).getUTCFullYear();
  if (full !== current) return full < current;
  const [one, other] = [Number(first), Number(second)];
  const isOver = (month: number, day: number): boolean =>
    month > 12 || day > 31 || Date.UTC(full, month - 1, day) <= now;
  return first !== undefined && second !== undefined && isOver(one, other) && isOver(other, one);
}
