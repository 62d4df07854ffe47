/** What the receiver's page says. The sentences are in `languages/`. */
import type en from '../../languages/en.json';
import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { named, type Words } from '../../web-shared/i18n/strings.ts';
import type { GoneReason } from '../session/state.ts';

export type ReceiverKey = keyof (typeof en)['shared'] | keyof (typeof en)['receiver'];
export type ReceiverWords = Words<ReceiverKey>;

/** A last page: what happened, and the next step. */
export interface GoneWords {
  heading: string;
  why: string;
  next: string;
}

/** What the last page says. `time` is the clock time of the end, or null when it is not known. */
export function goneWords(
  words: ReceiverWords,
  reason: GoneReason,
  who: string | null,
  time: string | null,
): GoneWords {
  const name = who === null ? '' : safeName(who);
  const ended = (why: string): GoneWords => ({ heading: words.t('gone'), why, next: words.t('gone.askAgain') });
  switch (reason) {
    case 'revoked':
    case 'left': {
      const key = `gone.${reason}.${named(who)}` as const;
      return ended(time === null ? words.t(key, { name }) : words.t(`${key}.at`, { name, time }));
    }
    case 'lost':
      return ended(words.t(`gone.lost.${named(who)}`, { name }));
    case 'expired':
    case 'locked':
    case 'stopped':
      return ended(time === null ? words.t(`gone.${reason}`) : words.t(`gone.${reason}.at`, { time }));
    case 'declined':
      return {
        heading: words.t('declined.heading'),
        why: words.t(`declined.why.${named(who)}`, { name }),
        next: words.t('declined.next'),
      };
    default:
      return {
        heading: words.t(`${reason}.heading`),
        why: words.t(`${reason}.why`),
        next: words.t(`${reason}.next`),
      };
  }
}
