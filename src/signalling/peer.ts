import type { WebSocket } from 'ws';
import type { ForwardedSocket } from '../cluster/cluster.ts';
import { SOCKET_LIMITS } from '../limits/socket-limits.ts';
import type { ServerMessage } from '../protocol/messages.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';

/** WebSocket close codes (RFC 6455, section 7.4.1) that GLIR uses. */
export const CLOSE = { done: 1000, goingAway: 1001, policy: 1008, restart: 1012 } as const;

/** One socket's other side: nobody yet, a room's composer, or somebody who showed a room's join key. */
export type Role =
  | { name: 'unauthenticated' }
  | { name: 'composer'; roomId: string; transport: PeerTransport }
  | { name: 'receiver'; roomId: string; readerId: string | null };

/** What a peer needs of its socket. */
export type Wire = Pick<WebSocket, 'readyState' | 'OPEN' | 'bufferedAmount' | 'send' | 'close' | 'terminate'>;

/** One signalling socket. */
export class Peer {
  role: Role = { name: 'unauthenticated' };
  /** The way to the node that hosts the room of this reader; null for everybody whose room is here, or nowhere. */
  host: ForwardedSocket | null = null;
  /** Where it comes from, as `src/limits` tells networks apart. */
  readonly network: string;
  /** Whether another node passes on what somebody says, whose limits that node watches over. */
  readonly isForwarded: boolean;
  /** Takes a place among the sockets of doctors or readers, for as long as the socket is one; false when there is none. */
  takePlace: (as: 'composer' | 'reader') => boolean = () => true;
  /** Makes this socket that of a reader who joined before it was there; false when the token stands for none. */
  attach: (token: string) => boolean = () => false;
  /** Keeps this reader for its socket, for another node where the join arrived before that. */
  hold: ((token: string) => void) | null = null;
  /** The token under which a host is to keep this reader; null for everybody who has a socket. */
  readonly holdToken: string | null;
  readonly #socket: Wire;
  #answering = false;
  #closeCode: number | null = null;

  constructor(
    socket: Wire,
    network: string,
    { isForwarded = false, holdToken = null }: { isForwarded?: boolean; holdToken?: string | null } = {},
  ) {
    this.holdToken = holdToken;
    this.#socket = socket;
    this.network = network;
    this.isForwarded = isForwarded;
  }

  /**
   * Sends a message; one that the socket can no longer take is dropped, because its close is handled elsewhere. A page
   * reads at once: somebody who does not is cut off, rather than waited for with more and more to be sent.
   */
  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  /** The same with a message that another node has written. */
  sendText(message: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > SOCKET_LIMITS.unreadBytes) return this.#socket.terminate();
    this.#socket.send(message);
  }

  /** Bytes that wait to be read by the other side. */
  get unreadBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Whether nothing more is to be done for this socket. */
  get closing(): boolean {
    return this.#closeCode !== null || this.#socket.readyState !== this.#socket.OPEN;
  }

  /** Closes the socket, after the answer to the request that is being worked on. */
  close(code: number): void {
    this.#closeCode ??= code;
    if (!this.#answering) this.#socket.close(this.#closeCode);
  }

  /** Works on one request, which sends its answer itself: a request may end its own room and is still answered. */
  async answering(work: () => Promise<void>): Promise<void> {
    this.#answering = true;
    try {
      await work();
    } finally {
      this.#answering = false;
      if (this.#closeCode !== null) this.#socket.close(this.#closeCode);
    }
  }
}
