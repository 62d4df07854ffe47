import { setLogEventListeners } from 'mediasoup';
import type { Logger } from 'pino';

/** What a worker with our limits on TCP says (mediasoup-config/worker-build/tcp-limits.patch). */
const DROPPED = /TCP connections dropped \[late:(\d+), forOthers:(\d+), refused:(\d+), open:(\d+)\]/;

/**
 * Passes on how many TCP connections the workers had to drop, once a minute at most for each. Everything else that workers say
 * may name addresses, and is not logged.
 */
export function logDroppedConnections(log: Logger): void {
  setLogEventListeners({
    onwarn(_namespace, line) {
      const numbers = DROPPED.exec(line);
      if (numbers === null) return;
      const [late, forOthers, refused, open] = numbers.slice(1).map(Number);
      log.warn({ event: 'rtc-tcp-dropped', late, forOthers, refused, open });
    },
  });
}
