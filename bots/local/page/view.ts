/** The local chat: messages that only this page keeps, and one line to type in. */
import type { ChatAnswer } from '../../../src/protocol/local-chat.ts';
import { createTimeFormat, localeFor } from '../../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setText } from '../../../web-shared/ui/dom.ts';
import { icon, letter, send as sendIcon } from '../../../web-shared/ui/icons.ts';
import { renderAnswer } from './answer-elements.ts';
import { strings } from './strings.ts';

/** Draws the chat into `root`; `sendCommand` sends a text to the bot and gives its answers; it never rejects. */
export function createView(root: HTMLElement, sendCommand: (text: string) => Promise<ChatAnswer[]>): void {
  const time = createTimeFormat(localeFor('en', 'en-GB', navigator.languages));
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
  const sendButton = button('button-primary send', [icon(sendIcon), strings.send], () => form.requestSubmit());
  const form = el(
    'form',
    { class: 'message-form' },
    el('label', { class: 'unseen', for: 'message' }, strings.message),
    field,
    sendButton,
  );

  const append = (message: HTMLElement): void => {
    log.append(message);
    log.scrollTop = log.scrollHeight;
  };
  const send = async (text: string): Promise<void> => {
    const ownText = el('p', { dir: 'auto' }, text);
    append(bubble('mine', strings.you, [ownText]));
    const typing = bubble('theirs typing', strings.name, [el('p', { class: 'quiet' }, strings.typing)]);
    const timer = setTimeout(() => append(typing), 400);
    const answers = await sendCommand(text);
    clearTimeout(timer);
    typing.remove();
    for (const answer of answers) {
      if (answer.kind === 'do-not-type') {
        setText(ownText, strings.notShown);
        setAttribute(ownText, 'class', 'quiet');
      }
      append(bubble('theirs', strings.name, renderAnswer(answer, { send: (command) => void send(command) }, time)));
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = '';
    field.focus();
    if (text !== '') void send(text);
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
  append(bubble('theirs', strings.name, [el('p', {}, strings.hello)]));
  field.focus();
}

function bubble(side: string, name: string, children: HTMLElement[]): HTMLElement {
  return el(
    'div',
    { class: `message ${side}` },
    el('p', { class: 'message-name small' }, name),
    el('div', { class: 'bubble' }, ...children),
  );
}
