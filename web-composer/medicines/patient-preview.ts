/** "The patient sees": the plan of the day beside the list, as the patient gets it. */
import type { Medicine } from '../../src/protocol/note.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { createPlanView } from '../../web-shared/plan/plan-view.ts';
import { el, setShown } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';

export interface PatientPreview {
  readonly element: HTMLElement;
  update(medicines: readonly Medicine[]): void;
  draw(): void;
  wipe(): void;
}

/** Drawn at most once a frame. Nothing in it takes the focus, and no change of it is announced. */
export function createPatientPreview(strings: ComposerStrings, id: string): PatientPreview {
  const labels = createLabels(strings);
  const plan = createPlanView(strings);
  const nothing = el('p', { class: 'hint' }, labels.text('medicines.previewEmpty'));
  const element = el(
    'section',
    { class: 'med-preview', 'aria-labelledby': id },
    el('h3', { id }, labels.text('medicines.preview')),
    el('div', { class: 'med-sheet' }, nothing, plan.element),
  );
  let shown: readonly Medicine[] = [];
  let frame: number | null = null;
  const draw = (): void => {
    frame = null;
    setShown(nothing, shown.length === 0);
    plan.update(shown);
  };
  const drawSoon = (): void => {
    frame ??= requestAnimationFrame(draw);
  };
  return {
    element,
    update(medicines) {
      shown = medicines;
      drawSoon();
    },
    draw() {
      labels.draw();
      drawSoon();
    },
    wipe() {
      if (frame !== null) cancelAnimationFrame(frame);
      shown = [];
      draw();
    },
  };
}
