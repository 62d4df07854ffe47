import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { AddressLimits } from '../limits/address-limits.ts';
import type { Networks } from '../limits/client-network.ts';
import { SOCKET_LIMITS } from '../limits/socket-limits.ts';
import { createTokenBucket } from '../limits/token-bucket.ts';
import { LIMITS } from '../protocol/constants.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import { createDispatcher } from './dispatcher.ts';
import { createEarlyJoins, type EarlyJoins, HeldWire } from './early-joins.ts';
import { CLOSE, Peer } from './peer.ts';
import { createSocketPlaces, type SocketPlaces } from './socket-places.ts';

/** The path of the signalling. */
export const SOCKET_PATH = '/signal';
const BUSY_SECONDS = 5;
/** How long the close frame has to arrive, for somebody of whom nothing more is read. */
const CLOSE_FRAME_MS = 500;

const SOCKET_OPTIONS = {
  noServer: true,
  maxPayload: LIMITS.signalBytes,
  perMessageDeflate: false,
  // Each piece of a message takes memory beside its bytes, so that many small ones are worse than a large one.
  maxFragments: 256,
  maxBufferedChunks: 1_024,
  closeTimeout: 5_000,
  // A ping is answered like a message, and counts like one.
  autoPong: false,
} as const;

/** The signalling's end at the server. */
export interface SocketServer {
  /** Whether a request is one for a signalling socket; any other is none of its concern, whatever it asks to become. */
  takes(request: IncomingMessage): boolean;
  /** Joins a reader whose socket is not there yet. */
  readonly joinEarly: EarlyJoins['join'];
  /** Closes every socket with a close frame, and at once those that do not answer. */
  close(): Promise<void>;
}

/** Answers with an HTTP status instead of a socket, and ends the connection. */
type Refuse = (socket: Duplex, status: number, headers?: Readonly<Record<string, string>>) => void;

/** An open socket. */
interface Connection {
  /** Another one once the socket took over a reader who had joined before. */
  peer: Peer;
  /** Heartbeats that it has left unanswered: counted, not timed, so that a paused process cuts nobody off. */
  unanswered: number;
  /** Heartbeats that it was there without having shown a ticket, a link or an owner token. */
  unauthenticatedBeats: number;
}

/**
 * Takes WebSocket connections on `/signal` from our own pages only: another site's page has another Origin and gets 403.
 */
