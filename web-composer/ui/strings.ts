/** What the composer's page says. The sentences are in `languages/`. */

import type en from '../../languages/en.json';
import type { EndReason } from '../../src/protocol/constants.ts';
import type { Strings } from '../../web-shared/i18n/strings.ts';
import type { ComposerState } from '../session/state.ts';

export type ComposerKey = keyof (typeof en)['shared'] | keyof (typeof en)['composer'];
export type ComposerStrings = Strings<ComposerKey>;

type RefusedCode = Extract<ComposerState, { name: 'refused' }>['code'];

export interface FinalText {
  heading: string;
  why: string;
  next: string;
}

export function endedText(
  strings: ComposerStrings,
  reason: EndReason,
  time: string,
  readBy: number,
  isKept: boolean,
): FinalText & { readBy: string } {
  const readers = readBy === 0 ? strings.t('readBy.nobody') : strings.t('readBy', { count: readBy });
  return {
    heading: strings.t(isKept ? 'over.closed' : 'over'),
    why: strings.t(`over.${reason}`, { time }),
    readBy: `${readers} ${strings.t(isKept ? 'over.kept' : 'over.wiped')}`,
    next: isKept ? '' : strings.t('another'),
  };
}

export function refusedText(strings: ComposerStrings, code: RefusedCode): FinalText {
  switch (code) {
    case 'unknown-room':
      return refusedText(strings, 'ended-room');
    case 'unavailable':
      return refusedText(strings, 'unreachable');
    case 'used-ticket':
    case 'ended-room':
      return { heading: strings.t(`${code}.heading`), why: strings.t(`${code}.why`), next: strings.t('another') };
    case 'expired-ticket':
    case 'unknown-ticket':
      return { heading: strings.t(`${code}.heading`), why: strings.t(`${code}.why`), next: strings.t('typeAgain') };
    case 'socket-blocked':
      return { heading: strings.t('blocked'), why: strings.t(`${code}.why`), next: strings.t(`${code}.next`) };
    case 'incomplete-link':
    case 'no-secret':
    case 'reloaded':
    case 'composer-present':
    case 'wrong-version':
    case 'no-webrtc':
    case 'unreachable':
    case 'wrong-address':
    case 'not-encrypted':
    case 'too-often':
      return {
        heading: strings.t(`${code}.heading`),
        why: strings.t(`${code}.why`),
        next: strings.t(`${code}.next`),
      };
    default:
      return { heading: strings.t('other.heading'), why: strings.t('other.why'), next: strings.t('typeAgain') };
  }
}

/** The alert under an open note; empty when there is none. */
export function alertText(strings: ComposerStrings, { alert, policy }: ComposerState & { name: 'open' }): string {
  if (alert === null) return '';
  if (alert === 'room-full') return strings.t('roomFull', { count: policy.maxReaders });
  return strings.t(`alert.${alert}`);
}
