import { expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { withoutFence } from '../../../web-composer/medicines/import/fhir/source/parse-text.ts';
import { readImport } from '../../../web-composer/medicines/import/read-import.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
const LENGTH = 300_000;
/** Work that grows with the square of such a length takes minutes; else it takes a fraction of a second. */
const AT_MOST_MS = 10_000;

it.each(['\n', ' ', '\t', '\r\n', ',', '(', '((1', '"', '{"a":', '<a>', '&amp;', '`', '\n`', '1-', '- '])(
  'a text of nothing but %j that somebody sent does not stop the doctor’s page',
  (piece) => {
    for (const before of ['', '{"resourceType":"Bundle","x":"', '<Bundle>']) {
      const began = performance.now();
      readImport(before + piece.repeat(LENGTH / piece.length), strings);
      expect(performance.now() - began).toBeLessThan(AT_MOST_MS);
    }
  },
  60_000,
);

it.each([
  ['```json\n{"a":1}\n```', '{"a":1}'],
  ['  ```\n{"a":1}\n \n ```  \n', '{"a":1}'],
  ['{"a":1}', '{"a":1}'],
  ['{"a":"```"}', '{"a":"```"}'],
  ['a ```', 'a ```'],
  ['a\n```\nb', 'a\n```\nb'],
  ['```', '```'],
])('the lines of backticks around %j are left out', (text, content) => {
  expect(withoutFence(text)).toBe(content);
});
