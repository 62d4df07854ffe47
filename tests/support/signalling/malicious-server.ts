/**
 * A server in one process with both pages' sessions, which breaks every rule that a test tells it to break. Sockets are
 * plain calls, streams are `malicious-sfu.ts`, and time stands still until the test lets it pass.
 */
import { expect } from 'vitest';
import { type Bytes, randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import type { Admission } from '../../../src/protocol/constants.ts';
import type { Prekey } from '../../../src/protocol/crypto/handshake.ts';
import { parseNoteLink } from '../../../src/protocol/link.ts';
import type { ClientMessage, Reply, ServerMessage, TransportInfo } from '../../../src/protocol/messages.ts';
import { ComposerSession } from '../../../web-composer/session/composer-session.ts';
import type { ComposerState } from '../../../web-composer/session/state.ts';
import type { KeptReader } from '../../../web-receiver/session/note-address.ts';
import { ReceiverSession } from '../../../web-receiver/session/receiver-session.ts';
import type { ReceiverState } from '../../../web-receiver/session/state.ts';
import { standingClock } from '../server/movable-clock.ts';
import { carryFrames, deliver } from './malicious-sfu.ts';

const ORIGIN = 'https://clinic.example';
export const DOCTOR = 'Dr Anna Rossi';
const HOUR_MS = 3_600_000;

const newId = () => toBase64Url(randomBytes(16));

const TRANSPORT: TransportInfo = {
  id: 't',
  iceParameters: { usernameFragment: 'u', password: 'p' },
  iceCandidates: [],
  dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AB' }] },
  sctpParameters: { port: 5000, maxSendMessageSize: 262_144, maxReceiveMessageSize: 262_144 },
  iceServers: [],
  iceTransportPolicy: 'all',
};

type Say = ServerMessage | { t: 'heartbeat' };
/** What becomes of a message on its way: another one, several, or none. */
type Alter<Message> = (message: Message) => Message | Message[] | null;

/** One reader's page at the server's end. */
interface Seat {
  readerId: string;
  /** Stream and offer. */
  prekeyId: string;
  socket: PageSocket;
}

/** What the server does that it should not; each part passes everything on unless a test replaces it. */
interface Misdeeds {
  fromComposer: Alter<ClientMessage>;
  fromReader: Alter<ClientMessage>;
  toComposer: Alter<Say>;
  toReader: Alter<Say>;
  frame(frame: Bytes, streamId: string): Bytes | Bytes[] | null;
  /** What a reader is told when it joins. */
  join(reply: Reply<'join'>): Reply<'join'>;
}

/** The browser's WebSocket, as far as the pages use it. */
class PageSocket extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  static server: { accept(socket: PageSocket): void; hear(socket: PageSocket, message: ClientMessage): void };

  constructor(_url: string) {
    super();
    queueMicrotask(() => {
      this.readyState = PageSocket.OPEN;
      PageSocket.server.accept(this);
      this.dispatchEvent(new Event('open'));
    });
  }

  send(text: string): void {
    PageSocket.server.hear(this, JSON.parse(text));
  }

  /** Something from the server. */
  get(message: Say): void {
    const data = JSON.stringify(message);
    if (this.readyState === PageSocket.OPEN) this.dispatchEvent(new MessageEvent('message', { data }));
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => this.dispatchEvent(new Event('close')));
  }
}

interface Choice {
  admission?: Admission;
  pin?: string;
  maxReaders?: number;
  expirySeconds?: number;
}

interface Page<Session, State> {
  session: Session;
  states: State[];
  /** The state that its screen shows. */
  readonly now: State | undefined;
}

