/**
 * Sentences of a language. They are written in `languages/<language>.json`: a template with `{placeholders}`, or one
 * template for each plural category of the number `{count}` (Intl.PluralRules).
 */

import { lazy } from '../lazy.ts';
import { directionOf } from './direction.ts';

/** What a template's placeholders stand for. Numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number>>;

/** A sentence, or one for each plural category. */
export type Template = string | Readonly<Record<string, string>>;
export type Dictionary = Readonly<Record<string, Template>>;

/** A page's strings. They change in place when the reader chooses another language. */
export interface Strings<Key extends string> {
  /** BCP 47, such as `de`. */
  readonly language: string;
  readonly direction: 'ltr' | 'rtl';
  /** The language as this browser spells it, such as `de-AT`; for Intl. */
  readonly locale: string;
  t(key: Key, values?: Values): string;
  number(value: number): string;
  /** Short phrases side by side, such as "2 waiting, 1 reading". */
  list(phrases: readonly string[]): string;
}

/** Which variant of a sentence to take: with the name of the doctor, or without it. */
export function named(who: string | null): 'named' | 'unnamed' {
  return who === null ? 'unnamed' : 'named';
}

/** The strings of one language. `dictionary` holds every key; a missing one would show as its own name. */
export function createStrings<Key extends string>(
  language: string,
  locale: string,
  dictionary: Dictionary,
): Strings<Key> {
  const direction = directionOf(language);
  const numbers = lazy(() => new Intl.NumberFormat(locale));
  const plurals = lazy(() => new Intl.PluralRules(locale));
  const lists = lazy(() => new Intl.ListFormat(locale, { type: 'unit', style: 'short' }));
  const number = (value: number): string => numbers().format(value);
  // In a right-to-left sentence a name or a time would reorder the text beside it; U+2068 and U+2069 isolate it.
  const insert = (value: string | number): string => {
    if (typeof value === 'number') return number(value);
    return direction === 'rtl' ? `\u2068${value}\u2069` : value;
  };
  // What is typed from left to right stays so: U+2066 and U+2069.
  const commands = (sentence: string): string =>
    direction === 'rtl' ? sentence.replace(/\/glir\b/g, '\u2066$&\u2069') : sentence;
  const choose = (template: Template, count: string | number | undefined): string | undefined => {
    if (typeof template === 'string') return template;
    return template[plurals().select(Number(count ?? 0))] ?? template['other'];
  };

  return {
    language,
    direction,
    locale,
    number,
    list: (phrases) => lists().format(phrases),
    t(key, values = {}) {
      const sentence = choose(dictionary[key] ?? key, values['count']) ?? key;
      return commands(sentence).replace(/\{(\w+)\}/g, (placeholder, name: string) =>
        insert(values[name] ?? placeholder),
      );
    },
  };
}

/** Texts of a component that change with the language only. */
export interface Labels<Key extends string> {
  text(key: Key): Text;
  /** Gives `element` an attribute that says `key`, and gives the element back. */
  attribute<E extends Element>(element: E, name: string, key: Key): E;
  /** Writes them again if the language changed; to be called first in each update. */
  draw(): void;
}

export function createLabels<Key extends string>(strings: Strings<Key>): Labels<Key> {
  let language = strings.language;
  const drawn: (() => void)[] = [];
  const keep = (write: () => void): void => {
    write();
    drawn.push(write);
  };
  return {
    text(key) {
      const node = document.createTextNode('');
      keep(() => {
        node.data = strings.t(key);
      });
      return node;
    },
    attribute(element, name, key) {
      keep(() => element.setAttribute(name, strings.t(key)));
      return element;
    },
    draw() {
      if (language === strings.language) return;
      language = strings.language;
      for (const write of drawn) write();
    },
  };
}
