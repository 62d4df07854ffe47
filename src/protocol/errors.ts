import type { Refusal } from './constants.ts';

/** A request that GLIR refuses, with its code from the closed list; never carries what was refused. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: Refusal;

  constructor(code: Refusal) {
    super(code);
    this.code = code;
  }
}
