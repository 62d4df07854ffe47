/** Every English sentence of the receiver's page. Short, active, in the present tense, for a reader of twelve. */
import { safeName } from '../web-shared/names.ts';
import type { GoneReason } from './state.ts';

/** `open` asks the patient to open the link once more, `call` to call the practice, `retry` offers a button. */
export interface GoneWords {
  heading: string;
  why: string;
  next: string;
}

const aDoctor = (who: string | null): string => (who === null ? 'A doctor' : safeName(who));
const theDoctor = (who: string | null): string => (who === null ? 'The doctor' : safeName(who));
const doctorsPage = (who: string | null): string => (who === null ? "The doctor's page" : `${safeName(who)}'s page`);

export const words = {
  loading: 'One moment, please.',
  hasNote: (who: string | null) => `${aDoctor(who)} has a private note for you.`,
  readUntil: (time: string) => `It can be read until ${time}, while the doctor keeps it open.`,
  open: 'Open the note',
  opening: 'Opening…',
  noAccount: 'No account. Nothing is saved on this device.',

  told: (who: string | null) => `${theDoctor(who)} has been told that you are here.`,
  waitHere: 'Keep this page open. The note appears here by itself.',
  readOut: 'If the doctor calls, read out this code.',
  waiting: 'Waiting for the doctor',

  noteFrom: (who: string | null) => (who === null ? 'A note from your doctor' : `A note from ${safeName(who)}`),
  note: 'Note',
  left: (duration: string) => `${duration} left`,
  until: (time: string) => `until ${time}`,
  disappears: (time: string) => `This note disappears at ${time}, or sooner if the doctor ends it.`,
  nothingSaved: 'Nothing is saved on this device.',
  printed: (time: string) => `On the screen it can be read until ${time}. Keep this paper in a safe place.`,

  hidden: 'The note is hidden for now',
  hiddenWhy: {
    doctor: "The doctor's page lost its connection. The note is hidden until it is back.",
    patient: 'Your connection was lost. The note is hidden until it is back.',
  },
  hiddenNext: {
    doctor: 'You have nothing to do. Keep this page open.',
    patient: 'Keep this page open. It tries again by itself.',
  },

  retry: 'Try again',
} as const;

const GONE = 'This note is gone';
const ASK_AGAIN = 'If you still need it, call the practice and ask for a new link.';

/** What the last page says. `time` is the clock time of the end, or null when it is not known. */
export function goneWords(reason: GoneReason, who: string | null, time: string | null): GoneWords {
  const at = time === null ? '' : ` at ${time}`;
  switch (reason) {
    case 'revoked':
      return { heading: GONE, why: `${theDoctor(who)} ended it${at}.`, next: ASK_AGAIN };
    case 'expired':
      return { heading: GONE, why: time === null ? 'Its time is over.' : `Its time was over${at}.`, next: ASK_AGAIN };
    case 'left':
      return { heading: GONE, why: `${theDoctor(who)} closed the page${at}.`, next: ASK_AGAIN };
    case 'lost':
      return {
        heading: GONE,
        why: `${doctorsPage(who)} lost its connection and did not come back.`,
        next: ASK_AGAIN,
      };
    case 'locked':
      return { heading: GONE, why: `It closed itself${at}, after too many PINs that did not match.`, next: ASK_AGAIN };
    case 'stopped':
      return { heading: GONE, why: `The service was switched off${at}. Every note ends with it.`, next: ASK_AGAIN };
    case 'declined':
      return {
        heading: 'The note stays closed',
        why: `${theDoctor(who)} did not let this page in.`,
        next: 'Perhaps it was not clear that it is you. Call the practice, then open the link again.',
      };
    case 'room-full':
      return {
        heading: 'This note is already open',
        why: 'As many people as the doctor allowed have opened it.',
        next: 'Did you open it on another device? Then read it there. If not, call the practice and tell them.',
      };
    case 'incomplete-link':
      return {
        heading: 'This link is not complete',
        why: 'The end of the link is missing. That can happen when it is copied.',
        next: 'Open the link in your message once more, or copy all of it.',
      };
    case 'wrong-key':
      return {
        heading: 'This link does not fit',
        why: 'Some of its letters have changed on the way.',
        next: 'Open the link in your message once more, or ask the practice for a new one.',
      };
    case 'unknown-room':
      return {
        heading: 'There is no note here',
        why: 'The note may be over already, or the link has changed on the way.',
        next: 'Open the link in your message once more, or ask the practice for a new one.',
      };
    case 'old-page':
      return {
        heading: 'This page is out of date',
        why: 'A newer one is ready.',
        next: 'Close this page and open the link once more.',
      };
    case 'no-webrtc':
      return {
        heading: 'This browser cannot open the note',
        why: 'It does not allow the direct connection that the note comes through.',
        next: 'Copy the link into another browser, such as Chrome, Firefox or Safari.',
      };
    case 'tampered':
      return {
        heading: 'The note was not shown',
        why: 'Something on the way changed what the doctor sent. To be safe, this page shows nothing of it.',
        next: 'Call the practice, and tell them what you read here.',
      };
    case 'unreachable':
      return {
        heading: 'The note cannot be reached',
        why: 'There is no connection at the moment.',
        next: 'Check that this device is online. Then try again.',
      };
  }
}