/** Starts the server. */
export function maliciousServer() {
  const clock = standingClock();
  const roomId = newId();
  const sockets = new Set<PageSocket>();
  const prekeys: { prekeyId: string; prekey: Prekey }[] = [];
  const seats: Seat[] = [];
  const traffic: unknown[] = [];
  let composer: PageSocket | null = null;
  let admission: Admission = 'ask';
  let untilMs = 0;
  const misdeeds: Misdeeds = {
    fromComposer: (message) => message,
    fromReader: (message) => message,
    toComposer: (message) => message,
    toReader: (message) => message,
    frame: (frame) => frame,
    join: (reply) => reply,
  };

  const each = <Message>(altered: Message | Message[] | null): Message[] => {
    if (altered === null) return [];
    return Array.isArray(altered) ? altered : [altered];
  };
  const toComposer = (message: Say) => {
    for (const one of each(misdeeds.toComposer(message))) composer?.get(one);
  };
  const toReader = (socket: PageSocket, message: Say) => {
    for (const one of each(misdeeds.toReader(message))) socket.get(one);
  };

  carryFrames((streamId, frame) => {
    traffic.push(frame);
    for (const one of each(misdeeds.frame(frame, streamId))) deliver(streamId, one);
  });

  function joined(socket: PageSocket): Reply<'join'> | null {
    const next = prekeys.shift();
    if (next === undefined) return null;
    const { prekeyId, prekey } = next;
    const readerId = newId();
    seats.push({ readerId, prekeyId, socket });
    toComposer({ t: 'prekey-taken', prekeyId });
    const leftMs = untilMs - clock.now();
    const stream = { id: prekeyId, dataProducerId: prekeyId, label: 'note', protocol: '' };
    const channel = { ...stream, sctpStreamParameters: { streamId: 1 } };
    const room = { who: DOCTOR, phone: null, admission, leftMs, totalMs: HOUR_MS };
    return misdeeds.join({ readerId, ...room, prekey, transport: TRANSPORT, channel });
  }

  function answerComposer(socket: PageSocket, message: ClientMessage): unknown {
    switch (message.t) {
      case 'compose':
      case 'resume':
        composer = socket;
        return composing();
      case 'share':
        ({ admission } = message.policy);
        untilMs = clock.now() + message.policy.expirySeconds * 1000;
        return {
          ownerToken: 'o',
          policy: message.policy,
          leftMs: untilMs - clock.now(),
          totalMs: untilMs - clock.now(),
        };
      case 'extend': {
        const policy = { expirySeconds: message.totalSeconds, admission, maxReaders: 3, showName: true };
        untilMs = clock.now() + message.totalSeconds * 1000;
        return { ownerToken: 'o', policy, leftMs: untilMs - clock.now(), totalMs: message.totalSeconds * 1000 };
      }
      case 'prekey': {
        const prekeyId = newId();
        prekeys.push({ prekeyId, prekey: message.prekey });
        return { prekeyId };
      }
      case 'refuse':
        return toSeat(message.readerId, { t: 'declined' });
      case 'sealed':
        return toSeat(message.readerId, { t: 'sealed', ciphertext: message.ciphertext });
      case 'end':
        for (const page of new Set(seats.map((seat) => seat.socket))) toReader(page, ended(message.reason));
        return {};
      default:
        return {};
    }
  }

  function answerReader(socket: PageSocket, message: ClientMessage): unknown {
    if (message.t === 'join') return joined(socket) ?? 'no-prekey';
    const seat = seats.findLast((one) => one.socket === socket);
    if (seat === undefined) return 'not-allowed';
    const { readerId, prekeyId } = seat;
    if (message.t === 'knock')
      toComposer({ t: 'knocked', readerId, prekeyId, enc: message.enc, ciphertext: message.ciphertext });
    if (message.t === 'sealed') toComposer({ t: 'sealed', readerId, ciphertext: message.ciphertext });
    return {};
  }

  function composing(): unknown {
    const policy = { expirySeconds: 3600, admission, maxReaders: 3, showName: true };
    const limits = { expiryMaxSeconds: 3600, maxReaders: 20, admissions: ['ask', 'pin', 'link'] };
    return {
      roomId,
      ownerToken: 'o',
      displayName: DOCTOR,
      policy,
      isChosen: false,
      limits,
      files: { fileBytes: 1_000_000, totalBytes: 2_000_000 },
      leftMs: null,
      transport: TRANSPORT,
    };
  }

  function toSeat(readerId: string | undefined, message: Say): unknown {
    const seat = seats.find((one) => one.readerId === readerId);
    if (seat !== undefined) toReader(seat.socket, message);
    return {};
  }

  function reply(socket: PageSocket, id: number, data: unknown): void {
    if (data === 'no-prekey' || data === 'not-allowed') toReader(socket, { t: 'refused', id, code: data });
    else if (socket === composer) toComposer({ t: 'reply', id, data });
    else toReader(socket, { t: 'reply', id, data });
  }

  const ended = (reason: 'revoked' | 'locked') => ({ t: 'ended', reason, agoMs: 0, phone: null }) as const;

  PageSocket.server = {
    accept: (socket) => void sockets.add(socket),
    hear(socket, said) {
      traffic.push(said);
      const isComposers = said.t === 'compose' || said.t === 'resume' || socket === composer;
      for (const message of each(isComposers ? misdeeds.fromComposer(said) : misdeeds.fromReader(said))) {
        const data = isComposers ? answerComposer(socket, message) : answerReader(socket, message);
        if ('id' in message) reply(socket, message.id, data);
      }
    },
  };
  const nothing = () => undefined;
  Object.assign(globalThis, { WebSocket: PageSocket, addEventListener: nothing, removeEventListener: nothing });

  function page<Session, State>(make: (onState: (state: State) => void) => Session): Page<Session, State> {
    const states: State[] = [];
    const session = make((state) => void states.push(state));
    return {
      session,
      states,
      get now() {
        return states.at(-1);
      },
    };
  }

  return {
    clock,
    misdeeds,
    seats,
    prekeys,
    /** Everything that passed the server. */
    traffic,
    toComposer,
    /** Says something to the reader of this number, from 0; the last connection of its page counts. */
    toReader: (number: number, message: Say) => seats[number]?.socket.get(message),

    /** Lets time pass, with the beats of a server that is there; what the pages send each other meanwhile arrives. */
    async advance(ms: number): Promise<void> {
      await settle();
      for (let passed = 0; passed < ms; passed += 1000) {
        clock.advance(1000);
        for (const socket of sockets) socket.get({ t: 'heartbeat' });
        await settle();
      }
    },

    /** A doctor's page with an open note. */
    async doctor(note: string, choice: Choice = {}) {
      const { pin, ...policy } = choice;
      const ticket = toBase64Url(randomBytes(32));
      const doctor = page<ComposerSession, ComposerState>(
        (onState) => new ComposerSession({ ticket }, { origin: ORIGIN, clock, onState }),
      );
      doctor.session.start(true);
      await expect.poll(() => doctor.now?.name).toBe('writing');
      doctor.session.choosePolicy(policy);
      if (pin !== undefined) doctor.session.setPin(pin);
      doctor.session.write(note);
      await doctor.session.share();
      await expect.poll(() => prekeys.length).toBeGreaterThan(1);
      const link = doctor.now?.name === 'open' ? doctor.now.link : '';
      return {
        ...doctor,
        link,
        get now() {
          return doctor.now;
        },
        /** What the doctor is alerted to. */
        get alert() {
          return doctor.now?.name === 'open' ? doctor.now.alert : undefined;
        },
        get rows() {
          return doctor.now?.name === 'open' ? doctor.now.readers : [];
        },
        /** Admits the only reader who waits, as soon as there is one. */
        async admits() {
          const waiting = () => this.rows.filter(({ state }) => state === 'waiting');
          await expect.poll(() => waiting().length).toBe(1);
          doctor.session.admit(waiting()[0]?.id ?? '');
        },
      };
    },

    /** A patient's page that follows the link; before the tap. */
    /** @param keptReader what an earlier page of that patient kept for its reload */
    async patient(link: string, keptReader: KeptReader | null = null) {
      const { pathname, hash } = new URL(link);
      const parts = parseNoteLink(pathname, hash);
      if (parts === null) throw new Error('no note link');
      let kept = keptReader;
      const keepReader = (reader: KeptReader | null) => {
        kept = reader;
      };
      const patient = page<ReceiverSession, ReceiverState>(
        (onState) =>
          new ReceiverSession(parts, { origin: ORIGIN, language: 'en', clock, keptReader, keepReader, onState }),
      );
      patient.session.start();
      await expect
        .poll(() => {
          clock.advance(0);
          return patient.now?.name;
        })
        .toBe('closed');
      return {
        session: patient.session,
        states: patient.states,
        get now() {
          return patient.now;
        },
        get kept() {
          return kept;
        },
      };
    },
  };
}

/** Fulfilled when the pages have dealt with all that is under way: a few turns of the threads that encrypt. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await crypto.subtle.digest('SHA-256', new Uint8Array(1));
}
