/** What TypeScript's list of browser interfaces leaves out: phones say which kind of network they use. */
interface Connection extends EventTarget {
  readonly type?: string;
}

/**
 * Calls `run` each time that this device comes back to a network or goes to one of another kind, such as from Wi-Fi to
 * mobile data: what was connected before may be dead without anybody knowing. Gives what ends it. Outside a browser,
 * where the pages' sessions run in tests, nothing is told.
 */
export function onNetworkChange(run: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => undefined;
  const connection: Connection | undefined = Reflect.get(navigator, 'connection');
  let type = connection?.type;
  // It also tells of every new estimate of how fast the network is.
  const changed = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    run();
  };
  addEventListener('online', run);
  connection?.addEventListener('change', changed);
  return () => {
    removeEventListener('online', run);
    connection?.removeEventListener('change', changed);
  };
}
