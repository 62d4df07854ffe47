import type { types } from '@slack/bolt';

/** The block kinds that GLIR sends. None of them takes text. */
export type GlirBlock =
  | types.SectionBlock
  | types.ActionsBlock
  | types.ContextBlock
  | types.HeaderBlock
  | types.DividerBlock
  | types.InputBlock;

/** A message: blocks, and the words for notifications and screen readers. */
export interface Message {
  text: string;
  blocks: GlirBlock[];
}

/** What GLIR's buttons do; Slack sends the name back with a press. */
export const ACTIONS = {
  /** Opens the doctor's browser; Slack tells us as well. */
  write: 'glir-write',
  newNote: 'glir-new',
  revoke: 'glir-revoke',
  revokeListed: 'glir-revoke-listed',
  revokeAtHome: 'glir-revoke-home',
  admit: 'glir-admit',
  refuse: 'glir-refuse',
  refresh: 'glir-refresh',
  settings: 'glir-settings',
} as const;

/** Views and shortcuts. */
export const CALLBACKS = { form: 'glir-form', settings: 'glir-settings', shortcut: 'glir-new-note' } as const;

export function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}

export function section(...sentences: string[]): types.SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: sentences.join('\n') } };
}

export function quiet(...sentences: string[]): types.ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: sentences.join('\n') }] };
}

export function header(text: string): types.HeaderBlock {
  return { type: 'header', text: plain(text) };
}

export function actions(...elements: types.Button[]): types.ActionsBlock {
  return { type: 'actions', elements };
}

interface ButtonLooks {
  style?: 'primary' | 'danger';
  url?: string;
  confirm?: { title: string; text: string; yes: string; no: string };
}

/** @param value what Slack sends back with a press: a room's tag, never more of its id */
export function button(action: string, text: string, value: string, looks: ButtonLooks = {}): types.Button {
  const { confirm, ...rest } = looks;
  return {
    type: 'button',
    action_id: action,
    text: plain(text),
    value,
    ...rest,
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: plain(confirm.title),
            text: plain(confirm.text),
            confirm: plain(confirm.yes),
            deny: plain(confirm.no),
            style: 'danger',
          },
        }),
  };
}

/** One choice out of a few. The action's id is the block's. */
export function select<Value extends string | number>(
  id: string,
  label: string,
  options: readonly { value: Value; text: string }[],
  chosen: Value,
): types.InputBlock {
  const all = options.map(({ value, text }) => ({ text: plain(text), value: String(value) }));
  const initial = all.find(({ value }) => value === String(chosen));
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

/** A time in each reader's own time zone, such as 15:40. */
export function timeToken(ms: number): string {
  return dateToken(ms, '{time}', 11, 16);
}

/** A day and a time in each reader's own time zone, such as "today at 15:40". */
export function dayToken(ms: number): string {
  return dateToken(ms, '{date_short_pretty} at {time}', 0, 16);
}

/** A period, such as "in 25 minutes", with the time behind it. */
export function agoToken(ms: number): string {
  return `${dateToken(ms, '{ago}', 0, 16)} (${timeToken(ms)})`;
}

/** The fallback is for clients that cannot render dates. */
function dateToken(ms: number, format: string, from: number, to: number): string {
  const utc = new Date(ms).toISOString().slice(from, to).replace('T', ' ');
  return `<!date^${Math.floor(ms / 1000)}^${format}|${utc} UTC>`;
}
