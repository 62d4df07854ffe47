/** Whether the time of a prescription is over. */
import { localDay } from './dosage/format-values.ts';
import { FhirElement } from './source/element.ts';

/** `today` is a day such as `2026-05-31`. A text that is no date ends nothing. */
export function hasEnded(resource: Readonly<Record<string, unknown>>, today: string): boolean {
  const prescription = new FhirElement(resource, '');
  const whole = [prescription.one('effectivePeriod'), prescription.one('effectiveDosePeriod')];
  if (whole.some((period) => isOver(period, today))) return true;
  const dosages = [...prescription.many('dosageInstruction'), ...prescription.many('dosage')];
  const bounds = dosages.map((dosage) => dosage.one('timing')?.one('repeat')?.one('boundsPeriod') ?? null);
  return bounds.length > 0 && bounds.every((period) => isOver(period, today));
}

/** A month or a year is over when the next one has begun. */
function isOver(period: FhirElement | null, today: string): boolean {
  const end = /^\d{4}(?:-\d{2}(?:-\d{2})?)?/.exec(localDay(period?.text('end') ?? ''))?.[0] ?? '';
  return end !== '' && end < today.slice(0, end.length);
}
