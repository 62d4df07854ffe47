import { expect, it } from 'vitest';
import { plainDigits, westernDigits } from '../../../web-shared/i18n/digits.ts';

it.each([
  ['482 913', '482913'],
  ['٤٨٢-٩١٣', '482913'],
  ['४८२९१३', '482913'],
  ['４８２９１３', '482913'],
  ['𝟒𝟖𝟚𝟫𝟣𝟛', '482913'],
  ['PIN: 48', '48'],
])('the digits of "%s" are %s', (typed, digits) => {
  expect(plainDigits(typed)).toBe(digits);
});

it('what is no digit stays where only the digits change', () => {
  expect(westernDigits('a٤-b')).toBe('a4-b');
});
