import fc from 'fast-check';
import { z } from 'zod';
import { asObject, base64url, json, number, text } from './arbitraries.ts';

/** The parts of JSON Schema that our schemas are made of. */
interface Shape {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
}

/**
 * Values that a schema takes, made from the schema itself: whatever is added to it is tried without a word here. A value
 * may still be refused for what JSON Schema cannot say.
 */
export function taking(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  return fromShape(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as Shape);
}

/** Values that are nearly right: one part, at any depth, is left out, added, or something else. */
export function nearly(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  return fc.tuple(taking(schema), fc.nat(), fc.nat(4), stranger).map(([value, place, how, other]) => {
    return changedAt(structuredClone(value), place, how, other);
  });
}

const stranger = fc.oneof(json, number, text(20), fc.constantFrom(undefined, [], {}, null));

function fromShape(shape: Shape): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  const options = shape.anyOf ?? shape.oneOf;
  if (options !== undefined) return fc.oneof(...options.map(fromShape));
  if (Array.isArray(shape.type)) return fc.oneof(...shape.type.map((type) => fromShape({ ...shape, type })));
  switch (shape.type) {
    case 'string':
      return fromText(shape);
    case 'integer':
      return fc.oneof(fc.integer(within(shape, 100_000)), fc.integer(within(shape, Number.MAX_SAFE_INTEGER)));
    case 'number':
      return fc.double({ min: shape.minimum ?? -1e9, max: shape.maximum ?? 1e9, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fromShape(shape.items ?? {}), {
        minLength: shape.minItems ?? 0,
        maxLength: Math.min(shape.maxItems ?? 5, (shape.minItems ?? 0) + 5),
      });
    case 'object':
      return fromObject(shape);
    default:
      return json;
  }
}

function within({ minimum, maximum }: Shape, wide: number): { min: number; max: number } {
  const min = minimum ?? -wide;
  return { min, max: Math.min(maximum ?? wide, Math.max(wide, min)) };
}

function fromText({ pattern, maxLength = 400, allOf = [] }: Shape): fc.Arbitrary<string> {
  const wanted = pattern ?? allOf.find((part) => part.pattern !== undefined)?.pattern;
  if (wanted === undefined) return text(Math.min(maxLength, 60)).filter((made) => made.length <= maxLength);
  const token = /^\^\[A-Za-z0-9_-\](?:\{(?:(\d+),)?(\d+)\}|\+)\$$/.exec(wanted);
  if (token === null) return fc.stringMatching(new RegExp(wanted));
  const most = Number(token[2] ?? Math.min(maxLength, 400));
  return base64url({ minLength: Number(token[1] ?? token[2] ?? 1), maxLength: most });
}

function fromObject({ properties = {}, required = [] }: Shape): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, shape]) => [name, fromShape(shape)] as const);
  const needed = required.filter((name) => name in properties);
  return fc.record(Object.fromEntries(fields), { requiredKeys: needed, noNullPrototype: true });
}

/** Walks to the `place`-th part of a value, counted in any way that reaches all, and changes what is there. */
function changedAt(value: unknown, place: number, how: number, other: unknown): unknown {
  const inside = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const at = place % (inside.length + 1);
  const chosen = inside[at];
  if (chosen === undefined) return changed(value, how, other);
  const [name, part] = chosen;
  const deeper = changedAt(part, Math.floor(place / (inside.length + 1)), how, other);
  if (Array.isArray(value)) return value.map((each, index) => (String(index) === name ? deeper : each));
  const rest = how === 0 ? inside.filter(([each]) => each !== name) : inside;
  return asObject(rest.map(([each, had]) => [each, each === name ? deeper : had]));
}

function changed(value: unknown, how: number, other: unknown): unknown {
  if (how === 1 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return asObject([...Object.entries(value), ['__proto__', other]]);
  }
  if (how === 2 && typeof value === 'string') return `${value}${typeof other === 'string' ? other : '!'}`;
  if (how === 3 && typeof value === 'string') return value.slice(1);
  return other;
}
