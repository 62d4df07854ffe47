/**
 * A doctor's and a patient's page without their screens: the signalling word for word, the real handshake, real WebRTC.
 * Nothing here is the pages' own code, so what both agree on is the protocol.
 */

import { type Bytes, fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from '../../../src/protocol/bytes.ts';
import { type EndReason, LIMITS, PROTOCOL_VERSION } from '../../../src/protocol/constants.ts';
import {
  answer,
  createPrekey,
  knock,
  type Prekey,
  type PrekeySecrets,
  type ReaderStreams,
} from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, joinHashOf, type LinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import type { Sealer } from '../../../src/protocol/crypto/sealed-stream.ts';
import { noteLink, parseNoteLink, SECRET_BYTES } from '../../../src/protocol/link.ts';
import type { Policy, Reply, ServerMessage } from '../../../src/protocol/messages.ts';
import {
  decodeNoteMessage,
  encodeNoteMessage,
  type NoteMessage,
  type SentNote,
} from '../../../src/protocol/note-message.ts';
import {
  type Hello,
  type ToComposer,
  type ToReader,
  toComposerSchema,
  toReaderSchema,
} from '../../../src/protocol/sealed.ts';
import { composeLinkFor } from '../server/chat-command.ts';
import {
  type ComposerChannels,
  type ComposerStream,
  composerChannels,
  type ReaderChannel,
  readerChannel,
  request,
} from './channels.ts';
import { type RawClient, rawClient } from './client.ts';

const SPARE_PREKEYS = 3;
const everybody = new Set<{ close(): void }>();

/** Closes every page of this test that is still open. */
export function closeAllPages(): void {
  for (const page of everybody) page.close();
  everybody.clear();
}

/** Leaves a page open when `closeAllPages` is called; whoever keeps it closes it. */
export function keepOpen(page: { close(): void }): void {
  everybody.delete(page);
}

/** A reader at the composer's end, after it proved that it holds the link. */
export interface Knock {
  readerId: string;
  prekeyId: string;
  hello: Hello;
  shortCode: string;
  streams: ReaderStreams<Sealer>;
  channel: ComposerStream;
  nD: string;
}

type Ended = Extract<ServerMessage, { t: 'ended' }>;

/** Sends a command in the local chat; gives the ticket of its answer. */
export async function ticketFor(url: string, command = '/glir'): Promise<string> {
  return new URL(await composeLinkFor(url, command)).hash.slice(1);
}

/** Opens the composer: with a ticket, or with the ticket that a command in the local chat gives. Offers are published. */
export async function composer(url: string, start: { ticket: string } | { command: string }): Promise<Composer> {
  const ticket = 'ticket' in start ? start.ticket : await ticketFor(url, start.command);
  const client = await rawClient(url);
  const seat = await request(client, 'compose', { version: PROTOCOL_VERSION, ticket });
  const secret = randomBytes(SECRET_BYTES);
  const page = new Composer(url, seat, secret, await deriveLinkKeys(secret, seat.roomId), client);
  everybody.add(page);
  await page.connect(seat);
  return page;
}

export class Composer {
  readonly url: string;
  readonly roomId: string;
  readonly link: string;
  readonly policy: Policy;
  readonly keys: LinkKeys;
  /** Signed by the server: lets this page have its room back. */
  ownerToken: string;
  client: RawClient;
  /** Streams that nobody has knocked through yet, by their offer's id. */
  readonly prekeys = new Map<string, { prekey: Prekey; secrets: PrekeySecrets; channel: ComposerStream }>();
  readonly #knocked = new Set<string>();
  readonly #heard = new Set<ServerMessage>();
  #channels: ComposerChannels | null = null;
  #totalSeconds: number = LIMITS.expiryMinSeconds;

  constructor(
    url: string,
    { roomId, ownerToken, policy }: Reply<'compose'>,
    secret: Bytes,
    keys: LinkKeys,
    client: RawClient,
  ) {
    this.url = url;
    this.roomId = roomId;
    this.ownerToken = ownerToken;
    this.policy = policy;
    this.keys = keys;
    this.client = client;
    this.link = noteLink(url, roomId, secret);
  }

  /** Connects to the room's channels and publishes the first offers. */
  async connect(seat: Reply<'compose'>): Promise<void> {
    this.#channels = await composerChannels(seat.transport, this.client);
    for (let spare = 0; spare < SPARE_PREKEYS; spare++) await this.publish();
    void this.#refill(this.client);
  }

  /** Publishes one more offer. */
  async publish(): Promise<ComposerStream> {
    if (this.#channels === null) throw new Error('the composer is not connected');
    const { prekey, secrets } = await createPrekey();
    const channel = await this.#channels.publish(prekey);
    this.prekeys.set(channel.id, { prekey, secrets, channel });
    return channel;
  }

  /** Presses "Share"; gives the note link. */
  async share(choice: Partial<Policy> = {}): Promise<string> {
    const policy = { ...this.policy, ...choice };
    const joinHash = await joinHashOf(this.keys.joinKey);
    const { ownerToken, totalMs } = await request(this.client, 'share', { joinHash, policy });
    this.ownerToken = ownerToken;
    this.#totalSeconds = totalMs / 1000;
    return this.link;
  }

  /** The next reader who taps, past or coming. Rejects with HandshakeError when it does not hold the link. */
  async knock(): Promise<Knock> {
    const message = await this.client.next((one) => one.t === 'knocked' && !this.#knocked.has(one.readerId));
    if (message.t !== 'knocked') throw new Error('nobody knocked');
    const { readerId, prekeyId, enc, ciphertext } = message;
    this.#knocked.add(readerId);
    const open = this.prekeys.get(prekeyId);
    this.prekeys.delete(prekeyId);
    if (open === undefined) throw new Error('an offer serves one reader only');
    const { prekey, secrets, channel } = open;
    const { hello, streams } = await answer(this.keys.psk, this.roomId, prekey, secrets, { enc, ciphertext });
    const shortCode = await streams.shortCode(secrets.nD);
    return { readerId, prekeyId, hello, shortCode, streams, channel, nD: toBase64Url(secrets.nD) };
  }

  /** Reveals what the reader needs for the short code. */
  async reveal({ readerId, streams, nD }: Knock): Promise<void> {
    await this.tell({ readerId, streams }, { kind: 'reveal', nD });
  }

  /** Tells a reader something that nobody else can read. */
  async tell({ readerId, streams }: Pick<Knock, 'readerId' | 'streams'>, message: ToReader): Promise<void> {
    const ciphertext = toBase64Url(await streams.outgoing.seal(utf8(JSON.stringify(message))));
    this.client.sendRaw(JSON.stringify({ t: 'sealed', readerId, ciphertext }));
  }

  async admit({ readerId }: Knock): Promise<void> {
    await request(this.client, 'admit', { readerId });
  }

  async refuse({ readerId }: Knock): Promise<void> {
    await request(this.client, 'refuse', { readerId });
  }

  /** Sends the note, or a later revision of it, to a reader through the SFU; `said` is what the doctor says about it. */
  async send(knock: Knock, text: string, rev = 1, said: Partial<SentNote> = {}): Promise<void> {
    const note = { text, format: 'plain', medicines: [] } as const;
    const allowed = { editing: false, copy: true, print: true };
    const { nD } = knock;
    await this.put(knock, { kind: 'note', rev, nD, token: nD, leftMs: 60_000, ...allowed, note, ...said });
  }

  /** Sends anything that goes through the SFU. */
  async put({ streams, channel }: Knock, message: NoteMessage): Promise<void> {
    channel.send(await streams.note.seal(encodeNoteMessage(message)));
  }

  /** The next sealed word of a reader, past or coming. */
  async hear({ readerId, streams }: Knock): Promise<ToComposer> {
    const told = await this.client.next(
      (message) => message.t === 'sealed' && message.readerId === readerId && !this.#heard.has(message),
    );
    if (told.t !== 'sealed') throw new Error('the reader said nothing');
    this.#heard.add(told);
    return toComposerSchema.parse(JSON.parse(fromUtf8(await streams.incoming.open(fromBase64Url(told.ciphertext)))));
  }

  /** The reader's receipt: the revision that is on its screen. */
  async shown(knock: Knock): Promise<number> {
    const receipt = await this.hear(knock);
    if (receipt.kind !== 'shown') throw new Error(`the reader said "${receipt.kind}"`);
    return receipt.rev;
  }

  /** Asks for so many seconds more than the room has. Rejects with Refused. */
  async extend(seconds: number): Promise<Reply<'extend'>> {
    const totalSeconds = Math.min(this.#totalSeconds + seconds, LIMITS.expiryMaxSeconds);
    const extended = await request(this.client, 'extend', { totalSeconds });
    this.ownerToken = extended.ownerToken;
    this.#totalSeconds = extended.totalMs / 1000;
    return extended;
  }

  /** Presses "Destroy now", or ends the room for a wrong PIN too many. */
  async destroy(reason: Extract<EndReason, 'revoked' | 'locked'> = 'revoked'): Promise<void> {
    await request(this.client, 'end', { reason });
  }

  /** The tab closes. */
  leave(): void {
    this.client.sendRaw(JSON.stringify({ t: 'leave' }));
  }

  /** The network is gone, without a word. */
  cut(): void {
    this.client.cut();
    this.#forgetChannels();
  }

  /** Has its room back over a new connection, with the owner token. Rejects with Refused. */
  async resume(): Promise<Reply<'resume'>> {
    this.#forgetChannels();
    this.client = await rawClient(this.url);
    const seat = await request(this.client, 'resume', { version: PROTOCOL_VERSION, ownerToken: this.ownerToken });
    this.ownerToken = seat.ownerToken;
    await this.connect(seat);
    return seat;
  }

  /** How the server says that the room ended. */
  ended(): Promise<Ended> {
    return endOf(this.client);
  }

  close(): void {
    this.client.cut();
    this.#forgetChannels();
  }

  #forgetChannels(): void {
    this.#channels?.close();
    this.#channels = null;
    this.prekeys.clear();
  }

  /** Makes an offer for each one that is used up, until the socket closes. */
  async #refill(client: RawClient): Promise<void> {
    const seen = new Set<ServerMessage>();
    try {
      for (;;) {
        seen.add(await client.next((message) => message.t === 'prekey-taken' && !seen.has(message)));
        if (client === this.client && this.#channels !== null) await this.publish();
      }
    } catch {
      // The socket closed, or the room with it: nobody needs offers any more.
    }
  }
}

/** Follows a note link: joins, and connects to the stream made for this reader. Rejects with Refused. */
export async function reader(link: string, hello: Hello = { language: 'en' }): Promise<Reader> {
  const { origin, pathname, hash } = new URL(link);
  const parts = parseNoteLink(pathname, hash);
  if (parts === null) throw new Error('the note link is not complete');
  const keys = await deriveLinkKeys(parts.secret, parts.roomId);
  const page = new Reader(parts.roomId, keys, hello, await rawClient(origin));
  everybody.add(page);
  await page.join();
  return page;
}

interface PeerSession {
  joined: Reply<'join'>;
  channel: ReaderChannel;
  prepared: Awaited<ReturnType<typeof knock>>;
}

export class Reader {
  readonly roomId: string;
  readonly keys: LinkKeys;
  readonly client: RawClient;
  readonly #hello: Hello;
  readonly #heard = new Set<ServerMessage>();
  #visit: PeerSession | null = null;
  #read = 0;

  constructor(roomId: string, keys: LinkKeys, hello: Hello, client: RawClient) {
    this.roomId = roomId;
    this.keys = keys;
    this.#hello = hello;
    this.client = client;
  }

  /** What the server told this reader when it joined. */
  get joined(): Reply<'join'> {
    return this.#here.joined;
  }

  get channel(): ReaderChannel {
    return this.#here.channel;
  }

  get #here(): PeerSession {
    if (this.#visit === null) throw new Error('the reader has not joined');
    return this.#visit;
  }

  /** Joins, or joins again after the composer came back. */
  async join(): Promise<void> {
    this.#visit?.channel.close();
    this.#read = 0;
    // What was said over the connection before cannot be opened any more.
    for (const message of this.client.received) this.#heard.add(message);
    const join = { version: PROTOCOL_VERSION, roomId: this.roomId, joinKey: toBase64Url(this.keys.joinKey) };
    const joined = await request(this.client, 'join', join);
    const [channel, prepared] = await Promise.all([
      readerChannel(joined, this.client),
      knock(this.keys.psk, this.roomId, joined.prekey, this.#hello),
    ]);
    this.#visit = { joined, channel, prepared };
  }

  /** Taps "Open the note", once the stream can carry it. */
  async tap(): Promise<void> {
    const { channel, prepared } = this.#here;
    await channel.opened;
    await request(this.client, 'knock', { enc: prepared.enc, ciphertext: prepared.ciphertext });
  }

  /** The short code, once the composer revealed its half. */
  async shortCode(): Promise<string> {
    const told = await this.hear();
    if (told.kind !== 'reveal') throw new Error('nothing was revealed');
    return this.#here.prepared.streams.shortCode(fromBase64Url(told.nD));
  }

  /** The composer's next sealed word, past or coming. */
  async hear(): Promise<ToReader> {
    const told = await this.client.next((message) => message.t === 'sealed' && !this.#heard.has(message));
    if (told.t !== 'sealed') throw new Error('the composer said nothing');
    this.#heard.add(told);
    const { incoming } = this.#here.prepared.streams;
    return toReaderSchema.parse(JSON.parse(fromUtf8(await incoming.open(fromBase64Url(told.ciphertext)))));
  }

  /** The next note message, past or coming, opened. */
  async note(): Promise<NoteMessage> {
    const { channel, prepared } = this.#here;
    const frame = await channel.frame(this.#read);
    this.#read += 1;
    return decodeNoteMessage(await prepared.streams.note.open(frame));
  }

  /** Tells the composer what is on the screen. */
  async show(rev = 1): Promise<void> {
    await this.tell({ kind: 'shown', rev });
  }

  /** Tells the composer something that nobody else can read. */
  async tell(message: ToComposer): Promise<void> {
    const ciphertext = toBase64Url(await this.#here.prepared.streams.outgoing.seal(utf8(JSON.stringify(message))));
    this.client.sendRaw(JSON.stringify({ t: 'sealed', ciphertext }));
  }

  /** The page closes. */
  leave(): void {
    this.client.sendRaw(JSON.stringify({ t: 'leave' }));
  }

  /** How the server says that the room ended. */
  ended(): Promise<Ended> {
    return endOf(this.client);
  }

  close(): void {
    this.client.cut();
    this.#visit?.channel.close();
  }
}

async function endOf(client: RawClient): Promise<Ended> {
  const message = await client.next(({ t }) => t === 'ended');
  if (message.t !== 'ended') throw new Error('the room has not ended');
  return message;
}
