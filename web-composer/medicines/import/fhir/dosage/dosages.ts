/** Several Dosages of one medicine: one plan of the day, or every one in words with all that belongs to it. */
import { AMOUNT_UNSAID, type Medicine } from '../../../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../../../ui/strings.ts';
import { join, NO_PLAN, type Plan } from '../../../fields.ts';
import { sayPlan } from '../../../reading/dose-schedule.ts';
import type { FhirElement } from '../source/element.ts';
import { phrase, type ReadDosage, readDosage } from './dosage.ts';
import { lengthText, says, unique } from './format-values.ts';
import { isPlainDose, mayStandBeside, saysOtherCount, saysOtherPlan, saysSamePlan } from './text-beside-plan.ts';
import { NO_DURATION } from './timing.ts';

export interface DosageCells extends Pick<Medicine, 'dose' | 'when' | 'duration'> {
  /** Amounts for the times of the day; null when `when` says everything in words. */
  readonly plan: Plan | null;
  /** Words beside the plan; they are in `when` as well. */
  readonly beside: string;
  /** Whether all of it is a text that a person wrote, to be read like a cell that is typed. */
  readonly isText: boolean;
  /** Limits, and how it is taken; the day on which it started. */
  readonly remarks: readonly string[];
  /** Texts that say another plan of the day than the structure beside them. */
  readonly conflicts: readonly string[];
}

export interface DosageOptions {
  /** Swiss split dosages: the entries after the first one say only when and how much, and share the rest with it. */
  readonly isSplit: boolean;
  /** What the system that wrote the prescription says in words about all of it; '' for nothing. */
  readonly rendered: string;
  /** A day such as `2026-05-31`. */
  readonly today: string;
}

/** Null when no dosage says anything. */
export function readDosages(
  elements: readonly FhirElement[],
  { isSplit, rendered, today }: DosageOptions,
  strings: ComposerStrings,
): DosageCells | null {
  const sequences = elements.map((each) => each.number('sequence'));
  const read = elements
    .map((each, place) => ({ dosage: readDosage(each, today, strings), sequence: sequences[place] ?? 0 }))
    .filter(({ dosage }) => phrase(dosage) !== '')
    .sort((a, b) => a.sequence - b.sequence);
  const all = isSplit ? shared(read.map(({ dosage }) => dosage)) : read.map(({ dosage }) => dosage);
  const order = isSplit ? [] : read.map(({ sequence }) => sequence);
  const isInOrder = new Set(order).size > 1;
  const whole = isInOrder ? null : asPlan(all, rendered, strings);
  if (whole !== null) return whole;
  const cells = all.length === 1 && all[0] !== undefined ? oneInWords(all[0], strings) : inWords(all, order, strings);
  const isSaid = rendered === '' || says(join([cells.dose, cells.when, cells.duration], ', '), rendered);
  const when = isSaid ? cells.when : join([cells.when, rendered], ', ');
  if (when === '' && cells.dose === '' && cells.duration === '' && cells.remarks.length === 0) return null;
  return { ...cells, when, conflicts: conflictsOf(all, rendered, strings) };
}

function shared([first, ...others]: readonly ReadDosage[]): ReadDosage[] {
  if (first === undefined) return [];
  return [first, ...others.map((each) => withShared(each, first))];
}

function withShared(each: ReadDosage, { duration, how, texts, needed, limits }: ReadDosage): ReadDosage {
  const isNeeded = needed !== '' && each.needed === '';
  return {
    ...each,
    times: isNeeded || limits.length > 0 ? null : each.times,
    often: isNeeded ? [...each.often, needed] : each.often,
    needed: each.needed || needed,
    limits: each.limits.length === 0 ? limits : each.limits,
    duration: each.duration.text === '' ? duration : each.duration,
    how: each.how.length === 0 ? how : each.how,
    texts: each.texts.length === 0 ? texts : each.texts,
  };
}

