/** Under the note: what readers said they do not understand, quoted, with a button that goes there. */
import type { Place } from '../../../src/protocol/sealed.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import type { ComposerActions, ReaderRow } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';

const QUOTE_MAX = 80;

export interface QuestionsProps {
  readonly actions: Pick<ComposerActions, 'markAnswered'>;
  readonly announcer: Announcer;
  readonly strings: ComposerStrings;
  /** The text of a line, or a medicine in one line. */
  textAt(place: Place): string;
  goTo(place: Place): void;
  /** The last question was answered, and its button is gone: something else has to take the focus. */
  onLastAnswered(): void;
}

/** A place that a reader asks about, and the id of the sentence that says so. */
export interface OpenQuestion {
  readonly place: Place;
  readonly id: string;
}

export interface ReaderQuestions {
  readonly element: HTMLElement;
  update(readers: readonly ReaderRow[]): OpenQuestion[];
}

export function createReaderQuestions(props: QuestionsProps): ReaderQuestions {
  const { actions, announcer, strings } = props;
  const labels = createLabels(strings);
  const heading = el('h2', { id: 'questions-heading', tabindex: '-1' }, labels.text('questions'));
  const list = el('ul', {});
  const element = el('section', { class: 'questions', 'aria-labelledby': heading.id, hidden: '' }, heading, list);
  const askers = new Map<string, Asker>();
  const answer = (readerId: string) => (): void => {
    actions.markAnswered(readerId);
    if (askers.has(readerId)) return;
    if (askers.size > 0) heading.focus();
    else props.onLastAnswered();
  };

  return {
    element,
    update(readers) {
      labels.draw();
      const asking = readers.filter(({ state, points }) => state === 'reading' && points.length > 0);
      for (const [id, asker] of askers) {
        if (asking.some((reader) => reader.id === id)) continue;
        asker.element.remove();
        askers.delete(id);
      }
      const announcements: string[] = [];
      const openQuestions = asking.flatMap((reader, at) => {
        const asker = askers.get(reader.id) ?? createAsker(props, reader.id, answer(reader.id));
        askers.set(reader.id, asker);
        if (list.children[at] !== asker.element) list.insertBefore(asker.element, list.children[at] ?? null);
        announcements.push(...asker.update(reader));
        return reader.points.map((place, index) => ({ place, id: questionId(reader.id, index) }));
      });
      setShown(element, asking.length > 0);
      if (announcements.length > 0) announcer.say(announcements.join(' '));
      return openQuestions;
    },
  };
}

interface Asker {
  readonly element: HTMLLIElement;
  /** Gives the text of the questions that are new. */
  update(reader: ReaderRow): string[];
}

function createAsker(props: QuestionsProps, readerId: string, answer: () => void): Asker {
  const labels = createLabels(props.strings);
  const seenButton = button('question-button', [labels.text('question.seen')], answer);
  const element = el('li', { class: 'reader-questions' });
  const questions: Question[] = [];
  return {
    element,
    update({ number, points }) {
      labels.draw();
      const before = questions.length;
      while (questions.length > points.length) questions.pop()?.element.remove();
      const sentences = points.map((place, index) => {
        const there = questions[index];
        const question = there ?? createQuestion(props, questionId(readerId, index));
        if (there === undefined) {
          questions.push(question);
          element.append(question.element);
        }
        return question.update(number, place);
      });
      // One press answers all that this reader asks, so it stands at the end.
      const last = questions.at(-1);
      if (last !== undefined && seenButton.parentElement !== last.buttons) last.buttons.append(seenButton);
      setAttribute(seenButton, 'aria-describedby', points.map((_, index) => questionId(readerId, index)).join(' '));
      return sentences.slice(before);
    },
  };
}

interface Question {
  readonly element: HTMLElement;
  readonly buttons: HTMLElement;
  update(number: number, place: Place): string;
}

function createQuestion({ strings, textAt, goTo }: QuestionsProps, id: string): Question {
  const sentence = el('span', {});
  const quote = el('q', { class: 'quote', dir: 'auto', translate: 'no' });
  let at: Place | null = null;
  const goButton = button('question-button', [], () => {
    if (at !== null) goTo(at);
  });
  setAttribute(goButton, 'aria-describedby', id);
  const buttons = el('div', { class: 'question-buttons' }, goButton);
  return {
    element: el('div', { class: 'question' }, el('p', { id }, sentence, ' ', quote), buttons),
    buttons,
    update(number, place) {
      at = place;
      const text = excerpt(textAt(place));
      setText(sentence, strings.t(`question.${place.part}`, { number, place: place.index + 1 }));
      setText(quote, text);
      setText(goButton, strings.t(`question.go.${place.part}`));
      return `${sentence.textContent} ${text}`;
    },
  };
}

function questionId(readerId: string, index: number): string {
  return `question-${readerId}-${index}`;
}

/** The beginning of a text, cut between words where it can be. */
function excerpt(text: string): string {
  const plain = text.replace(/\s+/gu, ' ').trim();
  const letters = Array.from(plain);
  if (letters.length <= QUOTE_MAX) return plain;
  const cut = letters.slice(0, QUOTE_MAX).join('');
  const space = cut.lastIndexOf(' ');
  return `${space > cut.length / 2 ? cut.slice(0, space) : cut}…`;
}
