/** The six digits that both sides can compare by phone. */

/** "482913" as "482 913". */
export function groupCode(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

/** "482913" as "4 8 2, 9 1 3", which a screen reader says digit by digit. */
export function spellCode(digits: string): string {
  return `${[...digits.slice(0, 3)].join(' ')}, ${[...digits.slice(3)].join(' ')}`;
}
