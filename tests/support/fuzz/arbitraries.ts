import fc from 'fast-check';

/** The seed of every run in `npm test`: a failure there is one that everybody can repeat. */
const SEED = 20_261_122;

/**
 * How a property is checked: `usually` runs with a fixed seed. `FC_RUNS` multiplies the runs, `FC_SEED` sets another
 * seed, such as the one that a failure printed.
 */
export function runs(usually: number): { numRuns: number; seed: number } {
  const times = Number(process.env['FC_RUNS'] ?? 1);
  return { numRuns: Math.max(1, Math.round(usually * times)), seed: Number(process.env['FC_SEED'] ?? SEED) };
}

/** Names that mean something to JavaScript's own objects. */
export const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON'];

/** Texts that programs trip over. */
const AWKWARD = [
  '',
  '\0',
  'a\0b',
  '\uFEFF',
  '\uD800',
  '\uDFFF\uD800',
  '\u2028\u2029',
  '\u202E\u2066',
  '\r\n\r\n',
  'é'.normalize('NFD'),
  '🧑‍⚕️',
  '{{7*7}}',
  '<script>',
  "' OR 1=1 --",
  '../../etc/passwd',
  '%00',
  '%s%n',
  '-0',
  '1e309',
  'NaN',
  'null',
  'x'.repeat(70_000),
  ...INHERITED,
];

/** Any text: ordinary, awkward, with lone surrogates, long. */
export function text(maxLength = 60): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength }) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength }) },
    { weight: 2, arbitrary: loneSurrogates(maxLength) },
    { weight: 1, arbitrary: fc.constantFrom(...AWKWARD) },
  );
}

/** UTF-16 as it comes: halves of characters without their other half. */
function loneSurrogates(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.oneof(fc.integer({ min: 0xd800, max: 0xdfff }), fc.integer({ min: 0, max: 0xffff }));
  return fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
}

/** Text that UTF-8 can hold. */
export function wholeText(maxLength = 60): fc.Arbitrary<string> {
  return text(maxLength).map((any) => any.toWellFormed());
}

/** Numbers at the edges of what JavaScript, a timer, or an integer of the protocol can hold. */
export const number: fc.Arbitrary<number> = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(-1, -0, 0.5, 65_536, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, 1e21, 1e300, Number.MAX_VALUE),
);

const key = fc.oneof({ weight: 3, arbitrary: text(10) }, { weight: 1, arbitrary: fc.constantFrom(...INHERITED) });

/** Values as JSON has them, with names of JavaScript's own objects as keys, up to some depth. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text(20),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map(asObject),
  ),
})).value;

/** An object with these keys of its own, `__proto__` included, as `JSON.parse` makes it. */
export function asObject(entries: Iterable<readonly [string, unknown]>): object {
  return Object.fromEntries(entries);
}

/** JSON as text: well-formed, nested far too deep, cut off, or no JSON at all. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: json.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }).map((deep) => '['.repeat(deep) + ']'.repeat(deep)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 9_000 }).map((deep) => `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`),
  },
  { weight: 1, arbitrary: fc.tuple(json, fc.nat(40)).map(([value, at]) => (JSON.stringify(value) ?? '').slice(0, at)) },
  { weight: 1, arbitrary: text() },
);

/** Any bytes, on a buffer of their own or as a part of a larger one. */
export function bytes(maxLength = 2_048): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const own = fc.uint8Array({ maxLength }).map((made) => new Uint8Array(made));
  return fc.tuple(own, fc.nat(16)).map(([made, before]) => {
    const larger = new Uint8Array(before + made.length + before).fill(0x7b);
    larger.set(made, before);
    return larger.subarray(before, before + made.length);
  });
}

/** Characters of base64url (RFC 4648, section 5). */
export function base64url(length: fc.StringConstraints): fc.Arbitrary<string> {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return fc.string({ ...length, unit: fc.constantFrom(...alphabet) });
}
