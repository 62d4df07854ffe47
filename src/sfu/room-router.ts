import type { types } from 'mediasoup';
import { routerOptions } from '../../mediasoup-config/router.ts';
import type { TransportUse } from '../../mediasoup-config/webrtc-transport.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { createPeerTransport, type PeerTransport } from './peer-transport.ts';
import type { RelayUsers } from './relay-users.ts';

/** One room's router: its tabs connect here, and closing it closes everything that the room had. */
export interface RoomRouter {
  /**
   * The server's end for one tab. Rejects with Refused `not-open` when the router closes meanwhile.
   *
   * @param network of a reader, as `src/limits` tells networks apart; null for the composer
   */
  openTransport(network: string | null, use?: TransportUse): Promise<PeerTransport>;
  /** Called once when the router is closed or its worker died. */
  onClose(run: (cause: 'closed' | 'lost') => void): void;
  close(): void;
  /** The worker died: nothing is left to close. */
  lost(): void;
}

export async function createRoomRouter(
  worker: types.Worker,
  server: types.WebRtcServer,
  users: RelayUsers,
  config: Config,
  { clock, metrics }: { clock: Clock; metrics: Metrics },
): Promise<RoomRouter> {
  const router = await worker.createRouter(routerOptions());
  const listeners: ((cause: 'closed' | 'lost') => void)[] = [];
  let over = false;
  /**
   * They are closed one by one, before the router: mediasoup's WebRTC server holds on to every transport that only its
   * router's closing has closed, 65 kB each, for as long as the process lives (3.27).
   */
  const transports = new Set<types.Transport>();
  router.observer.on('newtransport', (transport) => {
    transports.add(transport);
    transport.observer.once('close', () => transports.delete(transport));
  });

  function finish(cause: 'closed' | 'lost'): void {
    if (over) return;
    over = true;
    for (const run of listeners) run(cause);
  }

  return {
    openTransport(network, use) {
      const user = network === null ? users.composer() : users.reader(network);
      const side = network === null ? 'composer' : 'reader';
      const onConnected = (seconds: number) => metrics.observe('glir_connection_setup_seconds', { side }, seconds);
      return createPeerTransport(router, server, user, config, clock, onConnected, use);
    },
    onClose: (run) => void listeners.push(run),
    close() {
      for (const transport of transports) transport.close();
      router.close();
      finish('closed');
    },
    lost: () => finish('lost'),
  };
}
