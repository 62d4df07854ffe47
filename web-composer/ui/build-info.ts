/** Which GLIR the page is from: the version, and the fingerprint that `npm run build:hashes` prints for the same source. */
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerWords } from './strings.ts';

export interface BuildLine {
  readonly element: HTMLElement;
  /** Draws it again in the language of the page. */
  update(): void;
}

/** The line; it is not shown where the build left no fingerprint. */
export function createBuildLine(words: ComposerWords): BuildLine {
  const [version, fingerprint] = [fromHead('glir-version'), fromHead('glir-fingerprint')];
  const element = el('p', { class: 'build' });
  const update = (): void => setText(element, words.t('build', { version, fingerprint }));
  update();
  setShown(element, fingerprint !== '');
  return { element, update };
}

function fromHead(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}
