import { observer } from 'mediasoup';
import { vi } from 'vitest';

/** What mediasoup's part of this process does; the worker may know otherwise. */
export interface SfuWatch {
  /** WebRTC transports that it holds. */
  held(): number;
  /** Routers and transports that workers were asked for so far. */
  asked(): number;
}

/** To be called before the server starts. */
export function watchSfu(): SfuWatch {
  let held = 0;
  const requests: { mock: { calls: unknown[] } }[] = [];
  observer.on('newworker', (worker) => {
    requests.push(vi.spyOn(worker, 'createRouter'));
    worker.observer.on('newrouter', (router) => requests.push(vi.spyOn(router, 'createWebRtcTransport')));
    worker.observer.on('newwebrtcserver', (server) => {
      server.observer.on('webrtctransporthandled', () => {
        held += 1;
      });
      server.observer.on('webrtctransportunhandled', () => {
        held -= 1;
      });
    });
  });
  return { held: () => held, asked: () => requests.reduce((sum, { mock }) => sum + mock.calls.length, 0) };
}
