/** The sentences of `languages/`, for everything that the server says itself: pages without a script, and chats. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const FOLDER = path.join(import.meta.dirname, '../languages');
const RIGHT_TO_LEFT = ['ar', 'fa', 'he', 'ur'];

const templateSchema = z.union([z.string(), z.record(z.string(), z.string())]);
const sectionSchema = z.record(z.string(), templateSchema);
const fileSchema = z.object({ shared: sectionSchema, plain: sectionSchema, chat: sectionSchema, admin: sectionSchema });

/** One language's sentences of a part of GLIR, and how the language writes. */
export interface LanguageFile {
  /** BCP 47. */
  readonly code: string;
  readonly direction: 'ltr' | 'rtl';
  /** The template of a sentence; of several forms the one for this number. The key itself where the file has no such sentence. */
  template(key: string, count?: number): string;
  /** A number in the digits of the language. */
  number(value: number): string;
}

/**
 * Every language, English first, with the sentences that all parts share and those of one part. Throws when a file is
 * invalid.
 */
export function readLanguageFiles(part: 'plain' | 'chat' | 'admin'): LanguageFile[] {
  const codes = readdirSync(FOLDER).map((name) => path.basename(name, '.json'));
  return codes
    .sort((one, other) => Number(other === 'en') - Number(one === 'en') || one.localeCompare(other, 'en'))
    .map((code) => {
      const file = fileSchema.parse(JSON.parse(readFileSync(path.join(FOLDER, `${code}.json`), 'utf8')));
      return languageFile(code, { ...file.shared, ...file[part] });
    });
}

function languageFile(code: string, sentences: z.infer<typeof sectionSchema>): LanguageFile {
  const plurals = new Intl.PluralRules(code);
  const numbers = new Intl.NumberFormat(code, { useGrouping: false });
  return {
    code,
    direction: RIGHT_TO_LEFT.includes(code) ? 'rtl' : 'ltr',
    template(key, count = 0) {
      const found = sentences[key] ?? key;
      if (typeof found === 'string') return found;
      return found[plurals.select(count)] ?? found['other'] ?? key;
    },
    number: (value) => numbers.format(value),
  };
}

/** As much of a header as any browser sends; what is longer is somebody's attempt to keep the server busy. */
const HEADER_CHARACTERS = 256;

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
