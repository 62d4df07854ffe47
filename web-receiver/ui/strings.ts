/** The keys of the patient's page, and which sentences its last screen shows. The sentences are in `languages/`. */
import type en from '../../languages/en.json';
import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { named, type Strings } from '../../web-shared/i18n/strings.ts';
import type { GoneReason } from '../session/state.ts';

export type ReceiverKey = keyof (typeof en)['shared'] | keyof (typeof en)['receiver'];
export type ReceiverStrings = Strings<ReceiverKey>;

/** The last screen: what happened, and the next step. */
export interface GoneStrings {
  heading: string;
  why: string;
  next: string;
}

/** `time` is the clock time of the end, or null when it is not known. */
export function goneStrings(
  strings: ReceiverStrings,
  reason: GoneReason,
  who: string | null,
  time: string | null,
): GoneStrings {
  const name = who === null ? '' : safeName(who);
  const ended = (why: string): GoneStrings => ({ heading: strings.t('gone'), why, next: strings.t('gone.askAgain') });
  switch (reason) {
    case 'revoked':
    case 'left': {
      const key = `gone.${reason}.${named(who)}` as const;
      return ended(time === null ? strings.t(key, { name }) : strings.t(`${key}.at`, { name, time }));
    }
    case 'lost':
      return ended(strings.t(`gone.lost.${named(who)}`, { name }));
    case 'expired':
    case 'locked':
    case 'stopped':
      return ended(time === null ? strings.t(`gone.${reason}`) : strings.t(`gone.${reason}.at`, { time }));
    case 'declined':
      return {
        heading: strings.t('declined.heading'),
        why: strings.t(`declined.why.${named(who)}`, { name }),
        next: strings.t('declined.next'),
      };
    default:
      return {
        heading: strings.t(`${reason}.heading`),
        why: strings.t(`${reason}.why`),
        next: strings.t(`${reason}.next`),
      };
  }
}

/** The last screen when the doctor's page did not answer, although there is a connection. */
export function silentStrings(strings: ReceiverStrings, who: string | null): GoneStrings {
  const name = who === null ? '' : safeName(who);
  return {
    heading: strings.t('unreachable.heading'),
    why: strings.t(`silent.${named(who)}`, { name }),
    next: strings.t('silent.next'),
  };
}
