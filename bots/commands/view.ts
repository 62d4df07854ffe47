import type { ChatLanguage } from './chat-language.ts';

/**
 * What the bot shows, without a platform's looks: each platform renders these, and adds nothing to what they say. No
 * part of a view takes text from a person, and none ever holds a note or a note link.
 */
export interface View {
  /** One or two sentences for notifications and screen readers. */
  summary: string;
  parts: readonly Part[];
}

export type Part =
  | { kind: 'heading'; text: string }
  /** `quiet` is small print. */
  | { kind: 'text'; lines: readonly TextLine[]; quiet?: boolean }
  /** Text with one button that belongs to it. */
  | { kind: 'row'; lines: readonly TextLine[]; button: Button }
  | { kind: 'buttons'; buttons: readonly Button[] };

/** One line of text. */
export type TextLine = readonly TextPiece[];

/** A line that says the same everywhere: without times. */
export type PlainLine = readonly PlainPiece[];

export type TextPiece = PlainPiece | Moment;

export type PlainPiece =
  | string
  | { strong: string }
  /** What a person types, such as `/glir list`. */
  | { typed: string };

/** A moment in the reader's own time zone, in milliseconds since the Unix epoch: 15:40, with its day, or as a period. */
export interface Moment {
  at: number;
  as: 'time' | 'day' | 'period';
}

export interface Button {
  action: Action;
  label: string;
  /** What comes back with a press: a room's tag, and for a decision the reader behind a space. */
  value: string;
  look?: 'primary' | 'danger';
  /** Where the button leads, for the compose link and our own pages only. */
  url?: string;
  /** A question before the press counts, where the platform can ask one. */
  confirm?: { title: string; text: string; yes: string; no: string };
}

/** Lines of text. */
export function text(...lines: TextLine[]): Part {
  return { kind: 'text', lines };
}

/** Lines of small print. */
export function quiet(...lines: TextLine[]): Part {
  return { kind: 'text', lines, quiet: true };
}

export function heading(title: string): Part {
  return { kind: 'heading', text: title };
}

export function row(lines: readonly TextLine[], button: Button): Part {
  return { kind: 'row', lines, button };
}

export function buttons(...all: Button[]): Part {
  return { kind: 'buttons', buttons: all };
}

/** The text alone, for notifications and screen readers. */
export function plainText(line: PlainLine): string {
  return line
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return 'strong' in piece ? piece.strong : piece.typed;
    })
    .join('');
}

/** What a press asks for. The names travel through the platforms and must not change between versions. */
export type Action = (typeof ACTIONS)[number];

export const ACTIONS = [
  'glir-write',
  'glir-new',
  'glir-revoke',
  'glir-revoke-listed',
  'glir-revoke-home',
  'glir-admit',
  'glir-refuse',
  'glir-refresh',
  'glir-ping-admit',
  'glir-ping-refuse',
  'glir-more-time',
  'glir-personal',
  'glir-settings',
  'glir-admin',
] as const;

/** A few choices to make. Text is asked for only where it is short and known to be a name or a number: never for a note. */
export interface Form {
  id: FormId;
  title: string;
  intro: string | null;
  submit: string;
  cancel: string;
  fields: readonly Field[];
}

export type FormId = (typeof FORMS)[number];

export const FORMS = ['glir-form', 'glir-settings', 'glir-personal'] as const;

export type Field = ChoiceField | TextField | PeopleField;

interface AnyField {
  id: string;
  label: string;
}

/** One choice out of a few. */
export interface ChoiceField extends AnyField {
  kind: 'choice';
  options: readonly Option[];
  /** The value chosen at first: one of the options'. */
  chosen: string;
}

/** One line of text, which may stay empty. */
export interface TextField extends AnyField {
  kind: 'text';
  hint: string;
  maxLength: number;
  value: string;
}

/** People of the tenant, by the platform's ids; none is allowed. */
export interface PeopleField extends AnyField {
  kind: 'people';
  chosen: readonly string[];
}

export interface Option {
  value: string;
  text: string;
}

/** What a person chose or typed, by the field's id, as the platform hands it over; people with commas between them. */
export type Choices = Readonly<Record<string, string>>;

/** The chat that a sentence is about, and the language that it is said in. */
export interface Chat {
  /** As people call it, such as `Slack`. */
  name: string;
  /** What a doctor types there to reach GLIR, such as `/glir`. */
  command: string;
  language: ChatLanguage;
}
