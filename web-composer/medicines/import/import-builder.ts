/** How an import is put together row by row under headings such as "Bei Bedarf:". */
import { type Cells, isBlank, join, NO_PLAN } from '../fields.ts';
import type { ImportedRow } from '../reading/row-reading.ts';

import { type Heading, isOfLetter, readHeading, readLabel } from './headings.ts';
import type { Choice, Import, NotUnderstood, Why } from './import-result.ts';

export function refuse(what: string, why: Why): Import {
  return { rows: [], choices: [], refused: [{ what, why }] };
}

/** What an import knows of a row beside its cells. */
export interface AboutRow {
  /** Why the row is only a choice; null for a medicine that is taken now. */
  readonly why: Why | null;
  readonly unread: readonly string[];
  /** No plan is to be read from the texts of the cells. */
  readonly isLiteral: boolean;
}

export interface ImportBuilder {
  /** Whether the text was a heading: then it counts for every row after it, until the next one. */
  heading(text: string): boolean;
  add(cells: Cells, about?: Partial<AboutRow>): void;
  /**
   * A line of text: with a label such as "Paused:" before the medicine it is under that heading alone. What greets, or is
   * about something else than medicines, is refused by its words. `read` makes cells of the rest.
   */
  line(text: string, read: (text: string) => Cells): void;
  refuse(what: string, why: Why): void;
  /** To be called once, after everything was added. */
  result(): Import;
}

export function createImportBuilder(): ImportBuilder {
  const rows: ImportedRow[] = [];
  const choices: Choice[] = [];
  const refused: NotUnderstood[] = [];
  let current: Heading | null = null;
  let isUsed = true;

  // Words that no row carries would be lost.
  const closeHeading = (): void => {
    if (current !== null && !isUsed) refused.push({ what: current.text, why: 'not-a-medicine' });
  };
  const put = (
    cells: Cells,
    heading: Heading | null,
    { why = null, unread = [], isLiteral = false }: Partial<AboutRow> = {},
  ): void => {
    if (isBlank(cells)) return;
    const { cells: said, why: status } = heading === null ? { cells, why: null } : under(heading, cells);
    const row = { cells: said, schedule: isLiteral ? { plan: NO_PLAN, when: said.when } : null, unread };
    const reason = why ?? status ?? (isStruckOut(cells) ? 'stopped' : null);
    if (reason === null) rows.push(row);
    else choices.push({ what: said.name, why: reason, row });
  };
  return {
    heading(text) {
      const heading = readHeading(text);
      if (heading === null) return false;
      closeHeading();
      current = heading;
      isUsed = false;
      return true;
    },
    add(cells, about) {
      if (isBlank(cells)) return;
      isUsed ||= current?.kind !== 'harmless';
      put(cells, current, about);
    },
    line(text, read) {
      const label = readLabel(text);
      if (label?.heading.kind === 'noMedicines' || isOfLetter(text)) {
        refused.push({ what: text, why: 'not-a-medicine' });
      } else if (label === null) {
        this.add(read(text));
      } else {
        put(read(label.rest), label.heading);
      }
    },
    refuse: (what, why) => void refused.push({ what, why }),
    result() {
      closeHeading();
      return { rows, choices, refused };
    },
  };
}

/** Markdown's strokes around the name, or characters that are drawn through its letters. */
function isStruckOut(cells: Cells): boolean {
  return /~~[^~]+~~|[\u0335-\u0338]/u.test(cells.name);
}

/** A row with the words of the heading that it stands under. */
function under(heading: Heading, cells: Cells): { cells: Cells; why: Why | null } {
  switch (heading.kind) {
    case 'harmless':
      return { cells, why: null };
    case 'status':
      return { cells: { ...cells, remarks: join([cells.remarks, heading.text], ', ') }, why: heading.why };
    case 'noMedicines':
      return { cells: { ...cells, remarks: join([cells.remarks, heading.text], ', ') }, why: 'not-a-medicine' };
    case 'words':
      return { cells: { ...cells, when: join([cells.when, heading.text], ', ') }, why: null };
  }
}
