/** Reads an element of FHIR and keeps account of it: what nobody has taken is named at the end, with its value. */
import { oneLine } from '../../../fields.ts';
import silent from '../words/silent-extensions.json' with { type: 'json' };

type Properties = Readonly<Record<string, unknown>>;

const DECIMAL = /^-?\d{1,15}(?:\.\d{1,15})?$/;
/** Codes of SNOMED CT and of EDQM's Standard Terms, which are words to nobody. */
const BARE_CODE = /^\d{5,}$/;
const DEPTH_MAX = 12;
const VALUE_MAX = 300;
/** Shorter lines are not wrapped but ended. */
const LINE_MIN = 50;

/**
 * One element with its properties. `text`, `number` … take a property and mark it as read; a property of the wrong type
 * stays unread and makes the element broken. Nothing throws.
 */
export class FhirElement {
  readonly #path: string;
  readonly #left: Map<string, unknown>;
  readonly #parts: FhirElement[] = [];
  readonly #rejected: string[] = [];
  #isBroken = false;

  /** `path` is how the element is named to the doctor, such as `timing.repeat`. Null and empty properties do not count. */
  constructor(properties: Properties, path: string) {
    this.#path = path;
    this.#left = new Map(Object.entries(properties).flatMap(([name, value]) => meant(name, value)));
  }

  /** A text on one line; '' when there is none. A number counts as its digits. */
  text(name: string): string {
    const value = this.#left.get(name);
    if (typeof value !== 'string' && typeof value !== 'number') return this.#none(value, '');
    this.#left.delete(name);
    return oneLine(String(value));
  }

  /** The same with a semicolon where a line ends: the next line may begin with a number. */
  lines(name: string): string {
    const value = this.#left.get(name);
    if (typeof value !== 'string') return this.text(name);
    this.#left.delete(name);
    const all = value.split(/[\r\n\u2028\u2029]+/u).map((line) => oneLine(line));
    const filled = all.filter((line) => line !== '');
    return filled.map((line, place) => closed(line, filled[place + 1])).join(' ');
  }

  /** A text without taking it; '' when there is none. */
  peek(name: string): string {
    const value = this.#left.get(name);
    return typeof value === 'string' ? oneLine(value) : '';
  }

  /** A property as it stands there, without taking it. */
  peekAll(name: string): unknown {
    return this.#left.get(name);
  }

  /** The codes of a concept without taking them. */
  peekCodes(): string[] {
    const codings = this.#left.get('coding');
    return (Array.isArray(codings) ? codings : [codings]).flatMap((coding: unknown) =>
      isProperties(coding) && typeof coding['code'] === 'string' ? [coding['code']] : [],
    );
  }

  /** Texts of a list, also of a list of one that is no list. */
  texts(name: string): string[] {
    return this.#each(name, (value) => (typeof value === 'string' ? oneLine(value) : undefined));
  }

  /** A number, also one that is written as a text. */
  number(name: string): number | undefined {
    const value = this.#left.get(name);
    const read = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value;
    if (typeof read !== 'number' || Math.abs(read) > Number.MAX_SAFE_INTEGER) return this.#none(value, undefined);
    this.#left.delete(name);
    return read;
  }

  flag(name: string): boolean | undefined {
    const value = this.#left.get(name);
    if (value !== true && value !== false && value !== 'true' && value !== 'false') {
      return this.#none(value, undefined);
    }
    this.#left.delete(name);
    return value === true || value === 'true';
  }

  /** A single element inside of this one. */
  one(name: string): FhirElement | null {
    const value = this.#left.get(name);
    if (!isProperties(value)) return this.#none(value, null);
    this.#left.delete(name);
    return this.#part(name, value);
  }

  /** Elements of a list, also of a list of one that is no list. */
  many(name: string): FhirElement[] {
    return this.#each(name, (value) => (isProperties(value) ? this.#part(name, value) : undefined));
  }

