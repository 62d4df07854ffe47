import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import * as subset from '../../web-shared/zod-subset.ts';
import { INHERITED, json, runs } from '../support/fuzz/arbitraries.ts';
import { nearly, taking } from '../support/fuzz/arbitraries-schema.ts';

/** All that the patient's page reads, with the zod that is in force. */
async function schemas(): Promise<Record<string, z.core.$ZodType>> {
  vi.resetModules();
  const messages = await import('../../src/protocol/messages.ts');
  const { headerSchema } = await import('../../src/protocol/note-message.ts');
  const { medicinesSchema } = await import('../../src/protocol/note.ts');
  const sealed = await import('../../src/protocol/sealed.ts');
  const { dictionarySchema } = await import('../../web-shared/i18n/page-language.ts');
  return {
    'a message of the server': messages.serverMessageSchema,
    'an answer to a join before the socket': messages.earlyJoinSchema,
    'a reply to a join': messages.replySchemas.join,
    'a reply to an ICE restart': messages.replySchemas['restart-ice'],
    'a message to the server': messages.clientMessageSchema,
    'the head of a note': headerSchema,
    'a list of medicines': medicinesSchema,
    'a sealed word to the reader': sealed.toReaderSchema,
    'a sealed word to the composer': sealed.toComposerSchema,
    'a hello': sealed.helloSchema,
    'a PIN': sealed.pinSchema,
    'the strings of a language': dictionarySchema,
  };
}

const real = await schemas();
vi.doMock('zod/mini', () => ({ ...subset }));
const small = await schemas();
vi.doUnmock('zod/mini');
afterAll(() => vi.resetModules());

const parse = (schema: unknown, value: unknown) =>
  (schema as { safeParse(value: unknown): { success: boolean; data?: unknown } }).safeParse(value);

describe.each(Object.entries(real))('%s is read in the patient’s page', (name, schema) => {
  it('by another program than zod', () => {
    expect(small[name]).toBeInstanceOf((subset.string() as object).constructor);
    expect(schema).not.toBeInstanceOf((subset.string() as object).constructor);
  });

  it('as by zod, whatever it is: taken or refused, and the same comes out', () => {
    const anything = fc.oneof(
      taking(schema),
      nearly(schema),
      json,
      fc.record({ t: json, kind: json }),
      fc.constantFrom(...INHERITED),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const [expected, got] = [parse(schema, value), parse(small[name], value)];
        expect(got.success).toBe(expected.success);
        if (expected.success) expect(got.data).toStrictEqual(expected.data);
      }),
      runs(400),
    );
  });
});
