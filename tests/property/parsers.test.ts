import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../bots/commands/parse-command.ts';
import { choicesIn } from '../../bots/slack/blocks.ts';
import { BadActivity, readActivity, readTyped } from '../../bots/teams/activity.ts';
import english from '../../languages/en.json' with { type: 'json' };
import { Refused } from '../../src/protocol/errors.ts';
import { medicineSchema } from '../../src/protocol/note.ts';
import { createOwnerTokens } from '../../src/rooms/owner-tokens.ts';
import { looksLikeFhir, readFhir } from '../../web-composer/medicines/import/fhir/read-fhir.ts';
import { readImport } from '../../web-composer/medicines/import/read-import.ts';
import { readWhen } from '../../web-composer/medicines/reading/dose-schedule.ts';
import { readRow } from '../../web-composer/medicines/reading/read-row.ts';
import type { ComposerKey } from '../../web-composer/ui/strings.ts';
import { createStrings } from '../../web-shared/i18n/strings.ts';
import { type Block, type ListBlock, readBlocks } from '../../web-shared/markdown/blocks.ts';
import type { Inline } from '../../web-shared/markdown/inline.ts';
import { asObject, INHERITED, json, jsonText, number, runs, text } from '../support/fuzz/arbitraries.ts';
import { cpuTimeOf } from '../support/server/cpu-time.ts';

const words = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
/** Long enough for a busy machine; a text whose reading grows with its square takes many times as long. */
const AT_ONCE_MS = 1_500;

/** Texts made of the same few pieces again and again, which careless patterns take for ever over. */
const repeated = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        '1',
        '-',
        '½',
        ' ',
        '\n',
        '\t',
        '*',
        '_',
        '[',
        '](',
        '<',
        'https://',
        '#',
        '`',
        '"',
        ';',
        'mg ',
        'a',
        '0',
        '/',
        '1-0-1 ',
        '  - ',
        '> ',
        '|',
      ),
      { minLength: 1, maxLength: 4 },
    ),
    fc.constantFrom(1, 50, 4_000),
  )
  .map(([pieces, times]) => pieces.join('').repeat(times));
const typed = fc.oneof(
  text(200),
  repeated,
  fc.tuple(repeated, text(20)).map((parts) => parts.join('')),
);

