import { type Bytes, toBase64Url } from '../src/protocol/bytes.ts';
import { deriveLinkKeys, type LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Reply } from '../src/protocol/messages.ts';
import { Refused } from '../src/protocol/refused.ts';
import { LIMITS, PROTOCOL_VERSION, type Refusal } from '../src/protocol/terms.ts';
import type { PageClock, Timer } from '../web-shared/clock.ts';
import { Disconnected, type Notice, type Signalling } from '../web-shared/signalling.ts';
import { signallingUrl, stayConnected } from '../web-shared/stay-connected.ts';
import { meaningOf } from './refusals.ts';
import { RoomClock } from './room-clock.ts';
import type { GoneReason, ReceiverActions, ReceiverState, RoomFacts } from './state.ts';
import { openVisit, type SealedNote, type Visit } from './visit.ts';

/** How long a data channel may take to open before the page says that it cannot connect. */
const CHANNEL_MS = 15_000;
const MAX_KNOCKS = 10;
const REJOIN_MS = 2000;
const HIDDEN_MS = (LIMITS.graceSeconds + 5) * 1000;

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
  readonly #room: RoomClock;
  #keys: LinkKeys | null = null;
  #state: ReceiverState = { name: 'loading' };
  #signalling: Signalling | null = null;
  #connection: { stop(): void } | null = null;
  #visit: Visit | null = null;
  /** The join under way; a later one replaces it. */
  #joining: symbol | null = null;
  #tapped = false;
  /** Lets this page in again after a lost connection; came sealed with the note. */
  #pass: string | null = null;
  /** Handshakes since the tap: each one is a try at the short code for whoever sits in the middle. */
  #knocks = 0;
  #patience: Timer | null = null;

  constructor(link: { roomId: string; secret: Bytes }, around: Surroundings) {
    this.#roomId = link.roomId;
    this.#secret = link.secret;
    this.#around = around;
    this.#room = new RoomClock(around.clock, (room) => this.#onSecond(room));
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
    const { room } = this.#room;
    if (this.#tapped || room === null) return;
    this.#tapped = true;
    // Drawn after the knock is on its way, and not at all when the answer is faster.
    this.#around.clock.after(0, () => {
      if (this.#state.name === 'closed') this.#show({ ...this.#state, opening: true });
    });
    if (this.#visit !== null) void this.#knock(this.#visit);
    else if (this.#joining === null) this.#rejoin();
  }

  retry(): void {
    this.#tapped = false;
    this.#knocks = 0;
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
    signalling.onNotice = (notice) => this.#onNotice(notice);
    await this.#join(signalling);
  }

  async #join(signalling: Signalling): Promise<void> {
    this.#leaveChannel();
    const turn = Symbol('join');
    this.#joining = turn;
    try {
      this.#keys ??= await deriveLinkKeys(this.#secret, this.#roomId);
      const { joinKey } = this.#keys;
      const join = { version: PROTOCOL_VERSION, roomId: this.#roomId, joinKey: toBase64Url(joinKey) };
      const joined = await signalling.request('join', join);
      const hello = { language: this.#around.language, ...(this.#pass === null ? {} : { pass: this.#pass }) };
      const link = { id: this.#roomId, keys: this.#keys };
      const opening = openVisit(link, joined, hello, signalling, {
        waiting: (shortCode) =>
          this.#inRoom((room) => this.#state.name !== 'reading' && this.#show({ name: 'waiting', room, shortCode })),
        note: (message) => this.#onNote(message),
        wiped: ({ reason }) => this.#gone(reason),
        lost: () => {
          this.#hide('patient');
          this.#rejoin();
        },
        // This connection is given up, and nothing of it is shown.
        tampered: () => this.#gone('tampered'),
      });
      // The connection is begun before the page is drawn, which takes as long.
      this.#around.clock.after(0, () => {
        if (this.#joining === turn || this.#visit !== null) this.#learn(joined);
      });
      const visit = await opening;
      if (this.#joining !== turn) return visit.close();
      this.#joining = null;
      this.#visit = visit;
      if (this.#tapped) await this.#knock(visit);
    } catch (error) {
      if (this.#joining !== turn) return;
      this.#joining = null;
      if (error instanceof Refused) this.#onRefused(error.code);
      // A lost socket is noticed where it is watched; anything else is this browser failing to connect.
      else if (!(error instanceof Disconnected)) this.#gone('unreachable');
    }
  }

  #learn(joined: Reply<'join'>): void {
    const room = this.#room.learn(joined);
    if (!this.#tapped) this.#show({ name: 'closed', room, opening: false });
  }

  #onNote({ text, pass, leftMs }: SealedNote): void {
    // A composer of this room would send the pass that it gave; a forged one cannot know it.
    if (this.#pass !== null && this.#pass !== pass) return this.#gone('tampered');
    this.#pass = pass;
    this.#knocks = 0;
    this.#patience?.cancel();
    this.#room.seal(leftMs);
    this.#inRoom((room) => this.#show({ name: 'reading', room, note: text }));
  }

  async #knock(visit: Visit): Promise<void> {
    this.#knocks += 1;
    if (this.#knocks > MAX_KNOCKS) return this.#gone('unreachable');
    this.#waitAtMost(CHANNEL_MS, () => this.#gone('unreachable'));
    try {
      await visit.knock();
      // Without the doctor in between, the note itself is what is waited for.
      const { room } = this.#room;
      if (room === null || room.admission === 'link') return;
      this.#patience?.cancel();
      if (this.#state.name === 'closed') this.#show({ name: 'waiting', room, shortCode: null });
    } catch (error) {
      if (error instanceof Refused) this.#onRefused(error.code);
    }
  }

  #onNotice(notice: Notice): void {
    switch (notice.t) {
      case 'ended':
        return this.#gone(notice.reason, notice.agoMs);
      case 'declined':
        return this.#gone('declined');
      case 'interrupted':
        return this.#hide('doctor');
      case 'back':
        return this.#rejoin();
      case 'untapped':
        return this.#leaveChannel();
      case 'told':
        void this.#visit?.told(notice.box);
        return;
      case 'refused':
        return this.#onRefused(notice.code);
    }
  }

  #onRefused(code: Refusal): void {
    const meaning = meaningOf(code, this.#pass !== null);
    if ('over' in meaning) return this.#gone(meaning.over);
    if (meaning.wait === 'for-doctor') return this.#hide('doctor');
    if (meaning.wait === 'for-place') this.#around.clock.after(REJOIN_MS, () => this.#rejoin());
  }

  #rejoin(): void {
    if (this.#signalling !== null) void this.#join(this.#signalling);
  }

  /** The note leaves the screen until the connection is back; it leaves for good when that takes too long. */
  #hide(side: 'doctor' | 'patient'): void {
    this.#leaveChannel();
    this.#waitAtMost(HIDDEN_MS, () => this.#gone('lost'));
    if (this.#tapped) this.#inRoom((room) => this.#show({ name: 'interrupted', room, side }));
  }

  #inRoom(run: (room: RoomFacts) => void): void {
    if (this.#room.room !== null) run(this.#room.room);
  }

  #leaveChannel(): void {
    this.#joining = null;
    this.#visit?.close();
    this.#visit = null;
  }

  #waitAtMost(ms: number, run: () => void): void {
    this.#patience?.cancel();
    this.#patience = this.#around.clock.after(ms, run);
  }

  #onSecond(room: RoomFacts): void {
    if (room.leftMs === 0) this.#gone('expired');
    else if ('room' in this.#state) this.#show({ ...this.#state, room });
  }

  #gone(reason: GoneReason, agoMs = 0): void {
    const who = this.#room.room?.who ?? null;
    this.#forget();
    this.#show({ name: 'gone', reason, who, at: this.#around.clock.now() - agoMs });
  }

  /** Drops the note, the keys and the connection. The secret stays: it is in the address bar as well. */
  #forget(): void {
    this.#patience?.cancel();
    this.#leaveChannel();
    this.#keys?.psk.fill(0);
    this.#keys = null;
    this.#room.stop();
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
