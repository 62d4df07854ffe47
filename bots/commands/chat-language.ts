/** What GLIR says in chats, in every language of `languages/`. */
import type en from '../../languages/en.json';
import { type LanguageFile, readLanguageFiles } from '../../src/language-files.ts';

export type ChatKey = keyof (typeof en)['shared'] | keyof (typeof en)['chat'];

/** One language, in which a bot speaks to a doctor. */
export interface ChatLanguage {
  /** BCP 47. */
  readonly code: string;
  /** The language named in itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  /** A sentence; of several forms the one for the number `count`. */
  text(key: ChatKey, values?: Readonly<Record<string, string | number>>): string;
  /** A sentence as a line of a view, with pieces such as what a person types, or a moment, in their places. */
  line<const Piece>(key: ChatKey, values?: Readonly<Record<string, Piece | number>>): readonly (Piece | string)[];
  /** A length of time in words, such as `1 hour 30 minutes`; seconds below one count as none. */
  duration(seconds: number): string;
}

/** Marks around what may run in the other direction (U+2068, U+2069), so that the words around it stay in order. */
const ISOLATE = '\u2068';
const POP = '\u2069';

let languages: readonly ChatLanguage[] | null = null;

/** All of them, English first. Throws when a file is invalid. */
export function chatLanguages(): readonly ChatLanguage[] {
  languages ??= readLanguageFiles('chat').map(chatLanguage);
  return languages;
}

/**
 * The language of a locale as platforms name it, such as `it-IT`; null where GLIR does not speak it.
 */
export function languageOfLocale(locale: string | null | undefined): ChatLanguage | null {
  const code = (locale ?? '').toLowerCase().split(/[-_]/)[0];
  return chatLanguages().find((language) => language.code === code) ?? null;
}

/** For what cannot be in the reader's own language, or whose language is not known. */
export function english(): ChatLanguage {
  const [first] = chatLanguages();
  if (first === undefined) throw new Error('languages/en.json is missing. Restore it.');
  return first;
}

function chatLanguage({ code, direction, template, number }: LanguageFile): ChatLanguage {
  const isolated = (text: string): string => (direction === 'rtl' ? `${ISOLATE}${text}${POP}` : text);
  const templateOf = (key: ChatKey, values: Readonly<Record<string, unknown>>): string =>
    template(key, typeof values['count'] === 'number' ? values['count'] : 0);
  const text: ChatLanguage['text'] = (key, values = {}) =>
    templateOf(key, values).replace(/\{(\w+)\}/g, (placeholder, name: string) => {
      const value = values[name];
      if (value === undefined) return placeholder;
      return typeof value === 'number' ? number(value) : isolated(value);
    });
  function lineOf<Piece>(sentence: string, values: Readonly<Record<string, Piece | number>>): (Piece | string)[] {
    const pieces: (Piece | string)[] = [];
    for (const part of sentence.split(/(\{\w+\})/)) {
      const value = values[/^\{(\w+)\}$/.exec(part)?.[1] ?? ''];
      if (value === undefined) pieces.push(part);
      else if (typeof value === 'number') pieces.push(number(value));
      // Beside the piece and not in it: what is typed is also copied.
      else pieces.push(...(direction === 'rtl' ? [ISOLATE, value, POP] : [value]));
    }
    return pieces.filter((piece) => piece !== '');
  }

  return {
    code,
    direction,
    name: text('languageName'),
    text,
    line: (key, values = {}) => lineOf(templateOf(key, values), values),
    duration: durations(code),
  };
}

function durations(code: string): (seconds: number) => string {
  const unit = (name: 'hour' | 'minute' | 'second') => {
    const format = new Intl.NumberFormat(code, { style: 'unit', unit: name, unitDisplay: 'long', useGrouping: false });
    return (amount: number) => format.format(amount);
  };
  const [hours, minutes, rest] = [unit('hour'), unit('minute'), unit('second')];
  const list = new Intl.ListFormat(code, { type: 'unit', style: 'narrow' });
  return (seconds) => {
    const total = Math.max(0, Math.round(seconds));
    const parts = [
      { amount: Math.floor(total / 3_600), say: hours },
      { amount: Math.floor((total % 3_600) / 60), say: minutes },
      { amount: total % 60, say: rest },
    ].filter(({ amount }) => amount > 0);
    return parts.length === 0 ? rest(0) : list.format(parts.map(({ amount, say }) => say(amount)));
  };
}