/** Prose with marks of light Markdown before, behind and within its words, most of them without an end. */
const marked = fc
  .array(
    fc
      .tuple(
        fc.constantFrom('', '*', '**', '_', '__', '***', '- ', '1. ', '# '),
        fc.constantFrom('eins', 'zwei', '3', '½ Tbl.', 'دواء', 'a_b', 'c*d'),
        fc.constantFrom('', '', '*', '**', '_', '.', ','),
        fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', '\t'),
      )
      .map((parts) => parts.join('')),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

function atOnce<Result>(work: () => Result): Result {
  const done: Result[] = [];
  expect(cpuTimeOf(() => void done.push(work()))).toBeLessThan(AT_ONCE_MS);
  return done[0] as Result;
}

describe('a prescription from a file', () => {
  const code = fc.oneof(
    fc.constantFrom('MORN', 'd', 'wk', 'mon', '2021-99-99', '0000', '400 mg'),
    fc.constantFrom(...INHERITED),
    text(12),
  );
  /** Names of FHIR's elements, at any place and with any value. */
  const name = fc.constantFrom(
    ...['status', 'intent', 'subject', 'reference', 'medicationCodeableConcept', 'medicationReference', 'medication'],
    ...['dosage', 'dosageInstruction', 'text', 'coding', 'code', 'display', 'timing', 'repeat', 'when', 'frequency'],
    ...[
      'period',
      'periodUnit',
      'dayOfWeek',
      'timeOfDay',
      'boundsPeriod',
      'start',
      'end',
      'doseAndRate',
      'value',
      'unit',
    ],
    ...['doseQuantity', 'maxDosePerPeriod', 'numerator', 'denominator', 'asNeededBoolean', 'extension', 'url', 'event'],
    ...['modifierExtension', 'contained', 'entry', 'resource', 'ingredient', 'strength', 'basedOn', 'meta', 'sequence'],
    ...INHERITED,
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      fc.oneof(code, number, fc.boolean(), fc.constantFrom(null, [], {})),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('tree')), { maxLength: 5 }).map(asObject),
    ),
  }));
  const resource = fc
    .tuple(
      fc.array(fc.tuple(name, tree), { maxLength: 8 }),
      fc.constantFrom('MedicationRequest', 'MedicationStatement', 'Medication', 'Bundle', ...INHERITED),
      fc.boolean(),
    )
    .map(([entries, resourceType, isActive]) =>
      asObject([
        ...entries,
        ['medicationCodeableConcept', { text: 'Zaa' }],
        ['resourceType', resourceType],
        ...(isActive ? [['status', 'active'] as const] : []),
      ]),
    );
  const file = fc.oneof(
    { weight: 5, arbitrary: resource.map((one) => JSON.stringify(one)) },
    {
      weight: 2,
      arbitrary: fc.array(resource, { maxLength: 3 }).map((some) => some.map((one) => JSON.stringify(one)).join('\n')),
    },
    {
      weight: 2,
      arbitrary: fc.array(resource, { maxLength: 3 }).map((some) =>
        JSON.stringify({
          resourceType: 'Bundle',
          entry: some.map((one) => ({ resource: one, fullUrl: '__proto__' })),
        }),
      ),
    },
    { weight: 2, arbitrary: jsonText },
  );

  it('is read into medicines that a note can hold, or said not to be understood, and never fails', () => {
    fc.assert(
      fc.property(file, (said) => {
        looksLikeFhir(said);
        const { rows, choices } = atOnce(() => readFhir(said, words, 0));
        for (const row of [...rows, ...choices.map((choice) => choice.row)]) {
          const medicine = readRow(row.cells, row, words)?.medicine;
          expect(medicineSchema.parse(medicine)).toEqual(medicine);
          expect(Object.values(row.cells).concat(row.unread).join()).not.toContain('native code');
        }
      }),
      runs(300),
    );
  });
});

describe('a pasted list', () => {
  it('is read at once, and nothing that it says is lost', () => {
    fc.assert(
      fc.property(typed, (said) => {
        atOnce(() => {
          const { rows, choices, refused } = readImport(said, words);
          if (/[\p{L}\p{N}]/u.test(said)) expect(rows.length + choices.length + refused.length).toBeGreaterThan(0);
        });
        const { times, amounts } = atOnce(() => readWhen(said));
        expect(times.every((time) => typeof amounts[time] === 'string')).toBe(true);
      }),
      runs(200),
    );
  });

  it('of as many rows as a spreadsheet has is read', () => {
    expect(readImport('a\tb\n'.repeat(240_000), words).rows).toHaveLength(240_000);
  });
});

