import { observer, type types } from 'mediasoup';
import type { RoomEvent, RoomService } from '../../../src/rooms/room-service.ts';

/** A stream to a reader that began to flow, and the server's transports that go with it. */
interface Flow {
  consumerId: string;
  routerId: string;
}

/** Watches the server from inside: which streams flow, and which rooms live. Sees everything, and changes nothing. */
export interface Witness {
  readonly flows: Flow[];
  /** The router that a tab's transport is on. */
  readonly routerOf: ReadonlyMap<string, string>;
  readonly wrong: string[];
  /** Rooms that are not over. */
  live(): number;
  ended(): number;
  watch(rooms: RoomService): void;
}

/** To be called before the server starts. */
export function witness(): Witness {
  const flows: Flow[] = [];
  const routerOf = new Map<string, string>();
  const wrong: string[] = [];
  const live = new Set<string>();
  const over = new Set<string>();

  observer.on('newworker', (worker) => worker.observer.on('newrouter', watchRouter));

  function watchRouter(router: types.Router): void {
    router.observer.on('newtransport', (transport) => {
      routerOf.set(transport.id, router.id);
      transport.observer.once('close', () => routerOf.delete(transport.id));
      transport.observer.on('newdataconsumer', (consumer) => {
        if (!consumer.paused) wrong.push('a channel did not start paused');
        consumer.observer.on('resume', () => flows.push({ consumerId: consumer.id, routerId: router.id }));
      });
    });
  }

  function hear({ kind, room }: RoomEvent): void {
    if (over.has(room.id)) wrong.push(`"${kind}" of a room that is over`);
    if (kind === 'ended') {
      live.delete(room.id);
      over.add(room.id);
    } else live.add(room.id);
  }

  return {
    flows,
    routerOf,
    wrong,
    live: () => live.size,
    ended: () => over.size,
    watch: (rooms) => void rooms.onEvent(hear),
  };
}
