import { type Bytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../src/protocol/bytes.ts';
import { knock } from '../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, type LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Reply } from '../src/protocol/messages.ts';
import { Refused } from '../src/protocol/refused.ts';
import { decodeNoteMessage, toReaderSchema } from '../src/protocol/sealed.ts';
import { LIMITS, PROTOCOL_VERSION, type Refusal } from '../src/protocol/terms.ts';
import type { PageClock, Timer } from '../web-shared/clock.ts';
import type { Notice, Signalling } from '../web-shared/signalling.ts';
import { signallingUrl, stayConnected } from '../web-shared/stay-connected.ts';
import { openReaderTransport, type ReaderTransport } from '../web-shared/transport.ts';
import type { GoneReason, ReceiverActions, ReceiverState, RoomFacts } from './state.ts';

/** How long a data channel may take to open before the page says that it cannot connect. */
const CHANNEL_MS = 15_000;
const HIDDEN_MS = (LIMITS.graceSeconds + 5) * 1000;

type Knock = Awaited<ReturnType<typeof knock>>;

/** One connection to the composer's stream, from join to its end. */
interface Visit {
  knock: Knock;
  transport: ReaderTransport;
  knocked: boolean;
}

interface Surroundings {
  origin: string;
  language: string;
  clock: PageClock;
  onState(state: ReceiverState): void;
}

/** The patient's page: joins, waits for the tap, shows the note, and forgets it when it must. */
export class ReceiverSession implements ReceiverActions {
  readonly #around: Surroundings;
  readonly #roomId: string;
  readonly #secret: Bytes;
  #keys: LinkKeys | null = null;
  #state: ReceiverState = { name: 'loading' };
  #facts: RoomFacts | null = null;
  #signalling: Signalling | null = null;
  #connection: { stop(): void } | null = null;
  #visit: Visit | null = null;
  #tapped = false;
  /** Lets this page in again after a lost connection; came sealed with the note. */
  #pass: string | null = null;
  #tick: Timer | null = null;
  #patience: Timer | null = null;

  constructor(link: { roomId: string; secret: Bytes }, around: Surroundings) {
    this.#roomId = link.roomId;
    this.#secret = link.secret;
    this.#around = around;
  }

  start(): void {
    const { origin, clock } = this.#around;
    this.#connection = stayConnected(signallingUrl(origin), clock, {
      up: (signalling) => void this.#connected(signalling),
      down: () => {
        this.#signalling = null;
        this.#hide('patient');
      },
      gaveUp: () => this.#gone('unreachable'),
    });
  }

  open(): void {
    if (this.#tapped || this.#facts === null) return;
    this.#tapped = true;
    this.#show({ name: 'closed', room: this.#facts, opening: true });
    if (this.#visit !== null) void this.#knock(this.#visit);
    else if (this.#signalling !== null) void this.#join(this.#signalling);
  }

  retry(): void {
    this.#tapped = false;
    this.#show({ name: 'loading' });
    this.start();
  }

  /** The page goes away: nothing of the note stays in it. */
  leave(): void {
    this.#signalling?.say({ t: 'leave' });
    this.#forget();
    this.#show({ name: 'loading' });
  }

  async #connected(signalling: Signalling): Promise<void> {
    this.#signalling = signalling;
    signalling.onNotice = (notice) => void this.#onNotice(notice);
    await this.#join(signalling);
  }

  async #join(signalling: Signalling): Promise<void> {
    this.#leaveChannel();
    try {
      this.#keys ??= await deriveLinkKeys(this.#secret, this.#roomId);
      const { psk, joinKey } = this.#keys;
      const join = { version: PROTOCOL_VERSION, roomId: this.#roomId, joinKey: toBase64Url(joinKey) };
      const joined = await signalling.request('join', join);
      this.#learn(joined);
      const hello = { language: this.#around.language, ...(this.#pass === null ? {} : { pass: this.#pass }) };
      const [transport, prepared] = await Promise.all([
        openReaderTransport(joined, signalling, {
          frame: (frame) => void this.#onFrame(visit, frame),
          lost: () => this.#onChannelLost(visit),
        }),
        knock(psk, this.#roomId, joined.offer, hello),
      ]);
      const visit: Visit = { knock: prepared, transport, knocked: false };
      this.#visit = visit;
      if (this.#tapped) await this.#knock(visit);
    } catch (error) {
      if (error instanceof Refused) this.#onRefused(error.code);
    }
  }

  #learn({ who, admission, leftMs, totalMs }: Reply<'join'>): void {
    const until = this.#around.clock.now() + leftMs;
    this.#facts = { who, until, leftMs, totalMs, admission };
    if (!this.#tapped) this.#show({ name: 'closed', room: this.#facts, opening: false });
    this.#runClock();
  }

  /** Asks for the note as soon as it could arrive: a stream that is not open yet would lose it. */
  async #knock(visit: Visit): Promise<void> {
    if (visit.knocked) return;
    visit.knocked = true;
    this.#waitAtMost(CHANNEL_MS, () => this.#gone('unreachable'));
    try {
      await visit.transport.opened;
      if (visit !== this.#visit) return;
      const { enc, box } = visit.knock;
      await this.#signalling?.request('knock', { enc, box });
      this.#patience?.cancel();
    } catch (error) {
      if (error instanceof Refused) this.#onRefused(error.code);
    }
  }

  async #onNotice(notice: Notice): Promise<void> {
    switch (notice.t) {
      case 'ended':
        return this.#gone(notice.reason, notice.agoMs);
      case 'declined':
        return this.#gone('declined');
      case 'interrupted':
        return this.#hide('doctor');
      case 'back':
        if (this.#signalling !== null) await this.#join(this.#signalling);
        return;
      case 'untapped':
        return this.#leaveChannel();
      case 'told':
        return this.#onTold(notice.box);
      case 'refused':
        return this.#onRefused(notice.code);
    }
  }

  async #onTold(box: string): Promise<void> {
    const visit = this.#visit;
    if (visit === null || this.#facts === null) return;
    const { incoming, shortCode } = visit.knock.streams;
    try {
      const { nD } = toReaderSchema.parse(JSON.parse(fromUtf8(await incoming.open(fromBase64Url(box)))));
      const code = await shortCode(fromBase64Url(nD));
      if (visit === this.#visit) this.#show({ name: 'waiting', room: this.#facts, shortCode: code });
    } catch {
      this.#onTampering(visit);
    }
  }

  async #onFrame(visit: Visit, frame: Bytes): Promise<void> {
    const { note, outgoing, shortCode } = visit.knock.streams;
    try {
      const message = decodeNoteMessage(await note.open(frame));
      if (visit !== this.#visit || this.#facts === null) return;
      if (message.kind === 'wipe') return this.#gone(message.reason);
      // The composer must keep its commitment even when nobody compares the codes.
      await shortCode(fromBase64Url(message.nD));
      if (visit !== this.#visit) return;
      this.#patience?.cancel();
      this.#pass = message.pass;
      this.#show({ name: 'reading', room: this.#facts, note: message.text });
      const shown = utf8(JSON.stringify({ kind: 'shown', rev: message.rev }));
      this.#signalling?.say({ t: 'tell', box: toBase64Url(await outgoing.seal(shown)) });
    } catch {
      this.#onTampering(visit);
    }
  }

  /** Something between the two pages altered a message: this connection is given up, nothing of it is shown. */
  #onTampering(visit: Visit): void {
    if (visit === this.#visit) this.#gone('unreachable');
  }

  #onChannelLost(visit: Visit): void {
    if (visit !== this.#visit) return;
    this.#hide('patient');
    if (this.#signalling !== null) void this.#join(this.#signalling);
  }

  #onRefused(code: Refusal): void {
    switch (code) {
      case 'unknown-room':
      case 'wrong-key':
      case 'room-full':
        return this.#gone(code);
      case 'wrong-version':
        return this.#gone('old-page');
      case 'not-open':
      case 'no-offer':
        return this.#hide('doctor');
      case 'ended-room':
        // How it ended comes in a notice of its own.
        return;
      default:
        return this.#gone('unreachable');
    }
  }

  /** The note leaves the screen until the connection is back; it leaves for good when that takes too long. */
  #hide(side: 'doctor' | 'patient'): void {
    this.#leaveChannel();
    this.#waitAtMost(HIDDEN_MS, () => this.#gone('lost'));
    if (this.#facts !== null && this.#tapped) this.#show({ name: 'interrupted', room: this.#facts, side });
  }

  #leaveChannel(): void {
    this.#visit?.transport.close();
    this.#visit = null;
  }

  #waitAtMost(ms: number, run: () => void): void {
    this.#patience?.cancel();
    this.#patience = this.#around.clock.after(ms, run);
  }

  #runClock(): void {
    this.#tick?.cancel();
    this.#tick = this.#around.clock.after(1000, () => {
      if (this.#facts === null || !('room' in this.#state)) return;
      const leftMs = Math.max(0, this.#facts.until - this.#around.clock.now());
      if (leftMs === 0) return this.#gone('expired');
      this.#facts = { ...this.#facts, leftMs };
      this.#show({ ...this.#state, room: this.#facts });
      this.#runClock();
    });
  }

  #gone(reason: GoneReason, agoMs = 0): void {
    const who = this.#facts?.who ?? null;
    this.#forget();
    this.#show({ name: 'gone', reason, who, at: this.#around.clock.now() - agoMs });
  }

  /** Drops the note, the keys and the connection. The secret stays: it is in the address bar as well. */
  #forget(): void {
    this.#tick?.cancel();
    this.#patience?.cancel();
    this.#leaveChannel();
    this.#keys?.psk.fill(0);
    this.#keys = null;
    this.#facts = null;
    this.#pass = null;
    this.#signalling = null;
    this.#connection?.stop();
    this.#connection = null;
  }

  #show(state: ReceiverState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}
