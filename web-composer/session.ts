import { randomBytes, utf8 } from '../src/protocol/bytes.ts';
import { deriveLinkKeys, joinHashOf } from '../src/protocol/crypto/keys.ts';
import { noteLink, SECRET_BYTES } from '../src/protocol/link.ts';
import type { Reply } from '../src/protocol/messages.ts';
import { Refused } from '../src/protocol/refused.ts';
import { type EndReason, LIMITS, PROTOCOL_VERSION } from '../src/protocol/terms.ts';
import { atMost, type PageClock, type Timer } from '../web-shared/clock.ts';
import { Disconnected, type Notice, type Signalling } from '../web-shared/signalling.ts';
import { signallingUrl, stayConnected } from '../web-shared/stay-connected.ts';
import { openComposerTransport } from '../web-shared/transport.ts';
import { Readers } from './readers.ts';
import { rehearse } from './rehearsal.ts';
import { opened, type Room } from './room.ts';
import type { ComposerActions, ComposerState, Policy } from './state.ts';

/** How long the end waits for pages to be told, and then for the server. */
const END_WAIT_MS = 500;

interface Surroundings {
  /** Origin of this page, which is also the note link's. */
  origin: string;
  clock: PageClock;
  onState(state: ComposerState): void;
}

/** The doctor's tab: the only place where the note lives. */
export class ComposerSession implements ComposerActions {
  readonly #around: Surroundings;
  readonly #ticket: string;
  #state: ComposerState = { name: 'loading' };
  #note = '';
  #policy: Policy | null = null;
  #room: Room | null = null;
  #signalling: Signalling | null = null;
  #connection: { stop(): void } | null = null;
  #tick: Timer | null = null;

  constructor(ticket: string, around: Surroundings) {
    this.#ticket = ticket;
    this.#around = around;
  }

