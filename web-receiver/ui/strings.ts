/** The keys of the patient's page, and which sentences its last screen shows. The sentences are in `languages/`. */
import type en from '../../languages/en.json';
import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
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
    case 'data-port-blocked':
    case 'no-common-address':
    case 'dtls-failed':
    case 'socket-blocked':
    case 'socket-cut':
      return { heading: strings.t('blocked'), ...blockedStrings(strings, reason) };
    default:
      return {
        heading: strings.t(`${reason}.heading`),
        why: strings.t(`${reason}.why`),
        next: strings.t(`${reason}.next`),
      };
  }
}

/** What is in the way, and what the patient can do; whose fault it is inside the network is the doctor's to hear. */
export function blockedStrings(
  strings: ReceiverStrings,
  failure: ConnectionFailure,
): Pick<GoneStrings, 'why' | 'next'> {
  if (failure === 'no-webrtc') return { why: strings.t('no-webrtc.why'), next: strings.t('no-webrtc.next') };
  const what = failure === 'socket-blocked' ? 'socket' : failure === 'socket-cut' ? 'cut' : 'data';
  return { why: strings.t(`blocked.${what}.why`), next: strings.t('blocked.next') };
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
