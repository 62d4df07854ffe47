import type { Page, WebSocketRoute } from 'playwright-core';

/** A page's signalling connection that a test can cut and mend. */
export interface Cuttable {
  /** From now on nothing passes either way, and nobody is told: as when a cable is pulled. */
  pull(): void;
  /** Breaks the socket at both ends without a word; the page may connect again at once. */
  snap(): Promise<void>;
  mend(): void;
}

/** Puts itself between the page and the server. Call it before the page is opened. */
export async function cuttable(page: Page): Promise<Cuttable> {
  let passing = true;
  let current: { socket: WebSocketRoute; server: WebSocketRoute } | null = null;
  await page.routeWebSocket('**/signal', (socket) => {
    if (!passing) return void socket.close({ code: 3001 });
    const server = socket.connectToServer();
    current = { socket, server };
    socket.onMessage((message) => {
      if (passing) server.send(message);
    });
    server.onMessage((message) => {
      if (passing) socket.send(message);
    });
  });
  return {
    pull: () => {
      passing = false;
    },
    mend: () => {
      passing = true;
    },
    async snap() {
      await current?.server.close({ code: 3001 });
      await current?.socket.close({ code: 3001 });
    },
  };
}
