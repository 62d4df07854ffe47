/** What just happened to the list, what was not taken over, and an undo. */
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import type { Undo } from './editor-rows.ts';
import { join } from './fields.ts';
import type { Choice, Import } from './import/read-import.ts';

type Refused = Import['refused'][number];

/** Longest list of what was not taken over; the rest is counted. So many are read out. */
const SHOWN_MAX = 300;
const SAID_MAX = 5;

/** What an import did not take over. */
export interface LeftOut {
  /** Medicines that are taken over only when the doctor says so. */
  readonly choices: readonly Choice[];
  readonly refused: readonly Refused[];
  /** Adds a medicine to the list; null when there is no room. */
  take(choice: Choice): Undo | null;
}

export interface ImportNotice {
  readonly element: HTMLElement;
  show(text: string, undo: Undo | null, leftOut?: LeftOut): void;
  /** Announces something to screen readers, without showing it. */
  say(text: string): void;
  canUndo(): boolean;
  undo(): void;
  clear(): void;
  draw(): void;
}

/** Hidden until there is something to show. `undone` is called after an undo. */
export function createImportNotice(strings: ComposerStrings, undone: () => void): ImportNotice {
  const announcer = createAnnouncer();
  const text = el('p', {});
  const refused = el('ul', { class: 'med-reasons' });
  const choiceHead = el('p', { class: 'med-choices-head' });
  const choices = el('ul', { class: 'med-choices', role: 'list' });
  const undoButton = button('med-small', [], () => undo());
  const close = button('med-small', [], () => clear());
  const box = el(
    'div',
    { class: 'med-notice' },
    text,
    refused,
    choiceHead,
    choices,
    el('div', { class: 'med-notice-buttons' }, undoButton, close),
  );
  box.hidden = true;
  let lastUndo: Undo | null = null;

  const undo = (): void => {
    if (lastUndo === null) return;
    lastUndo();
    clear();
    announcer.say(strings.t('medicines.undone'));
    undone();
  };
  const clear = (): void => {
    lastUndo = null;
    setText(text, '');
    refused.replaceChildren();
    choices.replaceChildren();
    announcer.say('');
    setShown(box, false);
  };
  const drawChoices = (): void => {
    setText(choiceHead, strings.t('medicines.choices'));
    for (const list of [choiceHead, choices]) setShown(list, choices.childElementCount > 0);
  };
  const draw = (): void => {
    setText(undoButton, strings.t('medicines.undo'));
    setText(close, strings.t('medicines.close'));
    drawChoices();
  };
  const choiceItem = (choice: Choice, place: number, take: LeftOut['take']): HTMLLIElement => {
    const about = el('span', { id: `medicine-choice-${place}` }, ...reason(choice, strings));
    const takeButton = button('med-small', [strings.t('prescription.take')], () => {
      const undoOne = take(choice);
      if (undoOne === null) return;
      const undoBefore = lastUndo;
      lastUndo = () => {
        undoOne();
        undoBefore?.();
      };
      item.remove();
      drawChoices();
      setShown(undoButton, true);
      setText(text, strings.t('medicines.taken', { name: choice.what }));
      announcer.say(strings.t('medicines.taken', { name: choice.what }));
      (choices.querySelector('button') ?? close).focus();
    });
    takeButton.setAttribute('aria-describedby', about.id);
    const item = el('li', {}, about, takeButton);
    return item;
  };
  draw();

  return {
    element: el('div', {}, box, announcer.element),
    show(message, newUndo, leftOut) {
      lastUndo = newUndo;
      setText(text, message);
      const all = leftOut?.refused ?? [];
      const reasons = all.slice(0, SHOWN_MAX).map((each) => el('li', {}, ...reason(each, strings)));
      if (all.length > reasons.length) reasons.push(moreItem(all.length - reasons.length, strings));
      refused.replaceChildren(...reasons);
      setShown(refused, reasons.length > 0);
      const offered = leftOut?.choices ?? [];
      choices.replaceChildren(
        ...offered.map((choice, place) => choiceItem(choice, place, leftOut?.take ?? (() => null))),
      );
      drawChoices();
      setShown(undoButton, newUndo !== null);
      setShown(box, true);
      announcer.say(join([message, said(all, strings), said(offered, strings, 'medicines.choices')], ' '));
    },
    say: (message) => announcer.say(message),
    canUndo: () => lastUndo !== null,
    undo,
    clear,
    draw,
  };
}

function moreItem(count: number, strings: ComposerStrings): HTMLLIElement {
  return el('li', {}, strings.t('medicines.more', { count }));
}

function reason({ what, why }: Refused, strings: ComposerStrings): (Node | string)[] {
  const sentence = strings.t(`medicines.why.${why}`);
  return what === '' ? [sentence] : [el('bdi', { translate: 'no' }, what), ': ', sentence];
}

function said(all: readonly Refused[], strings: ComposerStrings, head?: 'medicines.choices'): string {
  if (all.length === 0) return '';
  const sentences = all
    .slice(0, SAID_MAX)
    .map(({ what, why }) => join([what, strings.t(`medicines.why.${why}`)], ': '));
  const more = all.length - sentences.length;
  return join(
    [
      head === undefined ? '' : strings.t(head),
      sentences.join(', '),
      more > 0 ? strings.t('medicines.more', { count: more }) : '',
    ],
    ' ',
  );
}
