import { expect } from 'vitest';
import { type Bytes, fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from '../../../src/protocol/bytes.ts';
import type { Admission } from '../../../src/protocol/constants.ts';
import { knock, type Prekey } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import type { Medicine, Note } from '../../../src/protocol/note.ts';
import { decodeNoteMessage, type NoteMessage, type SentNote } from '../../../src/protocol/note-message.ts';
import { type ToComposer, type ToReader, toReaderSchema } from '../../../src/protocol/sealed.ts';
import { NoteFiles } from '../../../web-composer/files/note-files.ts';
import { Readers } from '../../../web-composer/readers/readers.ts';
import type { AlertKind } from '../../../web-composer/session/alerts.ts';
import { NoteModel } from '../../../web-composer/session/note-model.ts';
import { PinGate } from '../../../web-composer/session/pin.ts';
import type { ReaderRow } from '../../../web-composer/session/state.ts';
import type { SignallingClient } from '../../../web-shared/net/signalling-client.ts';
import type { ComposerTransport } from '../../../web-shared/net/webrtc-transport.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

export const PIN = '314159';
export const NOTE = 'the note';
/** How long the note may be shown, in milliseconds. */
export const LIFE_MS = 60_000;

const newId = () => toBase64Url(randomBytes(16));

/** A medicine by its name alone. */
export const medicine = (name: string): Medicine => ({
  name,
  strength: '',
  dose: '',
  plan: { morning: '1', noon: '', evening: '', night: '' },
  when: '',
  duration: '',
  remarks: '',
});

export const noteOf = (text: string, medicines: readonly Medicine[] = []): Note => {
  return { text, format: 'plain', medicines };
};

interface PublishedPrekey {
  id: string;
  prekey: Prekey;
  sent: Bytes[];
  closed: boolean;
}

/** The composer's readers behind a server that obeys no rule; everything that passes it is recorded. */
export async function doctor({
  admission = 'ask',
  pin = PIN,
  maxReaders = 20,
  showName = true,
}: {
  admission?: Admission;
  pin?: string;
  maxReaders?: number;
  showName?: boolean;
} = {}) {
  const roomId = newId();
  const keys = await deriveLinkKeys(randomBytes(32), roomId);
  const note = new NoteModel();
  note.setText(NOTE);
  const gate = admission === 'pin' ? new PinGate(pin) : null;
  const clock = standingClock();
  const policy = { admission, maxReaders, showName, expirySeconds: LIFE_MS / 1000 };
  const opened = { policy, until: clock.now() + LIFE_MS, totalMs: LIFE_MS, gate };
  const prekeys: PublishedPrekey[] = [];
  const traffic: unknown[] = [];
  const requests: { t: string; readerId: string }[] = [];
  const sealedTo = new Map<string, string[]>();
  let admitting: Promise<void> = Promise.resolve();
  const alerts: AlertKind[] = [];
  let locked = 0;
  const readers = new Readers({
    roomId,
    keys,
    displayName: 'Dr Anna Rossi',
    files: new NoteFiles(() => undefined),
    clock,
    events: {
      changed: () => undefined,
      alert: (kind) => void alerts.push(kind),
      locked: () => {
        locked += 1;
      },
    },
  });
  readers.open(opened);
  /** Publishes the note as it stands, which has to be fit to be sent. */
  const publish = () => {
    const revision = note.publish(false);
    if (revision === null) throw new Error('the note cannot be sent');
    readers.publish(revision);
  };
  publish();

  const transport: ComposerTransport = {
    publish(prekey) {
      const made: PublishedPrekey = { id: newId(), prekey, sent: [], closed: false };
      prekeys.push(made);
      traffic.push(prekey);
      return Promise.resolve({
        id: made.id,
        send(frame) {
          if (made.closed) return Promise.reject(new Error('closed'));
          made.sent.push(frame);
          traffic.push(frame);
          return Promise.resolve();
        },
        close() {
          made.closed = true;
        },
      });
    },
    opened: Promise.resolve(),
    getStats: () => Promise.resolve(new Map()),
    close: () => undefined,
  };
  const signalling = {
    async request(t: string, body: { readerId: string }) {
      requests.push({ t, ...body });
      traffic.push(body);
      if (t === 'admit') await admitting;
      return {};
    },
    say({ readerId, ciphertext }: { readerId: string; ciphertext: string }) {
      traffic.push(ciphertext);
      sealedTo.set(readerId, [...(sealedTo.get(readerId) ?? []), ciphertext]);
    },
  };

  const connect = () => {
    // Prekeys of a connection before serve nobody.
    prekeys.length = 0;
    return readers.connect(signalling as never as SignallingClient, transport);
  };

  /** Somebody opens the link: gets a prekey, and has the knock and its messages in hand. */
  async function newcomer(readmissionToken?: string, readerId = newId()) {
    const own = prekeys.shift() ?? (await anotherPrekey());
    const hello = { language: 'en', ...(readmissionToken === undefined ? {} : { readmissionToken }) };
    const { enc, ciphertext, streams } = await knock(keys.psk, roomId, own.prekey, hello);
    let opened = 0;
    let heard = 0;
    const sealed = async (text: string) => toBase64Url(await streams.outgoing.seal(utf8(text)));
    const seal = (message: ToComposer) => sealed(JSON.stringify(message));
    const next = async (): Promise<NoteMessage | undefined> => {
      const frame = own.sent[opened];
      if (frame === undefined) return undefined;
      opened += 1;
      return decodeNoteMessage(await streams.note.open(frame));
    };
    const one = {
      readerId,
      prekeyId: own.id,
      channel: own,
      /** Number of its frames so far: each one is a version, or an order. */
      get frames() {
        return own.sent.length;
      },
      get row(): ReaderRow {
        const row = readers.rows.find(({ id }) => id === readerId);
        if (row === undefined) throw new Error('no row');
        return row;
      },
      seal,
      async knocks() {
        traffic.push(enc, ciphertext);
        const taken = readers.onServerEvent({ t: 'prekey-taken', prekeyId: own.id });
        await Promise.all([
          taken,
          readers.onServerEvent({ t: 'knocked', readerId, prekeyId: own.id, enc, ciphertext }),
        ]);
      },
      /** Passes on something sealed. */
      async passes(ciphertext: string) {
        traffic.push(ciphertext);
        await readers.onServerEvent({ t: 'sealed', readerId, ciphertext });
      },
      async tells(message: ToComposer) {
        await one.passes(await seal(message));
      },
      /** Seals any text, also what no page of ours says. */
      async says(text: string) {
        await one.passes(await sealed(text));
      },
      async types(pin: string) {
        await one.tells({ kind: 'pin', pin });
      },
      async shows(rev = 1) {
        await one.tells({ kind: 'shown', rev });
      },
      /** The next frame, opened; undefined when there is none. */
      next,
      /** The next frame, which has to be a version of the note. */
      async note(): Promise<SentNote> {
        const message = await next();
        if (message?.kind !== 'note') throw new Error(`no note but ${message?.kind ?? 'nothing'}`);
        return message;
      },
      /** The composer's next sealed word; undefined when there is none. */
      async hears(): Promise<ToReader | undefined> {
        const ciphertext = sealedTo.get(readerId)?.[heard];
        if (ciphertext === undefined) return undefined;
        heard += 1;
        return toReaderSchema.parse(JSON.parse(fromUtf8(await streams.incoming.open(fromBase64Url(ciphertext)))));
      },
      /** Whether it was turned away. */
      get isTurnedAway() {
        return requests.some((request) => request.t === 'refuse' && request.readerId === readerId);
      },
    };
    return one;
  }

  async function anotherPrekey(): Promise<PublishedPrekey> {
    // Made of our own accord: a server may say "taken" as often as it likes.
    await readers.onServerEvent({ t: 'prekey-taken', prekeyId: newId() });
    await expect.poll(() => prekeys.length).toBeGreaterThan(0);
    const made = prekeys.shift();
    if (made === undefined) throw new Error('no prekey');
    return made;
  }

  await connect();
  return {
    readers,
    note,
    publish,
    /** The doctor gives the note more time. */
    extend: (ms: number) => readers.extend({ ...opened, until: opened.until + ms }, ms),
    gate,
    alerts,
    clock,
    requests,
    traffic,
    newcomer,
    connect,
    /** How often the page was told that it is locked. */
    get locked() {
      return locked;
    },
    /** Several newcomers, one after the other, who have not knocked. */
    async newcomers(count: number) {
      const all: Awaited<ReturnType<typeof newcomer>>[] = [];
      for (let number = 0; number < count; number++) all.push(await newcomer());
      return all;
    },
    /** Somebody who opened the link and knocked. */
    async reader(readerId = newId(), readmissionToken?: string) {
      const one = await newcomer(readmissionToken, readerId);
      await one.knocks();
      return one;
    },
    /** Keeps back the server's answers to "admit". */
    holdAdmit(until: Promise<void>) {
      admitting = until;
    },
  };
}

/** A reader's row before anything happened. */
export const aRow = (): ReaderRow => ({
  id: 'r',
  number: 1,
  name: '',
  reloadedAt: null,
  state: 'reading',
  shortCode: '123456',
  since: 0,
  wrongPins: 0,
  visible: true,
  shownRev: 0,
  endRev: 0,
  understoodRev: 0,
  points: [],
});

/** The same numbers from 0 to below a limit for the same seed (mulberry32). */
export function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
