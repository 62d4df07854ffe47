import type { types } from 'mediasoup-client';
import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock, Timer } from '../clock.ts';
import { onNetworkChange } from './network-change.ts';

/** How long a way to the server that is looked for anew may take before the next try. */
const TRY_MS = 2_000;

/** How soon the server has to say anything when the network has changed. */
const WORD_MS = 2_500;

/** What is needed of the connection. */
interface Connection {
  readonly closed: boolean;
  readonly connectionState: string;
  restartIce(parameters: { iceParameters: types.IceParameters }): Promise<void>;
  on(event: 'connectionstatechange', run: (state: string) => void): unknown;
  readonly observer: { on(event: 'close', run: () => void): unknown };
}

/** What is needed of the signalling. */
export interface Way {
  readonly clock: PageClock;
  expectWord(ms: number): void;
  request(t: 'restart-ice', body: Record<string, never>): Promise<Reply<'restart-ice'>>;
}

/**
 * Keeps a connection's way to the server: looks for another one as soon as the network changes or the way breaks, and
 * again every 2 s until there is one. A socket that does not answer meanwhile is given up, sooner than its heartbeat
 * would: it went the same way.
 */
export function keepWay(transport: Connection, signalling: Way): void {
  let next: Timer | null = null;

  async function look(): Promise<void> {
    next?.cancel();
    next = signalling.clock.after(TRY_MS, () => {
      next = null;
      if (!transport.closed && transport.connectionState !== 'connected') void look();
    });
    try {
      const { iceParameters } = await signalling.request('restart-ice', {});
      await transport.restartIce({ iceParameters });
    } catch {
      // The socket's own loss is handled where the socket is watched, and a closed connection needs no way.
      next?.cancel();
      next = null;
    }
  }

  const stopListening = onNetworkChange(() => {
    signalling.expectWord(WORD_MS);
    if (transport.connectionState !== 'new') void look();
  });
  transport.on('connectionstatechange', (state) => {
    if ((state === 'disconnected' || state === 'failed') && next === null) void look();
  });
  transport.observer.on('close', () => {
    next?.cancel();
    stopListening();
  });
}
