// In a file of its own because web-build uses it too, and has no DOM.
const RIGHT_TO_LEFT = /^(ar|fa|he|ur)\b/;

/** The direction in which a language (BCP 47) is written. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr';
}
