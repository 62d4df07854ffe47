import { setMaxListeners } from 'node:events';
import wrtc from '@roamhq/wrtc';
import { WebSocket } from 'ws';

/**
 * Gives this process what the pages' sessions expect of a browser: WebRTC, and a WebSocket that says whose page it is.
 * To be called before the sessions start.
 */
export function actAsBrowser(origin: string): void {
  class PageSocket extends WebSocket {
    constructor(url: string) {
      // In a page, each message is a task of its own, and what was awaited before it runs first.
      super(url, { origin, allowSynchronousEvents: false });
      // A page is told of a failure by the close that follows; Node would stop.
      this.on('error', () => undefined);
    }
  }
  const page = new EventTarget();
  // Many pages in one.
  setMaxListeners(0, page);
  Object.assign(globalThis, {
    RTCPeerConnection: wrtc.RTCPeerConnection,
    RTCSessionDescription: wrtc.RTCSessionDescription,
    RTCIceCandidate: wrtc.RTCIceCandidate,
    MediaStream: wrtc.MediaStream,
    WebSocket: PageSocket,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  });
  // A page goes on after a rejection that nobody handled; Node would stop.
  process.on('unhandledRejection', (reason) => process.stderr.write(`unhandled in a page: ${String(reason)}\n`));
}
