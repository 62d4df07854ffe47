import type { ChatLanguage } from '../commands/chat-language.ts';
import type { Action, Button, Field, Form, Moment, Part, TextLine, TextPiece, View } from '../commands/view.ts';

/** The parts of an Adaptive Card (version 1.5) that GLIR uses. */
export interface Card {
  type: 'AdaptiveCard';
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  version: '1.5';
  /** For notifications, and where the card cannot be shown. */
  fallbackText: string;
  /** Whether it is read from right to left. */
  rtl?: true;
  body: CardElement[];
}

export type CardElement = TextBlock | ChoiceSet | TextInput | ActionSet | ColumnSet | Container;

export interface TextBlock {
  type: 'TextBlock';
  /** Markdown, with times as `{{TIME(…)}}`. */
  text: string;
  wrap: true;
  style?: 'heading';
  size?: 'small' | 'large';
  weight?: 'bolder';
  color?: 'attention';
  isSubtle?: true;
  spacing?: 'none' | 'small' | 'medium' | 'large';
}

export interface ChoiceSet {
  type: 'Input.ChoiceSet';
  id: string;
  label: string;
  style: 'compact';
  isMultiSelect: false;
  choices: { title: string; value: string }[];
  value: string;
}

export interface TextInput {
  type: 'Input.Text';
  id: string;
  label: string;
  placeholder: string;
  maxLength: number;
  value: string;
}

export interface ActionSet {
  type: 'ActionSet';
  actions: CardAction[];
}

export interface ColumnSet {
  type: 'ColumnSet';
  columns: { type: 'Column'; width: 'stretch' | 'auto'; verticalContentAlignment: 'center'; items: CardElement[] }[];
}

/** A question that is shown once its button was pressed. */
export interface Container {
  type: 'Container';
  id: string;
  isVisible: false;
  style: 'emphasis';
  items: CardElement[];
}

interface Titled {
  title: string;
  style?: 'positive' | 'destructive';
}

/** What comes back with a press, besides the choices of the card's fields. */
export type PressData = { action: string; value: string } | { form: string };

export interface Submit extends Titled {
  type: 'Action.Submit';
  data: PressData & { msteams?: { type: 'task/fetch' } };
}

export interface Execute extends Titled {
  type: 'Action.Execute';
  verb: string;
  data: PressData;
  /** For clients that know cards up to version 1.3 only. */
  fallback: Submit;
}

export interface OpenUrl extends Titled {
  type: 'Action.OpenUrl';
  url: string;
}

/** Shows or hides a `Container`, without asking GLIR. */
export interface ToggleVisibility extends Titled {
  type: 'Action.ToggleVisibility';
  targetElements: { elementId: string; isVisible: boolean }[];
}

export type CardAction = Submit | Execute | OpenUrl | ToggleVisibility;

/** Where a card is shown: in a conversation, or in a dialog, which takes no `Action.Execute`. */
export type Where = 'message' | 'dialog';

/** What these ask for opens in a dialog, so that the card with the button stays. */
const OPENS_DIALOG: ReadonlySet<Action> = new Set(['glir-new', 'glir-settings', 'glir-personal']);

/** A view as a card. */
export function viewCard(view: View, language: ChatLanguage, where: Where = 'message'): Card {
  return card(
    language,
    view.summary,
    view.parts.flatMap((part) => partElements(part, where)),
  );
}

/**
 * A form as a card.
 *
 * @param errors what has to change, by the field's id
 * @param chosen what the person had chosen, by the field's id
 * @param below what stands under the form
 */
export function formCard(
  { id, title, intro, submit, fields }: Form,
  language: ChatLanguage,
  where: Where = 'message',
  {
    errors = {},
    chosen = {},
    below = [],
  }: { errors?: Record<string, string>; chosen?: Readonly<Record<string, string>>; below?: readonly Part[] } = {},
): Card {
  const send: Submit = { type: 'Action.Submit', title: submit, style: 'positive', data: { form: id } };
  return card(language, title, [
    // A dialog shows its title by itself.
    ...(where === 'message' ? [heading(title)] : []),
    ...(intro === null ? [] : [textBlock([intro])]),
    ...fields.flatMap((field): CardElement[] => {
      const error = errors[field.id];
      const input = inputOf(field, chosen[field.id]);
      if (input === null) return [];
      return error === undefined ? [input] : [input, { ...textBlock([error]), color: 'attention', spacing: 'none' }];
    }),
    { type: 'ActionSet', actions: [where === 'dialog' ? send : execute(send, id)] },
    ...below.flatMap((part) => partElements(part, where)),
  ]);
}

/** Null where cards have no such field. */
function inputOf(field: Field, before: string | undefined): ChoiceSet | TextInput | null {
  const { id, label } = field;
  switch (field.kind) {
    case 'choice': {
      const choices = field.options.map(({ text, value }) => ({ title: text, value }));
      const value = choices.some((choice) => choice.value === before) && before !== undefined ? before : field.chosen;
      return { type: 'Input.ChoiceSet', id, label, style: 'compact', isMultiSelect: false, choices, value };
    }
    case 'text': {
      const { hint: placeholder, maxLength } = field;
      return { type: 'Input.Text', id, label, placeholder, maxLength, value: before ?? field.value };
    }
    case 'people':
      return null;
  }
}

