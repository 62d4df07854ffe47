import fc from 'fast-check';
import { clientMessageSchema, serverMessageSchema } from '../../../src/protocol/messages.ts';
import { jsonText, text } from './arbitraries.ts';
import { nearly, taking } from './arbitraries-schema.ts';

/** What one socket does next. `picks` decides everything that depends on what is known by then. */
export type Move =
  | { kind: 'message' | 'nearly'; said: Record<string, unknown>; picks: number[] }
  | { kind: 'raw'; data: string | Buffer; picks: number[] }
  | { kind: 'go'; how: 'close' | 'cut' | 'away' | 'draft'; picks: number[] };

const picks = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const raw: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 3, arbitrary: text(200) },
  { weight: 3, arbitrary: jsonText },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 3,
    arbitrary: fc.tuple(taking(clientMessageSchema), fc.nat(80)).map(([said, at]) => JSON.stringify(said).slice(0, at)),
  },
  { weight: 1, arbitrary: taking(clientMessageSchema).map((said) => Buffer.from(JSON.stringify(said))) },
  { weight: 1, arbitrary: taking(serverMessageSchema).map((said) => JSON.stringify(said)) },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 60_000, max: 70_000 })
      .map((length) => `{"t":"sealed","ciphertext":"${'b'.repeat(length)}"}`),
  },
);

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 60,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      said: taking(clientMessageSchema).filter(isObject),
      picks,
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('nearly' as const),
      said: nearly(clientMessageSchema).filter(isObject),
      picks,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('raw' as const), data: raw, picks }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('go' as const),
      how: fc.constantFrom('close' as const, 'cut', 'away', 'draft', 'draft'),
      picks,
    }),
  },
);

const BLOCK = 500;

/** The moves of one run: the same for the same seed, however many are taken. */
export function* movesOf(seed: number): Generator<Move> {
  for (let block = 0; ; block++) yield* fc.sample(move, { seed: seed + block * 7_919, numRuns: BLOCK });
}
