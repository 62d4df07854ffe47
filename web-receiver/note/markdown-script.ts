/** What draws Markdown is a script of its own: most notes are plain text, and a slow line is spared it. */
import type { Note } from '../../src/protocol/note.ts';
import type { renderMarkdown } from '../../web-shared/markdown/markdown.ts';

/** A note waits no longer for the script; it is then drawn as it was typed. */
const WAIT_MS = 2_000;

let loading: Promise<void> | null = null;
let renderer: typeof renderMarkdown | null = null;

/** Loads the script, once; a later call tries again what failed. Never rejects. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('../../web-shared/markdown/markdown.ts').then(
    (script) => {
      renderer = script.renderMarkdown;
    },
    () => {
      loading = null;
    },
  );
  return loading;
}

/** What draws Markdown, or null while it is not there. */
export function markdownRenderer(): typeof renderMarkdown | null {
  return renderer;
}

/** Fulfilled when a note can be drawn in its format, or has to be drawn as it was typed. */
export async function readyToDraw({ format }: Note): Promise<void> {
  if (format !== 'markdown' || renderer !== null) return;
  await Promise.race([loadMarkdown(), new Promise((resolve) => setTimeout(resolve, WAIT_MS))]);
}
