import type { EndReason } from '../../src/protocol/constants.ts';
import type { Refusal } from '../../src/protocol/errors.ts';
import type { ServerEvent } from '../../web-shared/net/signalling-client.ts';
import { isBelated } from './refusals.ts';
import type { InterruptedSide } from './state.ts';

/** What the server's word can do to the patient's page: cut it off, never show it anything. */
interface Obedient {
  gone(reason: EndReason, agoMs?: number, phone?: string | null): void;
  /** The doctor turned this page away; what the doctor's page said before comes first. */
  declined(): void;
  /** The note leaves the screen until the server says that the doctor is back. */
  hide(side: InterruptedSide): void;
  /** The connection is replaced by another one. */
  rejoin(side?: InterruptedSide): void;
  /** The connection was closed for want of a tap; the page connects again with it. */
  untapped(): void;
  told(ciphertext: string): void;
  time(time: { leftMs: number; totalMs: number }): void;
  refused(code: Refusal): void;
}

/** Does what the server says, where a page listens to it at all. */
export function obey(notice: ServerEvent, page: Obedient): void {
  switch (notice.t) {
    case 'ended':
      return page.gone(notice.reason, notice.agoMs, notice.phone);
    case 'declined':
      return page.declined();
    case 'interrupted':
      return page.hide('doctor');
    case 'resumed':
      return page.rejoin('doctor');
    case 'untapped':
      return page.untapped();
    case 'sealed':
      return page.told(notice.ciphertext);
    case 'time-left':
      return page.time(notice);
    case 'refused':
      // A receipt that crossed with an interruption; what is the matter comes in a notice of its own.
      if (!isBelated(notice.code)) page.refused(notice.code);
  }
}
