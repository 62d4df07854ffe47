/** "I don't understand this" is a script of its own: nobody asks before the note is there. */
import type { Note } from '../../src/protocol/note.ts';
import type { Place } from '../../src/protocol/sealed.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import type { QuestionPlaces, Questions } from './questions.ts';

/** How long after a failure the script is asked for again: the next times, and all further ones. */
const RETRY_MS = [1_000, 5_000, 20_000];

/** As `createQuestions`, which is loaded with the first `update`. */
export function createLazyQuestions(
  note: HTMLElement,
  strings: ReceiverStrings,
  announcer: Announcer,
  point: (place: Place, on: boolean) => void,
): Questions & QuestionPlaces {
  const layer = el('div', { class: 'popovers' });
  const start = el('div', { class: 'ask' });
  let points: readonly Place[] = [];
  let questions: Questions | null = null;
  let hasLeft = false;
  let isLoading = false;

  async function load(tries = 0): Promise<void> {
    isLoading = true;
    try {
      const { createQuestions } = await import('./questions.ts');
      if (hasLeft) return;
      questions = createQuestions({ note, layer, start }, strings, announcer, point);
      questions.update(points);
    } catch {
      const ms = RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0;
      if (!hasLeft) setTimeout(() => void load(tries + 1), ms);
    }
  }

  return {
    update(now) {
      points = now;
      if (questions !== null) questions.update(now);
      else if (!isLoading) void load();
    },
    follow(before: Note, after: Note) {
      questions?.follow(before, after);
    },
    leave() {
      hasLeft = true;
      questions?.leave();
    },
    note,
    layer,
    start,
  };
}
