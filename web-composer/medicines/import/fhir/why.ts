/** Why something from outside is not taken over, or only by choice. */
import type { ComposerKey } from '../../../ui/strings.ts';

type WhyKey = Extract<ComposerKey, `medicines.why.${string}`>;
export type Why = WhyKey extends `medicines.why.${infer Reason}` ? Reason : never;

export interface NotUnderstood {
  /** A medicine's name, or kinds of resources; '' when it is about the whole text. */
  readonly what: string;
  readonly why: Why;
}
