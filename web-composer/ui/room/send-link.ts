/** Ways to hand the note link on, each with a sentence in the patient's language. */
import type { PageLanguage } from '../../../web-shared/i18n/page-language.ts';
import { safeName } from '../../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerKey, ComposerStrings } from '../strings.ts';

/** A phone or a tablet, which has messages and calls of its own. */
const HANDHELD = '(hover: none) and (pointer: coarse)';

export interface SendLink {
  readonly element: HTMLElement;
  /**
   * @param who the doctor's name, or null when the doctor keeps it private
   * @param hasReaders somebody has opened the link: the ways to send it are folded away
   */
  update(link: string, who: string | null, hasReaders: boolean): void;
}

/**
 * The link goes to other programs of this device alone: an address of a web site, such as WhatsApp's `wa.me`, would give
 * the link's secret to that site.
 */
export function createSendLink(language: PageLanguage<ComposerKey>): SendLink {
  const { strings } = language;
  const labels = createLabels(strings);
  /** Whether there were readers when it was drawn last; null before. */
  let hadReaders: boolean | null = null;
  let [shownLink, shownWho]: [string, string | null] = ['', null];
  /** What the sentence is written in, where it is not the page's own language. */
  let theirs: ComposerStrings | null = null;

  const text = (): string => {
    const name = shownWho === null ? '' : safeName(shownWho);
    const sentence = (theirs ?? strings).t(`invite.${named(shownWho)}`, { name });
    // The link comes last, with nothing behind it that a program could take for a part of it.
    return `${sentence}\n${shownLink}`;
  };
  const share = button('', [labels.text('send.share')], () => {
    // Closed again without a choice, or not allowed in a frame: the other ways are there.
    navigator.share({ text: text() }).catch(() => undefined);
  });
  const ways = (['sms', 'whatsapp', 'mail'] as const).map((way) => ({
    way,
    element: el('a', { class: 'button button-quiet' }, labels.text(`send.${way}`)),
  }));
  const choice = createLanguageChoice(language, (chosen) => {
    theirs = chosen;
    draw();
  });
  const element = el(
    'details',
    { class: 'more send-link' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('send'))),
    choice.element,
    el('div', { class: 'send-ways' }, share, ...ways.map((one) => one.element)),
  );

  function draw(): void {
    labels.draw();
    choice.draw();
    const isHandheld = matchMedia(HANDHELD).matches;
    setShown(share, typeof navigator.share === 'function');
    const body = encodeURIComponent(text());
    const subject = encodeURIComponent((theirs ?? strings).t('pageTitle'));
    const addresses = {
      // Understood by iOS and Android alike.
      sms: `sms:?&body=${body}`,
      whatsapp: `whatsapp://send?text=${body}`,
      mail: `mailto:?subject=${subject}&body=${body}`,
    };
    for (const one of ways) {
      setShown(one.element, isHandheld || one.way === 'mail');
      if (one.element.getAttribute('href') !== addresses[one.way]) one.element.href = addresses[one.way];
    }
  }

  return {
    element,
    update(link, who, hasReaders) {
      [shownLink, shownWho] = [link, who];
      // Unfolded where it is the usual way; afterwards as the doctor leaves it.
      if (hadReaders === null) element.open = matchMedia(HANDHELD).matches;
      if (hadReaders !== hasReaders && hasReaders) element.open = false;
      hadReaders = hasReaders;
      draw();
    },
  };
}

/** The patient's language; the page's own until another one is chosen. */
function createLanguageChoice(
  { strings, available, stringsIn }: PageLanguage<ComposerKey>,
  choose: (strings: ComposerStrings | null) => void,
): { element: HTMLElement; draw(): void } {
  const labels = createLabels(strings);
  const select = el(
    'select',
    { class: 'input', id: 'patient-language', autocomplete: 'off' },
    ...available.map(({ code, name }) => el('option', { value: code, lang: code }, name)),
  );
  const problem = el('p', { class: 'problem', role: 'alert' });
  let wasChosen = false;
  const draw = (): void => {
    labels.draw();
    if (!wasChosen) select.value = strings.language;
  };
  select.addEventListener('change', () => {
    const code = select.value;
    wasChosen = true;
    setText(problem, '');
    stringsIn(code).then(
      (loaded) => select.value === code && choose(loaded),
      () => {
        if (select.value !== code) return;
        wasChosen = false;
        choose(null);
        draw();
        setText(problem, strings.t('languageFailed'));
      },
    );
  });
  const element = el(
    'div',
    { class: 'patient-language' },
    el('label', { class: 'hint', for: 'patient-language' }, labels.text('send.language')),
    el('span', { class: 'select' }, select),
    problem,
  );
  setShown(element, available.length > 1);
  return { element, draw };
}
