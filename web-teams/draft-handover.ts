/**
 * A draft's way from the Teams dialog to a tab of the same browser. A frame inside Teams shares no storage with a tab of
 * its own origin, but a tab that it opens knows its opener, and messages between the two reach nobody else: each names
 * the only origin that may get it, and takes only what comes from the other window and the own origin.
 *
 * tab: `ready`, dialog: `draft` with a port, tab: `kept`, dialog: lets go, then `yours`. Until `kept` the dialog has the
 * draft; it alone decides, so that the draft is never in two windows that both go on, nor in none.
 */
import * as z from 'zod/mini';
import { type Draft, draftSchema } from '../web-composer/session/draft.ts';
import type { PageClock, Timer } from '../web-shared/clock.ts';

/** How long a dialog waits for the tab that it opened, and the tab for the dialog. */
const PATIENCE_MS = 15_000;
/** How often the dialog looks whether its tab is closed, or cut off from it. */
const LOOK_MS = 500;

const readySchema = z.strictObject({ kind: z.literal('ready') });
const keptSchema = z.strictObject({ kind: z.literal('kept') });
const yoursSchema = z.strictObject({ kind: z.literal('yours') });
const givenSchema = z.strictObject({ kind: z.literal('draft'), draft: draftSchema });

/** What the giving window lets be handed over: asked for when the tab is there, and let go when the tab has it. */
export interface Giver {
  readonly draft: Draft | null;
  release(): void;
}

/**
 * Opens `address` (of our own origin) in a tab and hands it the draft. True when the tab has it and the giver was told to
 * let go; false when nothing has changed. To be called in the press of a button, or the browser opens no tab.
 */
export function giveDraft(address: string, giver: Giver, clock: PageClock): Promise<boolean> {
  const tab = open(address, '_blank');
  if (tab === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    const { port1: own, port2: theirs } = new MessageChannel();
    const settle = (given: boolean): void => {
      timer.cancel();
      look.cancel();
      removeEventListener('message', onReady);
      own.onmessage = null;
      if (!given) own.close();
      resolve(given);
    };
    const onReady = (event: MessageEvent<unknown>): void => {
      if (!isFrom(event, tab) || !readySchema.safeParse(event.data).success) return;
      removeEventListener('message', onReady);
      const { draft } = giver;
      if (draft === null) return settle(false);
      tab.postMessage({ kind: 'draft', draft }, { targetOrigin: location.origin, transfer: [theirs] });
    };
    own.onmessage = ({ data }) => {
      // What has ended or was shared meanwhile is no longer to be given away.
      if (!keptSchema.safeParse(data).success || giver.draft === null) return settle(false);
      giver.release();
      own.postMessage({ kind: 'yours' });
      settle(true);
    };
    const lookAgain = (): Timer =>
      clock.after(LOOK_MS, () => {
        if (tab.closed) settle(false);
        else look = lookAgain();
      });
    let look = lookAgain();
    const timer = clock.after(PATIENCE_MS, () => settle(false));
    addEventListener('message', onReady);
  });
}

/** Takes the draft from the window that opened this one; null when none comes. */
export function takeDraft(clock: PageClock): Promise<Draft | null> {
  const giver: unknown = opener;
  if (!isWindow(giver)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const settle = (draft: Draft | null): void => {
      timer.cancel();
      removeEventListener('message', onDraft);
      // Nothing more is to be said: from here on the two windows do not know each other.
      window.opener = null;
      resolve(draft);
    };
    const onDraft = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports;
      const message = givenSchema.safeParse(event.data);
      if (!isFrom(event, giver) || port === undefined || !message.success) return;
      const { draft } = message.data;
      port.onmessage = ({ data }) => settle(yoursSchema.safeParse(data).success ? draft : null);
      port.postMessage({ kind: 'kept' });
    };
    const timer = clock.after(PATIENCE_MS, () => settle(null));
    addEventListener('message', onDraft);
    giver.postMessage({ kind: 'ready' }, { targetOrigin: location.origin });
  });
}

function isFrom(event: MessageEvent<unknown>, other: Window): boolean {
  return event.source === other && event.origin === location.origin;
}

function isWindow(value: unknown): value is Window {
  return typeof value === 'object' && value !== null && 'postMessage' in value;
}
