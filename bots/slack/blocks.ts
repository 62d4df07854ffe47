import type { types } from '@slack/bolt';
import { z } from 'zod';
import type { ChatLanguage } from '../commands/chat-language.ts';
import type { Button, Choices, Field, Form, Moment, Part, TextLine, TextPiece, View } from '../commands/view.ts';

/** Slack's limits. */
const MESSAGE_BLOCKS = 50;
const VIEW_BLOCKS = 100;
const TEXT_CHARACTERS = 3_000;
/** People that a field takes; as many as the settings do. */
const PEOPLE = 20;

/** The block kinds that GLIR sends. */
type GlirBlock = types.SectionBlock | types.ActionsBlock | types.ContextBlock | types.HeaderBlock | types.InputBlock;

/** A message: blocks, and the words for notifications and screen readers. */
export interface Message {
  text: string;
  blocks: GlirBlock[];
}

/** Modals, by the form in them, and the global shortcut. */
export const CALLBACKS = {
  form: 'glir-form',
  settings: 'glir-settings',
  personal: 'glir-personal',
  shortcut: 'glir-new-note',
} as const;

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
    blocks: [...(intro === null ? [] : [section(escaped(intro))]), ...fields.map(inputBlock)],
  };
}

/** What a modal shows once there is nothing to choose any more. */
export function closingOf(title: string, view: View, { text: say }: ChatLanguage): types.ModalView {
  return { type: 'modal', title: plain(title), close: plain(say('close')), blocks: blocksOf(view, VIEW_BLOCKS) };
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

function buttonOf({ action, label, value, look, url, confirm }: Button): types.Button {
  return {
    type: 'button',
    action_id: action,
    text: plain(label),
    value,
    ...(look === undefined ? {} : { style: look }),
    ...(url === undefined ? {} : { url }),
    ...(confirm === undefined ? {} : { confirm: confirmOf(confirm) }),
  };
}

function confirmOf({ title, text, yes, no }: NonNullable<Button['confirm']>): types.ConfirmationDialog {
  return { title: plain(title), text: plain(text), confirm: plain(yes), deny: plain(no), style: 'danger' };
}

/** The action's id is the block's. */
function inputBlock(field: Field): types.InputBlock {
  const { id, label } = field;
  const block = { type: 'input', block_id: id, label: plain(label) } as const;
  switch (field.kind) {
    case 'choice': {
      const options = field.options.map(({ value, text }) => ({ text: plain(text), value }));
      const initial = options.find(({ value }) => value === field.chosen);
      return {
        ...block,
        element: {
          type: 'static_select',
          action_id: id,
          options,
          ...(initial === undefined ? {} : { initial_option: initial }),
        },
      };
    }
    case 'text':
      return {
        ...block,
        optional: true,
        hint: plain(field.hint),
        element: {
          type: 'plain_text_input',
          action_id: id,
          max_length: field.maxLength,
          ...(field.value === '' ? {} : { initial_value: field.value }),
        },
      };
    case 'people':
      return {
        ...block,
        optional: true,
        element: {
          type: 'multi_users_select',
          action_id: id,
          max_selected_items: PEOPLE,
          ...(field.chosen.length === 0 ? {} : { initial_users: [...field.chosen] }),
        },
      };
  }
}

/** What a field of each kind has, see https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
const valueSchema = z
  .object({
    selected_option: z.object({ value: z.string() }).nullish(),
    value: z.string().nullish(),
    selected_users: z.array(z.string()).nullish(),
  })
  .transform(
    ({ selected_option: option, value, selected_users: users }) => option?.value ?? value ?? users?.join(',') ?? '',
  );

const submittedSchema = z.object({
  state: z.object({ values: z.record(z.string(), z.record(z.string(), valueSchema)) }),
});

/** What was chosen and typed in a submitted modal; nothing when it is not one of ours. */
export function choicesIn(view: unknown): Choices {
  const submitted = submittedSchema.safeParse(view);
  if (!submitted.success) return {};
  const fields = Object.entries(submitted.data.state.values);
  return Object.fromEntries(fields.map(([id, actions]) => [id, Object.hasOwn(actions, id) ? (actions[id] ?? '') : '']));
}

/** Lines of text in Slack's mrkdwn. */
function mrkdwn(lines: readonly TextLine[]): string {
  return lines.map((line) => line.map(piece).join('')).join('\n');
}

/** Slack reads these three characters as the beginning of its own marks, wherever it reads mrkdwn. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function piece(of: TextPiece): string {
  if (typeof of === 'string') return escaped(of);
  if ('strong' in of) return `*${escaped(of.strong)}*`;
  if ('typed' in of) return `\`${escaped(of.typed)}\``;
  return moment(of);
}

/** In each reader's own time zone: 15:40, "today at 15:40", or "in 25 minutes" with the time behind it. */
function moment({ at, as }: Moment): string {
  switch (as) {
    case 'time':
      return dateToken(at, '{time}', 11, 16);
    case 'day':
      return dateToken(at, '{date_short_pretty} at {time}', 0, 16);
    case 'period':
      return `${dateToken(at, '{ago}', 0, 16)} (${moment({ at, as: 'time' })})`;
  }
}

/** The fallback is for clients that cannot render dates. */
function dateToken(ms: number, format: string, from: number, to: number): string {
  const utc = new Date(ms).toISOString().slice(from, to).replace('T', ' ');
  return `<!date^${Math.floor(ms / 1000)}^${format}|${utc} UTC>`;
}