  start(): void {
    const { origin, clock } = this.#around;
    this.#connection = stayConnected(signallingUrl(origin), clock, {
      up: (signalling) => void this.#connected(signalling),
      down: () => this.#disconnected(),
      gaveUp: () => (this.#room === null ? this.#refused('unreachable') : this.#over('lost')),
    });
  }

  /** The tab closes or reloads: the note goes with it. */
  leave(): void {
    this.#signalling?.say({ t: 'leave' });
    this.#over('left');
  }

  /** Whether closing the tab would lose something. */
  get wouldLose(): boolean {
    return this.#state.name === 'open' || (this.#state.name === 'writing' && this.#note !== '');
  }

  write(note: string): void {
    if (this.#state.name !== 'writing') return;
    this.#note = note;
    this.#show({ ...this.#state, noteBytes: utf8(note).length, problem: null });
  }

  choose(policy: Partial<Policy>): void {
    if (this.#state.name !== 'writing' || this.#policy === null) return;
    this.#policy = { ...this.#policy, ...policy };
    this.#show({ ...this.#state, policy: this.#policy });
  }

  share(): void {
    void this.#share();
  }

  admit(readerId: string): void {
    this.#room?.readers.admit(readerId).then(
      () => this.#notice(null),
      (error: unknown) => this.#notice(error instanceof Refused && error.code === 'room-full' ? 'room-full' : null),
    );
  }

  refuse(readerId: string): void {
    void this.#room?.readers.refuse(readerId);
  }

  destroy(): void {
    void this.#destroy();
  }

  async #connected(signalling: Signalling): Promise<void> {
    this.#signalling = signalling;
    signalling.onNotice = (notice) => void this.#onNotice(notice);
    try {
      const version = PROTOCOL_VERSION;
      const joined =
        this.#room === null
          ? await signalling.request('compose', { version, ticket: this.#ticket })
          : await signalling.request('resume', { version, owner: this.#room.owner });
      const room = this.#room ?? (await this.#seat(joined));
      room.owner = joined.owner;
      const transport = await openComposerTransport(joined.transport, signalling, () => signalling.close());
      await room.readers.connect(signalling, transport);
      if (this.#state.name === 'open') this.#show({ ...this.#state, interrupted: false });
    } catch (error) {
      this.#onFailure(error, signalling);
    }
  }

  #onFailure(error: unknown, signalling: Signalling): void {
    // A lost socket is noticed where it is watched.
    if (error instanceof Disconnected) return;
    const code = error instanceof Refused ? error.code : null;
    if (this.#room === null) return this.#refused(code ?? 'no-webrtc');
    // The server is there but cannot serve yet, as after a lost worker: the note waits, and the page tries again.
    if (code === 'unavailable') return signalling.close();
    if (code !== null) return this.#over('lost');
    if (this.#state.name === 'writing') return this.#refused('no-webrtc');
    signalling.close();
  }

  async #seat(joined: Reply<'compose'>): Promise<Room> {
    const { roomId, displayName, policy, limits } = joined;
    const secret = randomBytes(SECRET_BYTES);
    const keys = await deriveLinkKeys(secret, roomId);
    const link = noteLink(this.#around.origin, roomId, secret);
    const readers = new Readers({
      roomId,
      keys,
      admission: () => this.#policy?.admission ?? 'ask',
      note: () => this.#note,
      leftMs: () => Math.max(0, (this.#room?.until ?? 0) - this.#around.clock.now()),
      now: () => this.#around.clock.now(),
      changed: () => this.#refresh(),
    });
    this.#policy = policy;
    this.#room = { id: roomId, keys, link, owner: joined.owner, displayName, readers, until: null };
    this.#show({ name: 'writing', policy, limits, displayName, noteBytes: 0, sharing: false, problem: null });
    return this.#room;
  }

  #disconnected(): void {
    this.#signalling = null;
    this.#room?.readers.disconnect();
    if (this.#state.name === 'open') this.#show({ ...this.#state, interrupted: true });
  }

  async #share(): Promise<void> {
    const [state, room, policy] = [this.#state, this.#room, this.#policy];
    if (state.name !== 'writing' || state.sharing || room === null || policy === null) return;
    if (this.#note === '') return this.#show({ ...state, problem: 'empty' });
    if (state.noteBytes > LIMITS.noteBytes) return this.#show({ ...state, problem: 'too-long' });
    if (this.#signalling === null) return this.#show({ ...state, problem: 'unreachable' });
    this.#show({ ...state, sharing: true, problem: null });
    try {
      const joinHash = await joinHashOf(room.keys.joinKey);
      const { owner, leftMs } = await this.#signalling.request('share', { joinHash, policy });
      room.owner = owner;
      // The doctor's choice is the limit, whatever the server answers.
      const ownMs = Math.min(leftMs, policy.expirySeconds * 1000);
      room.until = this.#around.clock.now() + ownMs;
      this.#show(opened(room, policy, ownMs));
      this.#runClock();
      await rehearse();
    } catch {
      if (this.#state.name === 'writing') this.#show({ ...this.#state, sharing: false, problem: 'unreachable' });
    }
  }

  async #destroy(): Promise<void> {
    const [room, signalling] = [this.#room, this.#signalling];
    if (room === null || this.#state.name === 'over') return;
    this.#note = '';
    // A stream that never opened, or a server that does not answer, must not keep this room open.
    await atMost(this.#around.clock, END_WAIT_MS, room.readers.wipe('revoked'));
    // While cut off there is nobody to tell: the server ends the room when the grace is over.
    const told = signalling?.request('end', {}).catch(() => undefined) ?? Promise.resolve();
    await atMost(this.#around.clock, END_WAIT_MS, told);
    this.#over('revoked');
  }

  async #onNotice(notice: Notice): Promise<void> {
    if (notice.t === 'ended') return this.#over(notice.reason, notice.agoMs);
    if (notice.t === 'decided')
      return notice.decision === 'admit' ? this.admit(notice.readerId) : this.refuse(notice.readerId);
    // A version that this page does not know ends in `refused`; other refusals are about messages nobody waits for.
    await this.#room?.readers.onNotice(notice);
  }

  #runClock(): void {
    this.#tick = this.#around.clock.after(1000, () => {
      const room = this.#room;
      if (room?.until == null || this.#state.name !== 'open') return;
      const leftMs = Math.max(0, room.until - this.#around.clock.now());
      if (leftMs === 0) return void this.#expire();
      this.#show({ ...this.#state, leftMs });
      this.#runClock();
    });
  }

  async #expire(): Promise<void> {
    await atMost(this.#around.clock, END_WAIT_MS, this.#room?.readers.wipe('expired') ?? Promise.resolve());
    this.#over('expired');
  }

  #notice(notice: 'room-full' | null): void {
    if (this.#state.name === 'open' && this.#state.notice !== notice) this.#show({ ...this.#state, notice });
  }

  #refresh(): void {
    if (this.#state.name === 'open') this.#show({ ...this.#state, readers: this.#room?.readers.rows ?? [] });
  }

  #over(reason: EndReason, agoMs = 0): void {
    if (this.#state.name === 'over' || this.#state.name === 'refused') return;
    const readBy = this.#room?.readers.readBy ?? 0;
    this.#forget();
    this.#show({ name: 'over', reason, at: this.#around.clock.now() - agoMs, readBy });
  }

  #refused(code: Extract<ComposerState, { name: 'refused' }>['code']): void {
    this.#forget();
    this.#show({ name: 'refused', code });
  }

  /** Drops the note, the keys and the connection. */
  #forget(): void {
    this.#note = '';
    this.#tick?.cancel();
    this.#room?.keys.psk.fill(0);
    this.#room?.readers.disconnect();
    this.#room = null;
    this.#signalling = null;
    this.#connection?.stop();
  }

  #show(state: ComposerState): void {
    this.#state = state;
    this.#around.onState(state);
  }
}
