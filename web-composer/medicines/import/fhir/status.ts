/** Whether a prescription counts: taken over, only when the doctor says so, or not at all. */

import type { Why } from '../import-result.ts';
import type { FhirElement } from './source/element.ts';

export interface Verdict {
  readonly kind: 'row' | 'choice' | 'refused';
  readonly why: Why | null;
}

const TAKEN: Verdict = { kind: 'row', why: null };

const CHOICES: Readonly<Record<string, Why>> = {
  completed: 'completed',
  stopped: 'stopped',
  'on-hold': 'on-hold',
  cancelled: 'cancelled',
  'not-taken': 'not-taken',
  ended: 'completed',
  draft: 'draft',
  intended: 'planned',
};
const ACTIVE = ['', 'active', 'recorded'];

const PLANS = ['proposal', 'plan', 'option'];
const ORDERS = ['', 'order', 'original-order', 'reflex-order', 'filler-order', 'instance-order'];

/**
 * Takes everything of a MedicationRequest or MedicationStatement, from DSTU2 to R5, that says whether it is in force.
 * `hasEnded` says whether its time is over.
 */
export function verdictOn(prescription: FhirElement, hasEnded: boolean): Verdict {
  const status = prescription.text('status');
  const intent = prescription.text('intent');
  const isNotTaken = isTakenByNobody(prescription);
  if (prescription.flag('doNotPerform') === true) return { kind: 'refused', why: 'do-not-perform' };
  if (prescription.has('modifierExtension')) return { kind: 'refused', why: 'modifier' };
  if (status === 'entered-in-error') return { kind: 'refused', why: 'entered-in-error' };
  if (isNotTaken) return { kind: 'choice', why: 'not-taken' };
  if (!ACTIVE.includes(status)) return { kind: 'choice', why: known(status) };
  if (PLANS.includes(intent)) return { kind: 'choice', why: 'planned' };
  if (!ORDERS.includes(intent)) return { kind: 'choice', why: 'unknown-status' };
  return hasEnded ? { kind: 'choice', why: 'ended' } : TAKEN;
}

function known(status: string): Why {
  return (Object.hasOwn(CHOICES, status) ? CHOICES[status] : undefined) ?? 'unknown-status';
}

/** STU3 has `taken`, DSTU2 `wasNotTaken`, R5 `adherence`. */
function isTakenByNobody(prescription: FhirElement): boolean {
  const taken = prescription.text('taken');
  const wasNotTaken = prescription.flag('wasNotTaken');
  const adherence = prescription.one('adherence');
  const codes =
    adherence
      ?.one('code')
      ?.many('coding')
      .map((coding) => coding.skip('system', 'display').text('code')) ?? [];
  // GP systems of the United Kingdom write "unknown" in every statement.
  if (taken !== '' && taken !== 'y' && taken !== 'n' && taken !== 'unk') prescription.reject('taken', taken);
  for (const code of codes) if (!code.startsWith('taking') && !isNot(code)) adherence?.reject('code', code);
  return taken === 'n' || wasNotTaken === true || codes.some(isNot);
}

/** R5's codes for medicines that are not taken: not-taking, on-hold, stopped and so on. */
function isNot(code: string): boolean {
  return /^(?:not-taking|on-hold|stopped|never-)/.test(code);
}
