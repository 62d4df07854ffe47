/** Names come from a platform; they are shown inside our own sentences. */

const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const LATIN_ONLY = /^[\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]*$/u;

/**
 * A display name, safe inside a sentence: controls, line breaks and direction marks are dropped, and a name in another script is
 * wrapped in isolates (U+2068, U+2069), so that it cannot turn the words around it.
 */
export function safeName(name: string): string {
  const plain = name.replace(CONTROLS, ' ').trim();
  return LATIN_ONLY.test(plain) ? plain : `\u2068${plain}\u2069`;
}
