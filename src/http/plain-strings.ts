/** The sentences of the pages without a script, in every language of `languages/`. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type en from '../../languages/en.json';
import { Html, html } from './html.ts';

export type PlainKey = keyof (typeof en)['shared'] | keyof (typeof en)['plain'];
export type PlainValues = Readonly<Record<string, string | number>>;

/** One language, in which a page without a script can be written. */
export interface PlainLanguage {
  /** BCP 47. */
  readonly code: string;
  /** The language named in itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  /** The address of one of the pages, in this language. */
  pathOf(path: string): string;
  /** A sentence as text. */
  text(key: PlainKey, values?: PlainValues): string;
  /** A sentence as markup, with commands such as `/glir` set apart; values are shown as text. */
  say(key: PlainKey, values?: PlainValues): Html;
}

/** `?lang=` behind a page's path shows it in that language, whatever the browser asks for. */
export const LANGUAGE_PARAMETER = 'lang';

const FOLDER = path.join(import.meta.dirname, '../../languages');
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];
/** As much of a header as any browser sends; what is longer is somebody's attempt to keep the server busy. */
const HEADER_CHARACTERS = 256;

const templateSchema = z.union([z.string(), z.record(z.string(), z.string())]);
type Template = z.infer<typeof templateSchema>;
const fileSchema = z.object({
  shared: z.record(z.string(), templateSchema),
  plain: z.record(z.string(), templateSchema),
});

/** Reads every language, English first. Throws when a file is invalid. */
export function readPlainLanguages(): PlainLanguage[] {
  const codes = readdirSync(FOLDER).map((name) => path.basename(name, '.json'));
  return codes
    .sort((one, other) => Number(other === 'en') - Number(one === 'en') || one.localeCompare(other, 'en'))
    .map((code) => plainLanguage(code, readFileSync(path.join(FOLDER, `${code}.json`), 'utf8')));
}

/** The first language of `codes` that a browser asks for in `Accept-Language`; English when it asks for none of them. */
export function preferredLanguage(header: string | undefined, codes: readonly string[]): string {
  const wanted = (header ?? '')
    .slice(0, HEADER_CHARACTERS)
    .split(',')
    .map((part) => {
      const [tag = '', quality = 'q=1'] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      return { code: tag.split('-')[0] ?? '', quality: Number(/^q=([\d.]+)$/.exec(quality)?.[1] ?? 0) };
    })
    .filter(({ code, quality }) => quality > 0 && codes.includes(code))
    .sort((one, other) => other.quality - one.quality);
  return wanted[0]?.code ?? 'en';
}

function plainLanguage(code: string, file: string): PlainLanguage {
  const { shared, plain } = fileSchema.parse(JSON.parse(file));
  const sentences = { ...shared, ...plain };
  const direction = RIGHT_TO_LEFT.includes(code) ? 'rtl' : 'ltr';
  const plurals = new Intl.PluralRules(code);
  const numbers = new Intl.NumberFormat(code, { useGrouping: false });
  const template = (key: PlainKey, values: PlainValues): string => {
    const found: Template = sentences[key] ?? key;
    if (typeof found === 'string') return found;
    return found[plurals.select(Number(values['count'] ?? 0))] ?? found['other'] ?? key;
  };
  const written = (value: string | number): string => (typeof value === 'number' ? numbers.format(value) : value);
  const say = (key: PlainKey, values: PlainValues = {}): Html => {
    const parts = template(key, values).split(/(\{\w+\}|\/glir\b)/);
    return new Html(parts.map((part) => markupOf(part, values, written).markup).join(''));
  };
  const text = (key: PlainKey, values: PlainValues = {}): string =>
    template(key, values).replace(/\{(\w+)\}/g, (placeholder, name: string) => written(values[name] ?? placeholder));
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
