/**
 * The part of zod/mini that the schemas of the patient's page are made of, in a twentieth of its size. The build puts it in
 * zod's place there (`web-build/inline-page.ts`), so the schemas and their types are the same everywhere; a test compares what
 * both take and refuse.
 */

/** What is not as its schema says. Which part that is nobody in the patient's page asks. */
class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

type Read = (value: unknown) => unknown;
type Check = (value: never) => boolean;
type Shape = Readonly<Record<string, Schema>>;

class Schema {
  /** Gives what was read, a copy where it is an object; throws Mismatch. */
  readonly parse: Read;
  /** Whether an object may be without it. */
  readonly mayBeAbsent: boolean;

  constructor(read: Read, mayBeAbsent = false) {
    this.parse = read;
    this.mayBeAbsent = mayBeAbsent;
  }

  check(...checks: readonly Check[]): Schema {
    return new Schema((value) => {
      const read = this.parse(value);
      return must(
        checks.every((passes) => passes(read as never)),
        read,
      );
    });
  }

  safeParse(value: unknown): { success: true; data: unknown } | { success: false } {
    try {
      return { success: true, data: this.parse(value) };
    } catch {
      return { success: false };
    }
  }
}

class ObjectSchema extends Schema {
  readonly shape: Shape;

  constructor(shape: Shape, strict: boolean) {
    super((value) => readObject(shape, strict, value));
    this.shape = shape;
  }
}

class LiteralSchema extends Schema {
  readonly value: unknown;

  constructor(literal: unknown) {
    super((value) => must(value === literal, value));
    this.value = literal;
  }
}

function must<Value>(isRight: boolean, value: Value): Value {
  if (!isRight) throw new Mismatch();
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(shape: Shape, strict: boolean, value: unknown): Record<string, unknown> {
  if (!isObject(value)) throw new Mismatch();
  const read: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    if (key in value) read[key] = schema.parse(value[key]);
    else must(schema.mayBeAbsent, null);
  }
  must(!strict || Object.keys(value).every((key) => Object.hasOwn(shape, key)), null);
  return read;
}

const typed = (type: string) => new Schema((value) => must(typeof value === type, value));

export const string = () => typed('string');
export const boolean = () => typed('boolean');
export const unknown = () => new Schema((value) => value, true);
export const number = () => new Schema((value) => must(Number.isFinite(value), value));
export const int = () => new Schema((value) => must(Number.isSafeInteger(value), value));
export const literal = (value: unknown) => new LiteralSchema(value);
const oneOf = (values: readonly unknown[]) => new Schema((value) => must(values.includes(value), value));

export { oneOf as enum };
export const nullable = (schema: Schema) => new Schema((value) => (value === null ? null : schema.parse(value)));
export const exactOptional = (schema: Schema) => new Schema(schema.parse, true);
export const object = (shape: Shape) => new ObjectSchema(shape, false);
export const strictObject = (shape: Shape) => new ObjectSchema(shape, true);

export const array = (item: Schema) =>
  new Schema((value) => (Array.isArray(value) ? value.map((each) => item.parse(each)) : must(false, value)));

/** Keys are strings in JSON, whatever `_key` is. */
export const record = (_key: Schema, item: Schema) =>
  new Schema((value) => {
    if (!isObject(value)) throw new Mismatch();
    const own = Object.entries(value).filter(([key]) => key !== '__proto__');
    return Object.fromEntries(own.map(([key, each]) => [key, item.parse(each)]));
  });

export const union = (options: readonly Schema[]) =>
  new Schema((value) => {
    for (const option of options) {
      const read = option.safeParse(value);
      if (read.success) return read.data;
    }
    throw new Mismatch();
  });

export const discriminatedUnion = (key: string, options: readonly ObjectSchema[]) => {
  const byValue = new Map(options.map((option) => [(option.shape[key] as LiteralSchema).value, option]));
  return new Schema((value) => {
    const option = isObject(value) ? byValue.get(value[key]) : undefined;
    if (option === undefined) throw new Mismatch();
    return option.parse(value);
  });
};

type Sized = string | readonly unknown[];
export const regex = (pattern: RegExp) => (text: string) => pattern.test(text);
export const minimum = (least: number) => (value: number) => value >= least;
export const maximum = (most: number) => (value: number) => value <= most;
export const minLength = (least: number) => (value: Sized) => value.length >= least;
export const maxLength = (most: number) => (value: Sized) => value.length <= most;
