import type { Button, Line, Part, Wording } from './view.ts';

/** Lines of text. */
export function text(...lines: Line[]): Part {
  return { kind: 'text', lines };
}

/** Lines of small print. */
export function quiet(...lines: Line[]): Part {
  return { kind: 'text', lines, quiet: true };
}

export function heading(words: string): Part {
  return { kind: 'heading', text: words };
}

export function row(lines: readonly Line[], button: Button): Part {
  return { kind: 'row', lines, button };
}

export function buttons(...all: Button[]): Part {
  return { kind: 'buttons', buttons: all };
}

/** The words alone, for notifications and screen readers. */
export function plainWords(line: readonly Wording[]): string {
  return line
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return 'strong' in piece ? piece.strong : piece.typed;
    })
    .join('');
}