  /** The extensions with one of these URLs. Those that say nothing to a patient are never left. */
  extensions(...urls: string[]): FhirElement[] {
    const all = this.#left.get('extension');
    if (!Array.isArray(all)) return [];
    const [taken, others] = divide(all, (each) => isProperties(each) && urls.includes(String(each['url'])));
    this.#keep('extension', others);
    return taken.filter(isProperties).map((each) => this.#part('extension', each).skip('url'));
  }

  /** Takes the modifier extensions with this URL; `isModified` no longer counts them. */
  modifiers(url: string): FhirElement[] {
    const all = this.#left.get('modifierExtension');
    if (!Array.isArray(all)) return [];
    const [taken, others] = divide(all, (each) => isProperties(each) && each['url'] === url);
    this.#keep('modifierExtension', others);
    return taken.filter(isProperties).map((each) => this.#part('modifierExtension', each).skip('url'));
  }

  has(name: string): boolean {
    return this.#left.has(name);
  }

  /** The same element, without properties that say nothing to a patient. */
  skip(...names: string[]): this {
    for (const name of names) this.#left.delete(name);
    return this;
  }

  /** Names something that was taken and has no words here. */
  reject(name: string, value: string): void {
    this.#rejected.push(said(`${this.#path}.${name}`, value));
  }

  /** Whether an extension that nobody has taken may turn the meaning round, here or in what is left inside. */
  isModified(): boolean {
    return (
      [...this.#left].some(([name, value]) => name === 'modifierExtension' || hasModifier(value, 0)) ||
      this.#parts.some((part) => part.isModified())
    );
  }

  /** Whether something had the wrong type. */
  isBroken(): boolean {
    return this.#isBroken || this.#parts.some((part) => part.isBroken());
  }

  /** Names of everything that was not taken, each with its value: `timing.repeat.count: 10`. */
  unread(): string[] {
    const left = [...this.#left].flatMap(([name, value]) => unreadIn(`${this.#path}.${name}`, value));
    return [...this.#rejected, ...left, ...this.#parts.flatMap((part) => part.unread())];
  }

  #part(name: string, value: Properties): FhirElement {
    const part = new FhirElement(value, `${this.#path}.${name}`);
    this.#parts.push(part);
    return part;
  }

  #each<T>(name: string, read: (value: unknown) => T | undefined): T[] {
    const value = this.#left.get(name);
    if (value === undefined) return [];
    const wrong: unknown[] = [];
    const found: T[] = [];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (isNothing(item)) continue;
      const one = read(item);
      if (one === undefined) wrong.push(item);
      else found.push(one);
    }
    this.#keep(name, wrong);
    if (wrong.length > 0) this.#isBroken = true;
    return found;
  }

  #keep(name: string, values: readonly unknown[]): void {
    if (values.length === 0) this.#left.delete(name);
    else this.#left.set(name, values);
  }

  #none<T>(value: unknown, nothing: T): T {
    if (value !== undefined) this.#isBroken = true;
    return nothing;
  }
}

export function isProperties(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a text is only a code, such as 732936001: it must not stand where a patient reads words. */
export function isBareCode(text: string): boolean {
  return BARE_CODE.test(text);
}

/** A long line that goes on in small letters was only wrapped. */
function closed(line: string, next: string | undefined): string {
  const isWrapped = line.length >= LINE_MIN && /^\p{Ll}/u.test(next ?? '') && !/\p{N}$/u.test(line);
  return next === undefined || isWrapped || /[.,;:!?،؛。]$/u.test(line) ? line : `${line};`;
}

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'string') return value.trim() === '';
  return Array.isArray(value) ? value.every(isNothing) : isProperties(value) && Object.values(value).every(isNothing);
}

/** A property that says something. One extension in XML is a list of one. */
function meant(name: string, value: unknown): [string, unknown][] {
  if (isNothing(value)) return [];
  if (name !== 'extension' && name !== 'modifierExtension') return [[name, value]];
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const kept = all.filter((each) => !isNothing(each) && (name !== 'extension' || !isSilent(each)));
  return kept.length === 0 ? [] : [[name, kept]];
}

function isSilent(extension: unknown): boolean {
  const url = isProperties(extension) ? extension['url'] : undefined;
  return typeof url === 'string' && silent.urls.includes(url);
}

function divide<T>(all: readonly T[], isTaken: (each: T) => boolean): [T[], T[]] {
  return [all.filter(isTaken), all.filter((each) => !isTaken(each))];
}

function hasModifier(value: unknown, depth: number): boolean {
  if (depth > DEPTH_MAX) return true;
  if (Array.isArray(value)) return value.some((each) => hasModifier(each, depth + 1));
  if (!isProperties(value)) return false;
  return Object.entries(value).some(
    ([name, inner]) => (name === 'modifierExtension' && !isNothing(inner)) || hasModifier(inner, depth + 1),
  );
}

/** An extension is named by the last part of its URL, and one inside of a primitive by that one's name. */
function unreadIn(path: string, value: unknown): string[] {
  if (!/\.(?:extension|modifierExtension)$/.test(path)) return [said(path, valueText(value, 0))];
  return (Array.isArray(value) ? value : [value])
    .filter((each) => !isNothing(each))
    .map((each) => {
      if (!isProperties(each)) return said(path, valueText(each, 0));
      const { url, ...rest } = each;
      const name =
        String(url ?? '')
          .split('/')
          .at(-1) ?? '';
      return said(`${path} ${name}`.trim(), valueText(rest, 0));
    });
}

function said(path: string, value: string): string {
  const short = value.length > VALUE_MAX ? `${value.slice(0, VALUE_MAX).toWellFormed()} …` : value;
  return short === '' ? path : `${path}: ${short}`;
}

function valueText(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) return '…';
  if (Array.isArray(value)) return sayAll(value.map((each) => valueText(each, depth + 1)));
  if (!isProperties(value))
    return isNothing(value) || (isBareCode(String(value)) && typeof value === 'string') ? '' : oneLine(String(value));
  return sayAll(
    Object.entries(value).map(([name, inner]) => {
      const text = valueText(inner, depth + 1);
      return text === '' ? '' : `${name} ${text}`;
    }),
  );
}

function sayAll(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join(', ');
}