/** A plan only when each is "this much at these times of each day", no time comes twice, and the rest is the same. */
function asPlan(all: readonly ReadDosage[], rendered: string, strings: ComposerStrings): DosageCells | null {
  const [first] = all;
  if (first === undefined || all.some((each) => restOf(each) !== restOf(first))) return null;
  const plan = { ...NO_PLAN };
  for (const { times, dose, duration } of all) {
    if (times === null || duration.isToCome || times.some((time) => plan[time] !== '')) return null;
    for (const time of times) plan[time] = dose || AMOUNT_UNSAID;
  }
  const core = withoutFrame(rendered, first, strings);
  const texts = unique([...first.texts, core]).filter((text) => !saysSamePlan(text, plan, strings));
  const beside = texts.join(', ');
  if (beside !== '' && !mayStandBeside(beside, plan, strings)) return null;
  const { left, started } = first.duration;
  const remarks = [...first.how, started];
  const when = join([sayPlan(plan, strings), beside], ', ');
  return { dose: '', when, duration: left, plan, beside, isText: false, remarks, conflicts: [] };
}

const LENGTHS: Readonly<Record<string, string>> = { Tag: 'd', Woche: 'wk', Monat: 'mo' };

/**
 * The schedule in a text that a program made of the structure as HL7 Germany lays it down, `für 7 Tage: 1-0-1-0 Stück.
 * Hinweis: nach dem Essen`, when the structure says the rest as well.
 */
function withoutFrame(rendered: string, { texts, duration }: ReadDosage, strings: ComposerStrings): string {
  const [, length, unit = '', framed] = /^für (\d+) (Tag|Woche|Monat)(?:en?)?: (.+)$/u.exec(rendered) ?? [];
  const said = lengthText(Number(length), LENGTHS[unit] ?? '', strings);
  const core = framed !== undefined && said !== '' && says(duration.text, said) ? framed : rendered;
  const hint = texts.map((text) => `. Hinweis: ${text}`).find((each) => core.endsWith(each));
  return hint === undefined ? core : core.slice(0, -hint.length);
}

function restOf({ texts, duration, how }: ReadDosage): string {
  return JSON.stringify([texts, duration, how]);
}

function conflictsOf(all: readonly ReadDosage[], rendered: string, strings: ComposerStrings): string[] {
  return all.flatMap(({ times, dose, texts, aDay }) => {
    const said = all.length === 1 ? [...texts, rendered] : texts;
    if (times === null) return all.length === 1 ? said.filter((text) => saysOtherCount(text, aDay, strings)) : [];
    const plan = { ...NO_PLAN };
    for (const time of times) plan[time] = dose || AMOUNT_UNSAID;
    return said.filter((text) => saysOtherPlan(text, plan, strings) || saysOtherCount(text, aDay, strings));
  });
}

function oneInWords(dosage: ReadDosage, strings: ComposerStrings): DosageCells {
  const { dose, often, limits, texts, duration, how } = dosage;
  // A text, perhaps with the amount beside it, is what a doctor types into the cells.
  const isText = often.length === 0 && limits.length === 0 && texts.length > 0 && isPlainDose(dose, strings);
  const when = join([...often, ...texts], ', ');
  const isToCome = duration.isToCome || !isText;
  const remarks = [...limits, ...how, isToCome ? '' : duration.started];
  const length = isToCome ? duration.text : duration.left;
  return { dose, when, duration: length, plan: null, beside: '', isText, remarks, conflicts: [] };
}

/** `order` holds the sequence numbers, if they count: another number than the one before comes after it. */
function inWords(all: readonly ReadDosage[], order: readonly number[], strings: ComposerStrings): DosageCells {
  const [first] = all;
  const isInOrder = new Set(order).size > 1;
  const isSame = (say: (each: ReadDosage) => string): boolean =>
    !isInOrder && first !== undefined && all.every((each) => say(each) === say(first));
  const duration = isSame((each) => each.duration.text) ? (first?.duration.text ?? '') : '';
  const how = isSame((each) => each.how.join()) ? (first?.how ?? []) : [];
  const steps = all.map((each, place) => {
    const step = phrase({
      ...each,
      duration: duration === '' ? each.duration : NO_DURATION,
      how: how.length > 0 ? [] : each.how,
    });
    return place > 0 && order[place] !== order[place - 1] ? strings.t('medicines.fhir.then', { step }) : step;
  });
  const when = steps.join('; ');
  return { dose: '', when, duration, plan: null, beside: '', isText: false, remarks: how, conflicts: [] };
}
