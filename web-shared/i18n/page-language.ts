/** The language of a page: the one it came in, or another that the reader chooses on it. */
import * as z from 'zod/mini';
import { createStrings, type Dictionary, type Strings } from './strings.ts';
import { createTimeFormat, localeFor, type TimeFormat } from './time-format.ts';

export const dictionarySchema = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));

const servedSchema = z.object({
  language: z.string(),
  /** Every language that the page can be read in, each named in itself. */
  languages: z.array(z.object({ code: z.string(), name: z.string() })),
  strings: dictionarySchema,
});
export type ServedStrings = z.infer<typeof servedSchema>;

/** Where a language is not written as Intl would guess. */
const USUAL_LOCALE: Readonly<Record<string, string>> = { en: 'en-GB' };

export interface PageLanguage<Key extends string> {
  /** Both are in the language that is chosen at the moment. */
  readonly strings: Strings<Key>;
  readonly time: TimeFormat;
  readonly available: ServedStrings['languages'];
  /**
   * Loads a language if need be, and turns `strings`, `time` and the document to it. A later choice replaces an
   * earlier one. Returns whether this choice now holds; rejects when the language cannot be loaded.
   */
  choose(code: string): Promise<boolean>;
  /** Loads the strings that the page came without, as those about files. Rejects when they cannot be loaded. */
  complete(): Promise<void>;
  /** The strings of another language, while the page stays in its own. Rejects when it cannot be loaded. */
  stringsIn(code: string): Promise<Strings<Key>>;
}

/** The strings in the page itself, where web-build put them. Throws when they are missing. */
export function servedStrings(): ServedStrings {
  return servedSchema.parse(JSON.parse(document.getElementById('strings')?.textContent ?? 'null'));
}

/**
 * The language of the page `page` (its name on the server). The choice lives as long as the page and no longer:
 * localStorage and sessionStorage are written to the disk, and the page promises that nothing is saved on the device.
 */
export function createLanguage<Key extends string>(
  page: 'receiver' | 'composer',
  served: ServedStrings,
  preferred: readonly string[],
): PageLanguage<Key> {
  const loaded = new Map<string, Dictionary>([[served.language, served.strings]]);
  const inLanguage = (code: string, dictionary: Dictionary) => {
    const locale = localeFor(code, USUAL_LOCALE[code] ?? code, preferred);
    return { strings: createStrings<Key>(code, locale, dictionary), time: createTimeFormat(locale) };
  };
  let now = inLanguage(served.language, served.strings);
  let choice: symbol | null = null;

  const fetched = async (code: string): Promise<Dictionary> => {
    const dictionary = loaded.get(code) ?? (await load(page, code));
    loaded.set(code, dictionary);
    // A server that was updated meanwhile may lack keys: those stay in the page's first language.
    return { ...served.strings, ...dictionary };
  };

  return {
    async complete() {
      Object.assign(served.strings, await load(page, served.language));
    },
    stringsIn: async (code) => inLanguage(code, await fetched(code)).strings,
    strings: {
      get language() {
        return now.strings.language;
      },
      get direction() {
        return now.strings.direction;
      },
      get locale() {
        return now.strings.locale;
      },
      t: (key, values) => now.strings.t(key, values),
      number: (value) => now.strings.number(value),
      list: (phrases) => now.strings.list(phrases),
    },
    time: {
      clock: (at) => now.time.clock(at),
      date: (at) => now.time.date(at),
      until: (at, leftMs) => now.time.until(at, leftMs),
      duration: (ms) => now.time.duration(ms),
    },
    available: served.languages,
    async choose(code) {
      const turn = Symbol(code);
      choice = turn;
      const dictionary = await fetched(code);
      if (choice !== turn) return false;
      now = inLanguage(code, dictionary);
      document.documentElement.lang = code;
      document.documentElement.dir = now.strings.direction;
      return true;
    },
  };
}

async function load(page: string, code: string): Promise<Dictionary> {
  const response = await fetch(`/strings/${page}/${code}.json`);
  if (!response.ok) throw new Error(`The language ${code} is not there.`);
  return dictionarySchema.parse(await response.json());
}
