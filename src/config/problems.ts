import type { VariableName } from './variables.ts';

/** One thing that keeps GLIR from starting. */
export interface Problem {
  /** The variable to change. */
  readonly variable: VariableName;
  /** What is wrong, and what to set instead; never a secret's value. */
  readonly text: string;
  /** Other variables the judgement rests on: while one of them is wrong itself, this problem says nothing of use. */
  readonly given?: readonly VariableName[];
}

/** The environment cannot be used. The message lists every problem with its remedy; it holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const wrong = new Set(problems.map(({ variable }) => variable)).size;
    const count = wrong === 1 ? '1 setting needs' : `${wrong} settings need`;
    const lines = problems.map(({ variable, text }) => `- ${variable}: ${text}`);
    super([`GLIR cannot start: ${count} a change.`, ...lines].join('\n'));
    this.problems = problems;
  }
}

/**
 * What the rules that look at several variables found. `Problem`s stop the start, warnings are only told.
 */
export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** No objection. */
export const NOTHING: Findings = { problems: [], warnings: [] };

/** One problem. */
export function refusal(problem: Problem): Findings {
  return { problems: [problem], warnings: [] };
}

/** One warning. */
export function warning(text: string): Findings {
  return { problems: [], warnings: [text] };
}

/** All of them, in order. */
export function merged(parts: readonly Findings[]): Findings {
  return { problems: parts.flatMap(({ problems }) => problems), warnings: parts.flatMap(({ warnings }) => warnings) };
}