export function attachSocketServer(
  http: Server,
  connectedRooms: ConnectedRooms,
  isOwnOrigin: (origin: string) => boolean,
  {
    limits,
    networks,
    refuse,
    onForeignOrigin,
  }: {
    limits: AddressLimits;
    networks: Networks;
    refuse: Refuse;
    /** Hears of requests that are refused for their Origin. */
    onForeignOrigin: (request: IncomingMessage) => void;
  },
): SocketServer {
  const { clock } = connectedRooms;
  const dispatcher = createDispatcher(connectedRooms, limits);
  const earlyJoins = createEarlyJoins(dispatcher, limits, clock);
  const sockets = new WebSocketServer(SOCKET_OPTIONS);
  const connections = new Map<WebSocket, Connection>();
  let closing = false;
  connectedRooms.cluster.onForwarded(serveForwarded);

  http.on('upgrade', onUpgrade);
  // What is no handshake: ws would answer it in its own way.
  sockets.on('wsClientError', (_error, socket) => refuse(socket, 400, { 'Sec-WebSocket-Version': '13' }));

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const network = networks.of(request);
    void limits.request(network).then((excess) => {
      // It would not tell any more that it closes.
      if (socket.destroyed) return;
      if (excess !== null) return tooMany(socket, excess.waitSeconds);
      admit(request, socket, head, network);
    });
  }

  function admit(request: IncomingMessage, socket: Duplex, head: Buffer, network: string): void {
    if (!isOwnOrigin(request.headers.origin ?? '')) {
      onForeignOrigin(request);
      return refuse(socket, 403);
    }
    if (closing) return refuse(socket, 503);
    if (!limits.sockets.hasPlace(network)) return tooMany(socket, BUSY_SECONDS);
    const places = createSocketPlaces(limits, network, () => socket.destroy());
    if (places === null) return tooMany(socket, BUSY_SECONDS);
    socket.once('close', places.leave);
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, network, places));
  }

  function tooMany(socket: Duplex, waitSeconds: number): void {
    refuse(socket, 429, { 'Retry-After': String(waitSeconds) });
  }

  function serve(socket: WebSocket, network: string, places: SocketPlaces): void {
    const newcomer = new Peer(socket, network);
    newcomer.takePlace = places.take;
    newcomer.attach = attach;
    const connection: Connection = { peer: newcomer, unanswered: 0, unauthenticatedBeats: 0 };
    const mayGoOn = createTokenBucket(clock, SOCKET_LIMITS.rate);
    // One message at a time: what a socket asks for later never overtakes what it asked for first.
    let queue: Promise<void> = Promise.resolve();
    let cut = false;
    connections.set(socket, connection);

    /** The reader's place is this socket's from now on, which may come from another network. */
    function attach(token: string): boolean {
      const early = earlyJoins.take(token);
      if (early === null) return false;
      const { peer } = early;
      early.places.leave();
      connection.peer = peer;
      early.wire.attach(socket);
      peer.takePlace = places.take;
      if (!places.take('reader')) tooOften();
      return true;
    }

    /** What somebody still sends who is being closed for what they sent would keep the server busy for seconds. */
    function readNoMore(): void {
      cut = true;
      setImmediate(() => socket.pause());
      clock.after(CLOSE_FRAME_MS, () => socket.terminate());
    }
    function tooOften(): void {
      const { peer } = connection;
      peer.send({ t: 'refused', code: 'too-often' });
      peer.close(CLOSE.policy);
      readNoMore();
    }
    async function answer(text: string): Promise<void> {
      if (cut) return;
      const { peer } = connection;
      if (isUnauthenticated(peer) && (await limits.request(network)) !== null) return tooOften();
      await peer.answering(() => dispatcher.dispatch(peer, text));
      if (isUnauthenticated(connection.peer)) places.giveBack();
    }

    socket.on('pong', () => {
      connection.unanswered = 0;
      if (!connection.peer.closing && !mayGoOn()) tooOften();
    });
    socket.on('ping', (data: Buffer) => {
      if (connection.peer.closing) return;
      if (!mayGoOn()) return tooOften();
      socket.pong(data);
    });
    socket.on('message', (data: RawData, binary: boolean) => {
      // Somebody who does not answer the close frame could go on sending for a while.
      if (connection.peer.closing) return;
      const bytes = Buffer.isBuffer(data) ? data.length : LIMITS.signalBytes;
      if (!mayGoOn(1 + Math.floor(bytes / SOCKET_LIMITS.costBytes))) return tooOften();
      const text = binary ? '' : data.toString();
      queue = queue.then(() => answer(text));
    });
    // ws closes with 1009 by itself when a message is too large; without a listener its error would end the process.
    socket.on('error', readNoMore);
    socket.on('close', (code) => {
      connections.delete(socket);
      queue = queue.then(() => dispatcher.closed(connection.peer, code === CLOSE.goingAway));
    });
  }

  /** A reader whose socket another node has, with its limits and heartbeats; or one whose socket is not there yet. */
  function serveForwarded(socket: WebSocket, network: string): void {
    let wire = new HeldWire();
    wire.attach(socket);
    let peer = new Peer(wire, network, { isForwarded: true });
    const held = { peer, wire };
    peer.hold = (token) => earlyJoins.hold(token, held.peer, held.wire);
    peer.attach = (token) => {
      const early = earlyJoins.take(token);
      if (early === null) return false;
      ({ peer, wire } = early);
      early.places.leave();
      wire.attach(socket);
      return true;
    };
    let queue: Promise<void> = Promise.resolve();
    socket.on('message', (data: RawData, binary: boolean) => {
      const text = binary ? '' : data.toString();
      queue = queue.then(() => {
        const current = peer;
        return current.closing ? undefined : current.answering(() => dispatcher.dispatch(current, text));
      });
    });
    socket.on('close', () => {
      queue = queue.then(() => {
        // Its own socket may have come by now, from wherever.
        if (!wire.isOn(socket)) return undefined;
        if (!earlyJoins.isHeld(peer)) return dispatcher.closed(peer, false);
        wire.detach();
        return undefined;
      });
    });
  }

  function heartbeat(): void {
    for (const [socket, connection] of connections) {
      const { peer } = connection;
      connection.unauthenticatedBeats = isUnauthenticated(peer) ? connection.unauthenticatedBeats + 1 : 0;
      if (connection.unanswered >= SOCKET_LIMITS.unansweredBeats) {
        socket.terminate();
      } else if (connection.unauthenticatedBeats > SOCKET_LIMITS.unauthenticatedBeats) {
        peer.close(CLOSE.policy);
      } else {
        connection.unanswered += 1;
        socket.ping();
        peer.send({ t: 'heartbeat' });
      }
    }
    timer = clock.after(LIMITS.heartbeatSeconds * 1000, heartbeat);
  }
  let timer = clock.after(LIMITS.heartbeatSeconds * 1000, heartbeat);

  return {
    joinEarly: earlyJoins.join,
    takes({ method, url, headers }) {
      // Compared as it is: a target such as `//` is no URL, and must not end the process.
      const isOurs = method === 'GET' && url?.split('?')[0] === SOCKET_PATH;
      return isOurs && headers.upgrade?.toLowerCase() === 'websocket' && !closing;
    },
    async close() {
      closing = true;
      timer.cancel();
      http.off('upgrade', onUpgrade);
      await earlyJoins.close();
      for (const socket of connections.keys()) socket.close(CLOSE.restart);
      const patience = clock.after(500, () => {
        for (const socket of connections.keys()) socket.terminate();
      });
      await new Promise((resolve) => sockets.close(resolve));
      patience.cancel();
    },
  };
}

function isUnauthenticated({ role }: Peer): boolean {
  return role.name === 'unauthenticated';
}
