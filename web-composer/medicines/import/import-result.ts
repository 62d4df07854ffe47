/** What an import gives. */
import type { ComposerKey } from '../../ui/strings.ts';
import type { ImportedRow } from '../reading/row-reading.ts';

type WhyKey = Extract<ComposerKey, `medicines.why.${string}`>;
export type Why = WhyKey extends `medicines.why.${infer Reason}` ? Reason : never;

export interface NotUnderstood {
  /** A medicine's name, or kinds of resources; '' when it is about the whole text. */
  readonly what: string;
  readonly why: Why;
}

/** A medicine that is taken over only when the doctor says so, such as one that was stopped. */
export interface Choice extends NotUnderstood {
  readonly row: ImportedRow;
}

export interface Import {
  readonly rows: readonly ImportedRow[];
  readonly choices: readonly Choice[];
  /** What is not taken over, by its name, with the reason. */
  readonly refused: readonly NotUnderstood[];
}
