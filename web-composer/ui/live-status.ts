/** One line under an open note: what its readers have of it. */
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerState } from '../session/state.ts';
import type { ComposerKey, ComposerWords } from './strings.ts';

type Open = ComposerState & { name: 'open' };
type LiveKey = Extract<ComposerKey, `live.${string}`>;

/** What it says is read out when it has stood for so long: not with every key that is pressed. */
const CALM_MS = 2_000;

export interface LiveLine {
  readonly element: HTMLElement;
  update(state: Open): void;
  stop(): void;
}

export function createLiveLine(announcer: Announcer, words: ComposerWords): LiveLine {
  const element = el('p', { class: 'live', id: 'note-live', tabindex: '-1' });
  let sharedRev: number | null = null;
  let shown: LiveKey | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update(state) {
      sharedRev ??= state.contentRev;
      const key = liveKey(state, sharedRev);
      setText(element, words.t(key));
      if (key === shown) return;
      shown = key;
      const bad = state.problem !== null;
      element.classList.toggle('bad', bad);
      clearTimeout(timer);
      if (bad || key === 'live.seen') timer = setTimeout(() => announcer.say(words.t(key)), CALM_MS);
    },
    stop: () => clearTimeout(timer),
  };
}

/** @param sharedRev the version that was shared first */
function liveKey({ problem, readers, interrupted, editing, contentRev }: Open, sharedRev: number): LiveKey {
  const reading = readers.filter(({ state }) => state === 'reading');
  if (problem !== null) return reading.length > 0 ? `live.${problem}` : `live.${problem}.nobody`;
  if (interrupted) return 'live.interrupted';
  if (reading.length === 0) return readers.some(({ shownRev }) => shownRev > 0) ? 'live.nobodyNow' : 'live.nobody';
  if (editing || reading.some(({ shownRev }) => shownRev < contentRev)) return 'live.sending';
  return contentRev === sharedRev ? 'live.typing' : 'live.seen';
}
