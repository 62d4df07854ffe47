/**
 * Moves a draft to a tab of the same browser: from the Teams dialog, or for another patient from a page whose own note goes on.
 * A frame inside Teams shares no storage with a tab of its own origin, but a tab that it opens knows its opener, and messages between the two reach nobody else: each names
 * the only origin that may get it, and is accepted only from the other window and the own origin.
 *
 * tab: `ready`, dialog: `draft` with a port, tab: `received`, dialog: releases the draft, then `released`. Until
 * `received` the dialog, or the page, has the draft; it alone decides, so that never both windows go on with it, nor neither.
 */
import * as z from 'zod/mini';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import { type Draft, draftSchema } from './draft.ts';

/** How long a dialog waits for the tab that it opened, and the tab for the dialog. */
const OTHER_WINDOW_WAIT_MS = 15_000;
/** How often the dialog looks whether its tab is closed, or cut off from it. */
const CHECK_TAB_MS = 500;

const readySchema = z.strictObject({ kind: z.literal('ready') });
const receivedSchema = z.strictObject({ kind: z.literal('received') });
const releasedSchema = z.strictObject({ kind: z.literal('released') });
const draftMessageSchema = z.strictObject({ kind: z.literal('draft'), draft: draftSchema });

/** The draft of the sending window: read when the tab is ready, and released when the tab has it. */
export interface DraftSource {
  readonly draft: Draft | null;
  release(): void;
}

/**
 * Opens `address` (of our own origin) in a tab and hands it the draft. True when the tab has it and the source was
 * released; false when nothing has changed. To be called in the press of a button, or the browser opens no tab.
 */
export function sendDraft(address: string, source: DraftSource, clock: PageClock): Promise<boolean> {
  const tab = open(address, '_blank');
  if (tab === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    const { port1: own, port2: theirs } = new MessageChannel();
    const finish = (isSent: boolean): void => {
      timer.cancel();
      nextCheck.cancel();
      removeEventListener('message', onReady);
      own.onmessage = null;
      if (!isSent) own.close();
      resolve(isSent);
    };
    const onReady = (event: MessageEvent<unknown>): void => {
      if (!isFrom(event, tab) || !readySchema.safeParse(event.data).success) return;
      removeEventListener('message', onReady);
      const { draft } = source;
      if (draft === null) return finish(false);
      tab.postMessage({ kind: 'draft', draft }, { targetOrigin: location.origin, transfer: [theirs] });
    };
    own.onmessage = ({ data }) => {
      // A draft that has ended or was shared meanwhile is no longer handed over.
      if (!receivedSchema.safeParse(data).success || source.draft === null) return finish(false);
      source.release();
      own.postMessage({ kind: 'released' });
      finish(true);
    };
    const checkTab = (): Timer =>
      clock.after(CHECK_TAB_MS, () => {
        if (tab.closed) finish(false);
        else nextCheck = checkTab();
      });
    let nextCheck = checkTab();
    const timer = clock.after(OTHER_WINDOW_WAIT_MS, () => finish(false));
    addEventListener('message', onReady);
  });
}

/** Receives the draft from the window that opened this one; null when none comes. */
export function receiveDraft(clock: PageClock): Promise<Draft | null> {
  const sender: unknown = opener;
  if (!isWindow(sender)) return Promise.resolve(null);
  return new Promise((resolve) => {
    const finish = (draft: Draft | null): void => {
      timer.cancel();
      removeEventListener('message', onDraft);
      // From here on the two windows do not know each other.
      window.opener = null;
      resolve(draft);
    };
    const onDraft = (event: MessageEvent<unknown>): void => {
      const [port] = event.ports;
      const message = draftMessageSchema.safeParse(event.data);
      if (!isFrom(event, sender) || port === undefined || !message.success) return;
      const { draft } = message.data;
      port.onmessage = ({ data }) => finish(releasedSchema.safeParse(data).success ? draft : null);
      port.postMessage({ kind: 'received' });
    };
    const timer = clock.after(OTHER_WINDOW_WAIT_MS, () => finish(null));
    addEventListener('message', onDraft);
    sender.postMessage({ kind: 'ready' }, { targetOrigin: location.origin });
  });
}

function isFrom(event: MessageEvent<unknown>, other: Window): boolean {
  return event.source === other && event.origin === location.origin;
}

function isWindow(value: unknown): value is Window {
  return typeof value === 'object' && value !== null && 'postMessage' in value;
}
