/** The language of a page: the one it came in, or another that the reader chooses on it. */
import * as z from 'zod/mini';
import { createStrings, type Dictionary, type Strings } from './strings.ts';
import { createTimeFormat, localeFor, type TimeFormat } from './time-format.ts';

const dictionarySchema = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));

const servedSchema = z.object({
  language: z.string(),
  /** Every language that the page can be read in, each named in itself. */
  languages: z.array(z.object({ code: z.string(), name: z.string() })),
  words: dictionarySchema,
});
export type ServedStrings = z.infer<typeof servedSchema>;

/** Where a language is not written as Intl would guess. */
const USUAL_LOCALE: Readonly<Record<string, string>> = { en: 'en-GB' };

export interface PageLanguage<Key extends string> {
  /** Both speak the language that is chosen at the moment. */
  readonly strings: Strings<Key>;
  readonly time: TimeFormat;
  readonly available: ServedStrings['languages'];
  /**
   * Loads a language if need be, and turns `words`, `time` and the document to it. A later choice replaces an earlier
   * one. Gives whether this choice now holds; rejects when the language cannot be loaded.
   */
  choose(code: string): Promise<boolean>;
}

/** The words that stand in the page itself, as web-build put them there. Throws when they are missing. */
export function servedStrings(): ServedStrings {
  return servedSchema.parse(JSON.parse(document.getElementById('words')?.textContent ?? 'null'));
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
  const loaded = new Map<string, Dictionary>([[served.language, served.words]]);
  const speak = (code: string, dictionary: Dictionary) => {
    const locale = localeFor(code, USUAL_LOCALE[code] ?? code, preferred);
    return { strings: createStrings<Key>(code, locale, dictionary), time: createTimeFormat(locale) };
  };
  let now = speak(served.language, served.words);
  let wish: symbol | null = null;

  return {
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
      until: (at, leftMs) => now.time.until(at, leftMs),
      duration: (ms) => now.time.duration(ms),
    },
    available: served.languages,
    async choose(code) {
      const turn = Symbol(code);
      wish = turn;
      const dictionary = loaded.get(code) ?? (await load(page, code));
      loaded.set(code, dictionary);
      if (wish !== turn) return false;
      // A server that was renewed meanwhile may know other keys: what it lacks is still said, in the page's first language.
      now = speak(code, { ...served.words, ...dictionary });
      document.documentElement.lang = code;
      document.documentElement.dir = now.strings.direction;
      return true;
    },
  };
}

async function load(page: string, code: string): Promise<Dictionary> {
  const response = await fetch(`/words/${page}/${code}.json`);
  if (!response.ok) throw new Error(`The language ${code} is not there.`);
  return dictionarySchema.parse(await response.json());
}
