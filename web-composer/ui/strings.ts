/** What the composer's page says. The sentences are in `languages/`. */

import type en from '../../languages/en.json';
import type { EndReason } from '../../src/protocol/constants.ts';
import type { Strings } from '../../web-shared/i18n/strings.ts';
import type { ComposerState } from '../session/state.ts';

export type ComposerKey = keyof (typeof en)['shared'] | keyof (typeof en)['composer'];
export type ComposerWords = Strings<ComposerKey>;

type RefusedCode = Extract<ComposerState, { name: 'refused' }>['code'];

/** A last page: what happened, and the next step. */
export interface LastWords {
  heading: string;
  why: string;
  next: string;
}

/** The last page after the room ended at the clock time `time`. */
export function overWords(
  words: ComposerWords,
  reason: EndReason,
  time: string,
  readBy: number,
): LastWords & { readBy: string } {
  const readers = readBy === 0 ? words.t('readBy.nobody') : words.t('readBy', { count: readBy });
  return {
    heading: words.t('over'),
    why: words.t(`over.${reason}`, { time }),
    readBy: `${readers} ${words.t('over.wiped')}`,
    next: words.t('another'),
  };
}

/** The page when nothing could be started. */
export function refusedWords(words: ComposerWords, code: RefusedCode): LastWords {
  switch (code) {
    case 'unknown-room':
      return refusedWords(words, 'ended-room');
    case 'unavailable':
      return refusedWords(words, 'unreachable');
    case 'used-ticket':
    case 'ended-room':
      return { heading: words.t(`${code}.heading`), why: words.t(`${code}.why`), next: words.t('another') };
    case 'expired-ticket':
    case 'unknown-ticket':
      return { heading: words.t(`${code}.heading`), why: words.t(`${code}.why`), next: words.t('typeAgain') };
    case 'incomplete-link':
    case 'composer-present':
    case 'wrong-version':
    case 'no-webrtc':
    case 'unreachable':
    case 'too-often':
      return {
        heading: words.t(`${code}.heading`),
        why: words.t(`${code}.why`),
        next: words.t(`${code}.next`),
      };
    default:
      return { heading: words.t('other.heading'), why: words.t('other.why'), next: words.t('typeAgain') };
  }
}

/** The word to the doctor under an open note; empty when there is none. */
export function newsIn(words: ComposerWords, { notice, policy }: ComposerState & { name: 'open' }): string {
  if (notice === null) return '';
  if (notice === 'room-full') return words.t('roomFull', { count: policy.maxReaders });
  return words.t(`news.${notice}`);
}
