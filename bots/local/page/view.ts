/** The local chat: messages that only this page keeps, and one line to type in. */
import type { ChatAnswer } from '../../../src/protocol/local-chat.ts';
import { createTimeWords, localeFor } from '../../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setText } from '../../../web-shared/ui/dom.ts';
import { icon, letter, send as sendIcon } from '../../../web-shared/ui/icons.ts';
import { renderAnswer } from './answer-elements.ts';
import { strings } from './strings.ts';

/** Draws the chat into `root`; `ask` sends a text to the bot and gives its answers. It never rejects. */
export function createView(root: HTMLElement, ask: (text: string) => Promise<ChatAnswer[]>): void {
  const time = createTimeWords(localeFor('en', 'en-GB', navigator.languages));
  const log = el('div', { class: 'log', role: 'log', 'aria-label': strings.messages, tabindex: '0' });
  const field = el('input', {
    id: 'message',
    class: 'input',
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'send',
    maxlength: '4000',
    placeholder: strings.placeholder,
  });
  const press = button('button-primary send', [icon(sendIcon), strings.send], () => form.requestSubmit());
  const form = el(
    'form',
    { class: 'say' },
    el('label', { class: 'unseen', for: 'message' }, strings.message),
    field,
    press,
  );

  const post = (message: HTMLElement): void => {
    log.append(message);
    log.scrollTop = log.scrollHeight;
  };
  const say = async (text: string): Promise<void> => {
    const mine = el('p', { dir: 'auto' }, text);
    post(bubble('mine', strings.you, [mine]));
    const wait = bubble('theirs typing', strings.name, [el('p', { class: 'quiet' }, strings.typing)]);
    const timer = setTimeout(() => post(wait), 400);
    const answers = await ask(text);
    clearTimeout(timer);
    wait.remove();
    for (const answer of answers) {
      if (answer.kind === 'do-not-type') {
        setText(mine, strings.notShown);
        setAttribute(mine, 'class', 'quiet');
      }
      post(bubble('theirs', strings.name, renderAnswer(answer, { say: (command) => void say(command) }, time)));
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = '';
    field.focus();
    if (text !== '') void say(text);
  });

  root.replaceChildren(
    el(
      'header',
      { class: 'head' },
      icon(letter, 'brand'),
      el('div', {}, el('h1', {}, strings.trial), el('p', { class: 'quiet small' }, strings.trialHint)),
    ),
    el('main', { class: 'room-main' }, log, form),
  );
  post(bubble('theirs', strings.name, [el('p', {}, strings.hello)]));
  field.focus();
}

function bubble(side: string, who: string, children: HTMLElement[]): HTMLElement {
  return el(
    'div',
    { class: `message ${side}` },
    el('p', { class: 'who small' }, who),
    el('div', { class: 'bubble' }, ...children),
  );
}
