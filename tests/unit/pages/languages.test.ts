import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Dictionary, type Language, readLanguages } from '../../../web-build/languages.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const SECTIONS = ['shared', 'receiver', 'composer', 'plain', 'chat', 'admin'] as const;

/** Names, the same in every language. */
const NAMES = /GLIR|Slack|Teams|\bPINs?\b|\bQR\b|WebRTC|PDF|HEIC|JPEG|Chrome|Edge|Firefox|Safari|\/glir/g;
/** Words that a language shares with English, by their key. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  de: ['files.kind.text', 'nav.health', 'server', 'signIn.code', 'health.version', 'as.tenant'],
  fr: [
    'note',
    'plan.dose',
    'medicines.dose',
    'files.kind.jpeg',
    'room',
    'counts.notes',
    'signIn.code',
    'health.version',
    'health.workers',
  ],
  it: ['plan.dose', 'medicines.dose', 'nav.health', 'server', 'as.tenant'],
  pt: ['plan.dose', 'medicines.dose'],
};
const ENGLISH_WORDS = /(?<!\p{L})(the|this|that|you|your|with|and|has|was)(?!\p{L})/iu;
/** German has a word that is spelled like an English one. */
const WORDS_OF: Readonly<Record<string, RegExp>> = { de: /(?<!\p{L})was(?!\p{L})/giu };

const languages = await readLanguages();
const english = languages.find(({ code }) => code === 'en');
if (english === undefined) throw new Error('There is no English.');
const others = languages.filter(({ code }) => code !== 'en');

/** Every sentence of a language, plural forms one by one, as `section.key` or `section.key (category)`. */
function sentences(language: Language): [where: string, sentence: string, key: string, category: string | null][] {
  return SECTIONS.flatMap((section) =>
    Object.entries(language[section]).flatMap(([key, template]): [string, string, string, string | null][] =>
      typeof template === 'string'
        ? [[`${section}.${key}`, template, key, null]]
        : Object.entries(template).map(([category, form]) => [`${section}.${key} (${category})`, form, key, category]),
    ),
  );
}

/** The English for a sentence: the same one, or the form for many. */
function englishOf(section: Dictionary, key: string): string {
  const template = section[key] ?? '';
  return typeof template === 'string' ? template : (template['other'] ?? '');
}

function placeholders(sentence: string): string[] {
  return [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();
}

/** Whole numbers that a page could count to, by the plural category in which the language counts them. */
function counted(code: string): Map<string, number[]> {
  const rules = new Intl.PluralRules(code);
  const numbers = new Map<string, number[]>();
  for (let count = 0; count <= 100_000; count += count < 1000 ? 1 : 997) {
    const category = rules.select(count);
    numbers.set(category, [...(numbers.get(category) ?? []), count]);
  }
  return numbers;
}

describe.each(languages.map((language) => [language.code, language] as const))('the words in %s', (code, language) => {
  it('have the same keys as English, each a sentence or plural forms as there', () => {
    const shape = (of: Language) =>
      SECTIONS.flatMap((section) =>
        Object.entries(of[section]).map(([key, template]) => `${section}.${key}: ${typeof template}`),
      ).sort();
    expect(shape(language)).toEqual(shape(english));
  });

  it('have a form for each way in which the language counts, and no other', () => {
    const needed = [...counted(code).keys(), 'other'];
    const known = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const section of SECTIONS) {
      for (const [key, template] of Object.entries(language[section])) {
        if (typeof template === 'string') continue;
        expect(Object.keys(template), key).toEqual(expect.arrayContaining(needed));
        expect(known, key).toEqual(expect.arrayContaining(Object.keys(template)));
      }
    }
  });

  it('have the placeholders of the English ones, and the number wherever a form stands for several', () => {
    const numbers = counted(code);
    for (const [where, sentence, key, category] of sentences(language)) {
      const section = SECTIONS.find((each) => where.startsWith(`${each}.`)) ?? 'shared';
      const wanted = placeholders(englishOf(english[section], key));
      const of = (numbers.get(category ?? '') ?? []).filter((count) => count > 0);
      const mayLeaveOut = category !== null && of.length === 1 && !placeholders(sentence).includes('count');
      expect(placeholders(sentence), where).toEqual(mayLeaveOut ? wanted.filter((name) => name !== 'count') : wanted);
    }
  });

  it('are plain text, written as one writes: no markup, no stray spaces, an end where English has one', () => {
    for (const [where, sentence, key] of sentences(language)) {
      expect(sentence, where).not.toMatch(/[<>]|^\s|\s$| {2}|^$/);
      const section = SECTIONS.find((each) => where.startsWith(`${each}.`)) ?? 'shared';
      const original = englishOf(english[section], key);
      expect(/[.?!؟]$/.test(sentence), where).toBe(/[.?!]$/.test(original));
      expect(sentence.endsWith('…'), where).toBe(original.endsWith('…'));
      expect(sentence.includes('/glir'), where).toBe(original.includes('/glir'));
    }
  });
});

it.each(others.map((language) => [language.code, language] as const))(
  'nothing is left in English in %s',
  (code, language) => {
    for (const [where, sentence, key] of sentences(language)) {
      const words = sentence
        .replaceAll(/\{\w+\}/g, '')
        .replaceAll(NAMES, '')
        .replaceAll(WORDS_OF[code] ?? /^$/g, '');
      expect(words, where).not.toMatch(ENGLISH_WORDS);
      const section = SECTIONS.find((each) => where.startsWith(`${each}.`)) ?? 'shared';
      if (!/\p{L}/u.test(words) || SAME[code]?.includes(key)) continue;
      expect(sentence, where).not.toBe(englishOf(english[section], key));
    }
  },
);

describe('the language files', () => {
  it('are named as the languages are known, and no two name themselves alike', () => {
    for (const { code } of languages) expect(Intl.getCanonicalLocales(code)).toEqual([code]);
    expect(new Set(languages.map(({ shared }) => shared['languageName'])).size).toBe(languages.length);
  });

  it('say each thing in one place: no page has a key that all pages share', () => {
    for (const section of ['receiver', 'composer', 'plain', 'chat', 'admin'] as const) {
      expect(Object.keys(english[section]).filter((key) => key in english.shared)).toEqual([]);
    }
  });

  it('hold no sentence that no page says', () => {
    const files = globSync('{web-{receiver,composer,teams,shared,build},src/http,src/admin,bots}/**/*.{ts,html}', {
      cwd: ROOT,
    });
    const source = files.map((file) => readFileSync(path.join(ROOT, file), 'utf8')).join('\n');
    const literals = new Set([...source.matchAll(/'([\w.-]+)'|\{(\w+)\}/g)].map(([, text, name]) => text ?? name));
    const patterns = [...source.matchAll(/`([^`\n]*\$\{[^`\n]*)`/g)]
      .map(([, template = '']) => template.split(/\$\{[^}]*\}/))
      .filter((fixed) => fixed.some((part) => /\p{L}/u.test(part)))
      .map((fixed) => new RegExp(`^${fixed.map((part) => part.replaceAll(/[^\w]/g, '\\$&')).join('[\\w.-]+')}$`));
    const keys = SECTIONS.flatMap((section) => Object.keys(english[section]));
    expect(keys.filter((key) => !literals.has(key) && !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});
