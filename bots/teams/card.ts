/** The parts of an Adaptive Card (version 1.5) that GLIR uses. None of them takes text. */
export interface Card {
  type: 'AdaptiveCard';
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json';
  version: '1.5';
  /** For notifications, and where the card cannot be shown. */
  fallbackText: string;
  body: CardElement[];
}

export type CardElement = TextBlock | ChoiceSet | ActionSet | ColumnSet;

export interface TextBlock {
  type: 'TextBlock';
  /** Markdown, with times as `{{TIME(…)}}`. */
  text: string;
  wrap: true;
  style?: 'heading';
  size?: 'small' | 'large';
  weight?: 'bolder';
  color?: 'attention';
  isSubtle?: true;
  spacing?: 'none' | 'small' | 'medium' | 'large';
}

export interface ChoiceSet {
  type: 'Input.ChoiceSet';
  id: string;
  label: string;
  style: 'compact';
  isMultiSelect: false;
  choices: { title: string; value: string }[];
  value: string;
}

export interface ActionSet {
  type: 'ActionSet';
  actions: CardAction[];
}

export interface ColumnSet {
  type: 'ColumnSet';
  columns: { type: 'Column'; width: 'stretch' | 'auto'; verticalContentAlignment: 'center'; items: CardElement[] }[];
}

interface Titled {
  title: string;
  style?: 'positive' | 'destructive';
}

/** What comes back with a press, besides the choices of the card's fields. */
export type PressData = { action: string; value: string } | { form: string };

export interface Submit extends Titled {
  type: 'Action.Submit';
  data: PressData & { msteams?: { type: 'task/fetch' } };
}

export interface Execute extends Titled {
  type: 'Action.Execute';
  verb: string;
  data: PressData;
  /** For clients that know cards up to version 1.3 only. */
  fallback: Submit;
}

export interface OpenUrl extends Titled {
  type: 'Action.OpenUrl';
  url: string;
}

export type CardAction = Submit | Execute | OpenUrl;
