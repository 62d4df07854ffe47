import type { LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import type { NewsKind } from '../session/alerts.ts';
import type { Version } from '../session/note-model.ts';
import type { PinGate } from '../session/pin.ts';
import type { Policy } from '../session/state.ts';

/** What the readers need of the page around them. */
export interface ReadersAround {
  roomId: string;
  keys: LinkKeys;
  /** The doctor's own name; readers see it where the policy says so. */
  displayName: string;
  /** What the doctor chose; null when nobody may read any more. */
  policy(): Pick<Policy, 'admission' | 'maxReaders' | 'showName'> | null;
  /** Null unless admission is by PIN. */
  gate(): PinGate | null;
  version(): Version;
  /** Milliseconds that the note may still be shown. */
  leftMs(): number;
  now(): number;
  /** Something that the doctor sees has changed. */
  changed(): void;
  /** Something that the doctor has to be told. */
  tell(news: NewsKind): void;
  /** The last wrong PIN was one too many. */
  locked(): void;
}