describe('light Markdown', () => {
  it('is read at once, keeps every letter and digit in its place, and links only to where it says', () => {
    fc.assert(
      fc.property(fc.oneof(typed, marked), (said) => {
        const blocks = atOnce(() => readBlocks(said));
        const shown = blocks.map(saidBy).join('\n');
        if (!/[:[\]<>\\`]/.test(said)) expect(lettersOf(shown)).toBe(lettersOf(said));
      }),
      runs(250),
    );
  });

  const lettersOf = (said: string): string => said.replace(/[^\p{L}\p{N}]/gu, '');
  const saidBy = (block: Block): string => (block.kind === 'list' ? listSaid(block) : inlineSaid(block.content));
  const listSaid = ({ items }: ListBlock): string =>
    items
      .map(
        ({ number, content, lists }) =>
          `${number === null ? '' : String(number)} ${inlineSaid(content)} ${lists.map(listSaid).join(' ')}`,
      )
      .join(' ');

  function inlineSaid(content: readonly Inline[]): string {
    return content
      .map((part) => {
        if (part.kind === 'text') return part.text;
        if (part.kind !== 'link') return inlineSaid(part.content);
        expect(part.href).toMatch(/^(?:https?|tel|mailto):/);
        expect(part.href.replace(/\/$/, '')).toContain(part.shown.replace(/\/$/, ''));
        return part.shown;
      })
      .join('');
  }
});

describe('what a chat platform sends', () => {
  const modal = fc.oneof(
    json,
    fc.record({ state: fc.record({ values: json }) }),
    fc
      .tuple(fc.constantFrom(...INHERITED, 'expiry'), fc.constantFrom(...INHERITED, 'expiry'), json)
      .map(([block, action, value]) => ({
        state: { values: asObject([[block, asObject([[action, { selected_option: { value } }]])]]) },
      })),
    fc.constantFrom(...INHERITED).map((name) => ({ state: { values: asObject([[name, {}]]) } })),
  );

  it('in a Slack modal gives choices that are texts, or none', () => {
    fc.assert(
      fc.property(modal, (view) => {
        for (const choice of Object.values(choicesIn(view))) expect(choice).toBeTypeOf('string');
      }),
      runs(300),
    );
  });

  const person = fc.record({ id: text(10) });
  const activity = fc.record(
    {
      type: fc.constantFrom('message', 'invoke', 'installationUpdate', '__proto__'),
      id: text(10),
      channelId: fc.constant('msteams'),
      serviceUrl: fc.oneof(fc.constant('https://smba.example/'), text(20)),
      from: person,
      recipient: person,
      conversation: fc.record({ id: text(10), conversationType: json, tenantId: fc.option(text(10)) }),
      name: fc.option(
        fc.constantFrom('adaptiveCard/action', 'task/fetch', 'task/submit', 'composeExtension/submitAction'),
      ),
      text: fc.option(text(60)),
      value: fc.oneof(
        fc.constant(null),
        json,
        fc.record({ data: json, action: fc.record({ type: fc.constant('Action.Execute'), data: json }) }),
        json.map((form) => ({
          data: asObject([
            ['form', 'glir-form'],
            ['__proto__', form],
            ['expiry', form],
          ]),
        })),
      ),
      entities: json,
    },
    { requiredKeys: ['type', 'id', 'channelId', 'serviceUrl', 'from', 'recipient', 'conversation'] },
  );

  it('as a Teams activity is read without a word of what was typed, or refused as none', () => {
    fc.assert(
      fc.property(fc.oneof(json, activity), (body) => {
        try {
          const { activity: kept, pressed } = readActivity(body);
          expect(kept).not.toHaveProperty('text');
          if (pressed?.kind === 'form')
            for (const choice of Object.values(pressed.choices)) expect(choice).toBeTypeOf('string');
        } catch (error) {
          expect(error).toBeInstanceOf(BadActivity);
        }
      }),
      runs(300),
    );
  });

  it('as typed text is a command or dropped, at once', () => {
    fc.assert(
      fc.property(typed, fc.constantFrom('personal' as const, 'group' as const), (said, where) => {
        for (const command of [atOnce(() => parseCommand(said)), atOnce(() => readTyped(said, where))]) {
          if (command.kind === 'revoke') expect(command.target).toMatch(/^[\w-]{3,22}$/);
          else if (command.kind !== 'open') expect(Object.keys(command)).toEqual(['kind']);
        }
      }),
      runs(250),
    );
  });
});

describe('an owner token', () => {
  const tokens = createOwnerTokens(new Uint8Array(32).fill(5));

  it('that we did not sign is refused, whatever it looks like', () => {
    const part = fc.oneof(
      text(60),
      json.map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const refused = (): unknown => tokens.verify(parts.join('.'));
        expect(refused).toThrow(Refused);
        expect(refused).toThrow('wrong-owner');
      }),
      runs(300),
    );
  });
});
