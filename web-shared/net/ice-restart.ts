import type { types } from 'mediasoup-client';
import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock, Timer } from '../clock.ts';
import { onNetworkChange } from './network-change.ts';

/** How long an ICE restart may take before the next one. */
const TRY_MS = 2_000;

/** How soon the server has to send any message after the network changed. */
const MESSAGE_MS = 2_500;

interface Transport {
  readonly closed: boolean;
  readonly connectionState: string;
  restartIce(parameters: { iceParameters: types.IceParameters }): Promise<void>;
  updateIceServers(parameters: { iceServers: RTCIceServer[] }): Promise<void>;
  on(event: 'connectionstatechange', run: (state: string) => void): unknown;
  readonly observer: { on(event: 'close', run: () => void): unknown };
}

export interface IceSignalling {
  readonly clock: PageClock;
  expectMessage(ms: number): void;
  request(t: 'restart-ice', body: Record<string, never>): Promise<Reply<'restart-ice'>>;
}

/**
 * Restarts ICE (RFC 8445) as soon as the network changes or the connection breaks, and again every 2 s until it is
 * connected. A socket that stays silent meanwhile is given up sooner than by its heartbeat: it took the same path.
 */
export function keepIceConnected(transport: Transport, signalling: IceSignalling): void {
  let next: Timer | null = null;

  async function restart(): Promise<void> {
    next?.cancel();
    next = signalling.clock.after(TRY_MS, () => {
      next = null;
      if (!transport.closed && transport.connectionState !== 'connected') void restart();
    });
    try {
      const { iceParameters, iceServers } = await signalling.request('restart-ice', {});
      // The credentials from the beginning may be over by now.
      if (iceServers !== undefined) await transport.updateIceServers({ iceServers });
      await transport.restartIce({ iceParameters });
    } catch {
      // A lost socket is handled by whoever keeps it, and a closed transport needs no ICE.
      next?.cancel();
      next = null;
    }
  }

  const stopListening = onNetworkChange(() => {
    signalling.expectMessage(MESSAGE_MS);
    if (transport.connectionState !== 'new') void restart();
  });
  transport.on('connectionstatechange', (state) => {
    if ((state === 'disconnected' || state === 'failed') && next === null) void restart();
  });
  transport.observer.on('close', () => {
    next?.cancel();
    stopListening();
  });
}
