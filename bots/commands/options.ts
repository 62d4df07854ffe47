import { z } from 'zod';
import type { Admission } from '../../src/protocol/constants.ts';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { Option } from './view.ts';
import { words } from './words.ts';

/** Lives of a note that are offered, in seconds. */
const LIVES = [300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
const READERS = [1, 2, 3, 4, 5, 10, 15, 20];

/** Lives of a note up to the longest; `always` are among them. In seconds. */
export function lifeOptions(max: number, ...always: number[]): Option[] {
  return upTo(max, LIVES, always).map((value) => ({ value: String(value), text: formatDuration(value) }));
}

/** Numbers of readers up to the most; `always` are among them. */
export function readersOptions(max: number, ...always: number[]): Option[] {
  return upTo(max, READERS, always).map((value) => ({ value: String(value), text: words.form.reader(value) }));
}

/** Ways to get in, in the order given. */
export function admissionOptions(admissions: readonly Admission[]): Option[] {
  return admissions.map((value) => ({ value, text: words.form.admissions[value] }));
}

/** Reads a number back from an option. */
export const numeric = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number);

function upTo(max: number, choices: readonly number[], always: readonly number[]): number[] {
  const offered = [...choices.filter((value) => value < max), max, ...always];
  return [...new Set(offered)].sort((a, b) => a - b);
}
