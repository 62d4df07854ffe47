/** The sentences of the pages without a script, in every language of `languages/`. */
import type en from '../../languages/en.json';
import { type LanguageFile, readLanguageFiles } from '../language-files.ts';
import { Html, html } from './html.ts';

export type PlainKey = keyof (typeof en)['shared'] | keyof (typeof en)['plain'];
export type PlainValues = Readonly<Record<string, string | number>>;

/** One language, in which a page without a script can be written. */
export interface PlainLanguage<Key extends string = PlainKey> {
  /** BCP 47. */
  readonly code: string;
  /** The language named in itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  /** The address of one of the pages, in this language. */
  pathOf(path: string): string;
  /** A sentence as text. */
  text(key: Key, values?: PlainValues): string;
  /** A sentence as markup, with commands such as `/glir` set apart; values are shown as text. */
  say(key: Key, values?: PlainValues): Html;
}

/** `?lang=` behind a page's path shows it in that language, whatever the browser asks for. */
export const LANGUAGE_PARAMETER = 'lang';

/** Reads every language, English first. Throws when a file is invalid. */
export function readPlainLanguages(): PlainLanguage[] {
  return readLanguageFiles('plain').map((file) => writtenLanguage<PlainKey>(file));
}

/** A language with the sentences of its file, `languageName` among them. */
export function writtenLanguage<Key extends string>({
  code,
  direction,
  template,
  number,
}: LanguageFile): PlainLanguage<Key> {
  const written = (value: string | number): string => (typeof value === 'number' ? number(value) : value);
  const templateOf = (key: string, values: PlainValues): string => template(key, Number(values['count'] ?? 0));
  const say = (key: string, values: PlainValues = {}): Html => {
    const parts = templateOf(key, values).split(/(\{\w+\}|\/glir\b)/);
    return new Html(parts.map((part) => markupOf(part, values, written).markup).join(''));
  };
  const text = (key: string, values: PlainValues = {}): string =>
    templateOf(key, values).replace(/\{(\w+)\}/g, (placeholder, name: string) => written(values[name] ?? placeholder));
  return {
    code,
    name: text('languageName'),
    direction,
    pathOf: (path) => `${path}?${LANGUAGE_PARAMETER}=${code}`,
    text,
    say,
  };
}

/** Isolated, so that a name or a command from left to right leaves the words around it in order. */
function markupOf(part: string, values: PlainValues, written: (value: string | number) => string): Html {
  if (part === '/glir') return html`<code dir="ltr">${part}</code>`;
  const value = values[/^\{(\w+)\}$/.exec(part)?.[1] ?? ''];
  if (value === undefined) return html`${part}`;
  return typeof value === 'number' ? html`${written(value)}` : html`<bdi>${value}</bdi>`;
}
