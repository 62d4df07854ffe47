import { z } from 'zod';

/** What docs/config.md says about a variable. */
export interface VariableDoc {
  readonly group:
    | 'Web'
    | 'Data channels'
    | 'STUN and TURN'
    | 'Rooms'
    | 'Limits'
    | 'Slack'
    | 'Teams'
    | 'Storage'
    | 'Running';
  /** What it does, in a sentence or two of Markdown. */
  readonly about: string;
  /** The default as text; in words where it depends on other variables. */
  readonly default: string;
  readonly example: string;
}

/** The documentation of every variable, kept with its schema. */
export const variableDocs = z.registry<VariableDoc>();

/** A variable with a fixed default, which goes the same way as a value from the environment. */
export function withDefault<S extends z.ZodType<unknown, string>>(schema: S, doc: VariableDoc) {
  const variable = z.preprocess((value) => value ?? doc.default, schema);
  variableDocs.add(variable, doc);
  return variable;
}

/** A variable that may stay unset; where it has a default, that depends on other variables. */
export function optional<S extends z.ZodType<unknown, string>>(schema: S, doc: VariableDoc) {
  const variable = schema.optional();
  variableDocs.add(variable, doc);
  return variable;
}
