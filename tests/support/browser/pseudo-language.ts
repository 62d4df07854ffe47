import { type Dictionary, type Language, readLanguages } from '../../../web-build/languages.ts';

/** BCP 47's usual tag for made-up words that are read from right to left. */
export const PSEUDO = 'ar-XB';

const ARABIC = [...'ابتثجحخدذرزسشصضطظعغفقكلمنه'];

/** English in which every letter is an Arabic one: what is still in Latin letters on a page was never translated. */
export async function pseudoLanguage(): Promise<Language> {
  const english = (await readLanguages()).find(({ code }) => code === 'en');
  if (english === undefined) throw new Error('There is no English.');
  const { shared, receiver, composer, plain, chat, admin } = english;
  const named = { ...inArabicLetters(shared), languageName: 'Pseudo' };
  return {
    code: PSEUDO,
    shared: named,
    receiver: inArabicLetters(receiver),
    composer: inArabicLetters(composer),
    plain: inArabicLetters(plain),
    chat: inArabicLetters(chat),
    admin: inArabicLetters(admin),
  };
}

function inArabicLetters(dictionary: Dictionary): Dictionary {
  const entries = Object.entries(dictionary).map(([key, sentence]) => [
    key,
    typeof sentence === 'string'
      ? letters(sentence)
      : Object.fromEntries(Object.entries(sentence).map(([category, form]) => [category, letters(form)])),
  ]);
  return Object.fromEntries(entries);
}

function letters(template: string): string {
  return template.replace(/\{\w+\}|[a-z]/gi, (found) => {
    if (found.startsWith('{')) return found;
    return ARABIC[found.toLowerCase().charCodeAt(0) - 'a'.charCodeAt(0)] ?? found;
  });
}