function card({ direction }: ChatLanguage, fallbackText: string, body: CardElement[]): Card {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText,
    ...(direction === 'rtl' ? { rtl: true } : {}),
    body,
  };
}

function partElements(part: Part, where: Where): CardElement[] {
  switch (part.kind) {
    case 'heading':
      return [heading(part.text)];
    case 'text':
      return lineBlocks(part.lines, part.quiet ?? false);
    case 'row':
      return [
        {
          type: 'ColumnSet',
          columns: [
            column('stretch', lineBlocks(part.lines, false)),
            column('auto', [{ type: 'ActionSet', actions: [firstButton(part.button, where)] }]),
          ],
        },
        ...questions([part.button], where),
      ];
    case 'buttons':
      return [
        { type: 'ActionSet', actions: part.buttons.map((each) => firstButton(each, where)) },
        ...questions(part.buttons, where),
      ];
  }
}

function column(width: 'stretch' | 'auto', items: CardElement[]) {
  return { type: 'Column', width, verticalContentAlignment: 'center', items } as const;
}

function heading(text: string): TextBlock {
  return { ...textBlock([text]), style: 'heading', size: 'large', weight: 'bolder' };
}

/** A block for each line: clients do not agree on what ends a line inside of a block. */
function lineBlocks(lines: readonly TextLine[], quiet: boolean): TextBlock[] {
  return lines.map((line, index) => ({
    ...textBlock(line),
    ...(quiet ? { isSubtle: true, size: 'small' } : {}),
    ...(index === 0 ? {} : { spacing: 'none' }),
  }));
}

function textBlock(line: TextLine): TextBlock {
  return { type: 'TextBlock', text: line.map(pieceText).join(''), wrap: true };
}

function pieceText(piece: TextPiece): string {
  if (typeof piece === 'string') return escaped(piece);
  if ('strong' in piece) return bold(piece.strong);
  // Cards know no type for what is typed.
  return 'typed' in piece ? bold(piece.typed) : momentText(piece);
}

/** Markdown takes no space inside of the asterisks. */
function bold(text: string): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
  return inner === '' ? before : `${before}**${escaped(inner)}**${after}`;
}

/** The client shows it in the reader's own time zone. */
function momentText({ at, as }: Moment): string {
  // The functions take no fractions of a second.
  const when = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return as === 'day' ? `{{DATE(${when}, SHORT)}} {{TIME(${when})}}` : `{{TIME(${when})}}`;
}

/** Text that means itself: neither Markdown, nor one of the card's functions. */
export function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>~|]/g, '\\$&')
    .replace(/^(\s*)([#+-]|\d+[.)])(?=\s)/gm, (_whole, space: string, mark: string) =>
      mark.length === 1 ? `${space}\\${mark}` : `${space}${mark.slice(0, -1)}\\${mark.slice(-1)}`,
    )
    .replaceAll('{{', '{\u200b{');
}

/** The button itself, or the one that shows its question. */
function firstButton(of: Button, where: Where): CardAction {
  if (of.confirm === undefined) return button(of, where);
  const targetElements = [{ elementId: questionId(of), isVisible: true }];
  const style = of.look === 'danger' ? ({ style: 'destructive' } as const) : {};
  return { type: 'Action.ToggleVisibility', title: of.label, targetElements, ...style };
}

/** What is asked before a press counts. */
function questions(buttons: readonly Button[], where: Where): Container[] {
  return buttons.flatMap((of) => {
    if (of.confirm === undefined) return [];
    const { title, text, yes, no } = of.confirm;
    const id = questionId(of);
    const keep: ToggleVisibility = {
      type: 'Action.ToggleVisibility',
      title: no,
      targetElements: [{ elementId: id, isVisible: false }],
    };
    return [
      {
        type: 'Container',
        id,
        isVisible: false,
        style: 'emphasis',
        items: [
          textBlock([{ strong: title }]),
          textBlock([text]),
          { type: 'ActionSet', actions: [button({ ...of, label: yes }, where), keep] },
        ],
      },
    ];
  });
}

function questionId({ action, value }: Button): string {
  return `ask-${action}-${value}`;
}

function button({ action, label, value, look, url }: Button, where: Where): CardAction {
  const style = look === undefined ? {} : ({ style: look === 'primary' ? 'positive' : 'destructive' } as const);
  if (url !== undefined) return { type: 'Action.OpenUrl', title: label, url, ...style };
  const submit: Submit = { type: 'Action.Submit', title: label, data: { action, value }, ...style };
  if (where === 'dialog') return submit;
  if (!OPENS_DIALOG.has(action)) return execute(submit, action);
  return { ...submit, data: { ...submit.data, msteams: { type: 'task/fetch' } } };
}

function execute(fallback: Submit, verb: string): CardAction {
  const { title, style, data } = fallback;
  const own: PressData = data;
  return { type: 'Action.Execute', title, verb, data: own, ...(style === undefined ? {} : { style }), fallback };
}
