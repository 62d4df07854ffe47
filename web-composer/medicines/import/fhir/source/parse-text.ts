/** The values of a FHIR text: JSON, one resource a line (NDJSON), or XML. */
import type { Why } from '../../import-result.ts';
import { parseXmlTree } from './xml-tree.ts';

const DEPTH_MAX = 1_000;

export interface ParsedText {
  readonly values: readonly unknown[];
  /** Lines of NDJSON that could not be read, counted from 1. */
  readonly brokenLines: readonly number[];
}

/** Throws nothing: the reason when the text as a whole cannot be read. */
export function parseText(text: string): ParsedText | Why {
  const withoutMark = withoutFence(text.replace(/^\uFEFF/, ''));
  if (/^\s*</.test(withoutMark)) {
    const tree = parseXmlTree(withoutMark);
    return tree === null ? 'not-xml' : { values: [tree], brokenLines: [] };
  }
  const whole = parseJson(withoutMark);
  return whole === null ? (parseLines(withoutMark) ?? 'not-json') : { values: [whole.value], brokenLines: [] };
}

function parseJson(json: string): { value: unknown } | null {
  try {
    const value: unknown = JSON.parse(json);
    return isTooDeep(value, 0) || saysTwice(json) ? null : { value };
  } catch {
    return null;
  }
}

/** No prescription lies that deep, and whoever walks through it would run out of stack. */
function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > DEPTH_MAX || Object.values(value).some((inner) => isTooDeep(inner, depth + 1));
}

/** The text between the lines with three backticks in which chats and wikis show such a text. */
export function withoutFence(text: string): string {
  const begun = text.replace(/^\s*```[\w-]*\s*\n/, '');
  const fenced = begun.trimEnd();
  if (!fenced.endsWith('```')) return begun;
  const content = fenced.slice(0, -3);
  // No pattern that ends with white space and an end: on a text of line breaks its work would grow with their square.
  const within = content.trimEnd();
  return content.includes('\n', within.length) ? within : begun;
}

/** Whether an object of well-formed JSON has two properties of one name: only the last would be read. */
function saysTwice(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, name, isName] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/gu)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    const names = open.at(-1);
    if (isName === undefined || name === undefined || names === undefined) continue;
    if (names.has(name)) return true;
    names.add(name);
  }
  return false;
}

/** As bulk exports write it (https://hl7.org/fhir/R4/nd-json.html). */
function parseLines(text: string): ParsedText | null {
  const lines = text.split('\n').map((line, place) => ({ line: line.trim(), number: place + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  if (filled.length < 2 || filled.some(({ line }) => !line.startsWith('{'))) return null;
  const read = filled.map(({ line, number }) => ({ json: parseJson(line), number }));
  const values = read.flatMap(({ json }) => (json === null ? [] : [json.value]));
  if (values.length === 0) return null;
  return { values, brokenLines: read.filter(({ json }) => json === null).map(({ number }) => number) };
}
