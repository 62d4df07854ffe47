import type { ToReader } from '../../src/protocol/sealed.ts';
import type { SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { ComposerTransport } from '../../web-shared/net/webrtc-transport.ts';
import type { Reader } from './peer-session.ts';
import { Prekeys } from './prekeys.ts';
import type { Rows } from './reader-list.ts';

/** One connection of this page, with what was made on it. */
export class Line {
  readonly prekeys: Prekeys;
  readonly #signalling: SignallingClient;
  readonly #transport: ComposerTransport;
  /** What the server was last told of the readers. */
  #people = '';

  constructor(signalling: SignallingClient, transport: ComposerTransport) {
    this.#signalling = signalling;
    this.#transport = transport;
    this.prekeys = new Prekeys(transport);
  }

  /** Has the server open a reader's stream. Rejects with Refused `room-full`. */
  async admit(readerId: string): Promise<void> {
    await this.#signalling.request('admit', { readerId });
  }

  /** Has the server send a reader away. One that left at the same moment needs no refusal. */
  async turnAway(readerId: string): Promise<void> {
    await this.#signalling.request('refuse', { readerId }).catch(() => undefined);
  }

  async tell(reader: Reader, message: ToReader): Promise<void> {
    this.#signalling.say({ t: 'sealed', readerId: reader.id, ciphertext: await reader.seal(message) });
  }

  /** The chat where the doctor typed /glir hears who waits; the page itself does not depend on that. */
  reportReaders(rows: Rows, readBy: number): void {
    const people = { waiting: rows.people, readBy };
    const text = JSON.stringify(people);
    if (text === this.#people) return;
    this.#people = text;
    this.#signalling.request('report-readers', people).catch(() => undefined);
  }

  close(): void {
    this.#transport.close();
  }
}
