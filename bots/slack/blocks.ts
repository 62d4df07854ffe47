import type { types } from '@slack/bolt';
import type { Button, Field, Form, Part, View } from '../commands/view.ts';
import { words } from '../commands/words.ts';
import { escaped, mrkdwn } from './mrkdwn.ts';

/** Slack's limits. */
const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
const TEXT_CHARACTERS = 3_000;

/** The block kinds that GLIR sends. None of them takes text. */
type GlirBlock = types.SectionBlock | types.ActionsBlock | types.ContextBlock | types.HeaderBlock | types.InputBlock;

/** A message: blocks, and the words for notifications and screen readers. */
export interface Message {
  text: string;
  blocks: GlirBlock[];
}

/** Modals, by the form in them, and the global shortcut. */
export const CALLBACKS = { form: 'glir-form', settings: 'glir-settings', shortcut: 'glir-new-note' } as const;

/** A view as a message. */
export function messageOf(view: View): Message {
  return { text: escaped(view.summary).slice(0, TEXT_CHARACTERS), blocks: blocksOf(view, MESSAGE_BLOCKS) };
}

/** A view as a doctor's Home tab. */
export function homeOf(view: View): types.HomeView {
  return { type: 'home', blocks: blocksOf(view, VIEW_BLOCKS) };
}

/** A form as a modal. `metadata` comes back when it is submitted. */
export function modalOf({ id, title, intro, submit, cancel, fields }: Form, metadata = ''): types.ModalView {
  return {
    type: 'modal',
    callback_id: id,
    title: plain(title),
    submit: plain(submit),
    close: plain(cancel),
    private_metadata: metadata,
    blocks: [...(intro === null ? [] : [section(escaped(intro))]), ...fields.map(select)],
  };
}

/** What a modal shows once there is nothing to choose any more. */
export function closingOf(title: string, view: View): types.ModalView {
  return { type: 'modal', title: plain(title), close: plain(words.close), blocks: blocksOf(view, VIEW_BLOCKS) };
}

function blocksOf(view: View, max: number): GlirBlock[] {
  return view.parts.slice(0, max).map(blockOf);
}

function blockOf(part: Part): GlirBlock {
  switch (part.kind) {
    case 'heading':
      return { type: 'header', text: plain(part.text) };
    case 'text':
      return part.quiet === true ? quiet(mrkdwn(part.lines)) : section(mrkdwn(part.lines));
    case 'row':
      return { ...section(mrkdwn(part.lines)), accessory: buttonOf(part.button) };
    case 'buttons':
      return { type: 'actions', elements: part.buttons.map(buttonOf) };
  }
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

function section(text: string): types.SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, TEXT_CHARACTERS) } };
}

function quiet(text: string): types.ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: text.slice(0, TEXT_CHARACTERS) }] };
}

function buttonOf({ action, label, value, look, url, ask }: Button): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: plain(label),
    value,
    ...(look === undefined ? {} : { style: look }),
    ...(url === undefined ? {} : { url }),
    ...(ask === undefined ? {} : { confirm: confirmOf(ask) }),
  };
}

function confirmOf({ title, text, yes, no }: NonNullable<Button['ask']>): types.ConfirmationDialog {
  return { title: plain(title), text: plain(text), confirm: plain(yes), deny: plain(no), style: 'danger' };
}

/** The action's id is the block's. */
function select({ id, label, options, chosen }: Field): types.InputBlock {
  const all = options.map(({ value, text }) => ({ text: plain(text), value }));
  const initial = all.find(({ value }) => value === chosen);
  return {
    type: 'input',
    block_id: id,
    label: plain(label),
    element: {
      type: 'static_select',
      action_id: id,
      options: all,
      ...(initial === undefined ? {} : { initial_option: initial }),
    },
  };
}
