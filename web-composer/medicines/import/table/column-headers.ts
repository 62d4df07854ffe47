/** What the columns of a table hold, by their names in the eight languages of GLIR. */
import { DAY_TIMES, type DayTime } from '../../../../src/protocol/note.ts';
import { plainWord } from '../../reading/grammar/plain-word.ts';
import { isAnyUnit } from '../strength.ts';
import names from '../words/column-names.json' with { type: 'json' };

/**
 * What a column holds. `dosage` is a strength, a dose or a schedule; `otherTime` a time that the plan of the day has no
 * place for; `harmless` says nothing about how to take the medicine.
 */
export type Role = keyof (typeof names)['columns'];

export interface Column {
  /** Null for a column that GLIR does not know. */
  readonly role: Role | null;
  readonly header: string;
  /** The unit that the header names for the column's numbers, as in "Strength (mg)"; '' when it names none. */
  readonly unit: string;
}

const roles: ReadonlyMap<string, Role> = new Map(
  Object.entries(names.columns).flatMap(([role, languages]) =>
    Object.values(languages)
      .flat()
      .map((name) => [comparable(name), role as Role] as const),
  ),
);
const NAMING: readonly (Role | null)[] = ['name', 'brand', 'substance'];
const TIMES: readonly (Role | null)[] = [...DAY_TIMES, 'otherTime'];
/** Columns that may come more than once; of others the second is not told apart from the first. */
const REPEATABLE: readonly (Role | null)[] = [
  'harmless',
  'start',
  'when',
  'otherTime',
  'weekday',
  'asNeeded',
  'end',
  'status',
];
/** Whose meaning a word in brackets behind the header may change. */
const EXACT: readonly (Role | null)[] = ['strength', 'dose', 'dosage', 'unit', 'when', 'duration', 'days'];

const CLOCK = /^(?:\p{Nd}{1,2}(?:[:.h]\p{Nd}{2})? ?(?:uhr|h|am|pm|год)|\p{Nd}{1,2}[:.]\p{Nd}{2})$/iu;
const WITH_BRACKETS = /^(.*\S)\s*[([]([^)\]]+)[)\]]$/u;

/**
 * What the columns hold according to a table's header; null when the row is no header: it has to name at least two
 * different columns, one of them the medicine (whose name may be missing above the first column). `withUnknown` also takes
 * a row that names the medicine's column beside at least two words that GLIR does not know.
 */
export function readHeader(row: readonly string[], withUnknown = false): Column[] | null {
  const found = row.map(readColumn);
  const known = new Set(found.map(({ role }) => role).filter((role) => role !== null));
  const isNameless = !found.some(({ role }) => NAMING.includes(role));
  const timesOnly = isNameless && row[0] === '' && found.filter(({ role }) => TIMES.includes(role)).length > 1;
  const isTitles = withUnknown && row.length > 2 && row.every((cell) => /^[^\p{N}]+$/u.test(cell));
  if ((known.size < 2 && !isTitles) || (isNameless && !timesOnly)) return null;
  const columns = timesOnly ? found.with(0, { role: 'name', header: '', unit: '' }) : found;
  return columns.map((column, place) => {
    const isFirst = columns.findIndex(({ role }) => role === column.role) === place;
    return isFirst || REPEATABLE.includes(column.role) ? column : { ...column, role: again(column.role) };
  });
}

/** What the second column of a name is. */
function again(role: Role | null): Role | null {
  if (role !== null && isDayTime(role)) return 'otherTime';
  return role === 'remarks' ? 'harmless' : null;
}

/** What a column of this name holds; null for a name that GLIR does not know. */
export function roleOf(header: string): Role | null {
  return header === '#' ? 'harmless' : (roles.get(comparable(header)) ?? null);
}

function readColumn(header: string): Column {
  const role = roleOf(header);
  if (role !== null) return { role, header, unit: '' };
  if (CLOCK.test(header)) return { role: 'otherTime', header, unit: '' };
  const [, before = '', inside = ''] = WITH_BRACKETS.exec(header) ?? [];
  const base = roles.get(comparable(before)) ?? null;
  if (isAnyUnit(inside)) return { role: base, header, unit: base === null ? '' : inside };
  if (base !== null && isDayTime(base)) return { role: 'otherTime', header, unit: '' };
  return { role: EXACT.includes(base) ? null : base, header, unit: '' };
}

function comparable(header: string): string {
  return plainWord(header.replace(/[_\-/]+/g, ' '))
    .replace(/[:*.?#]+(?=\s|$)/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

export function isDayTime(role: string): role is DayTime {
  return DAY_TIMES.some((time) => time === role);
}
