/** Network Information API, which TypeScript's DOM types leave out. */
interface Connection extends EventTarget {
  readonly type?: string;
}

/**
 * Calls `run` each time that this device comes back online or changes the kind of network, such as from Wi-Fi to mobile
 * data: existing connections may be dead without a sign. Returns what stops it. Does nothing outside of a browser.
 */
export function onNetworkChange(run: () => void): () => void {
  if (typeof addEventListener !== 'function') return () => undefined;
  const connection: Connection | undefined = Reflect.get(navigator, 'connection');
  let type = connection?.type;
  // The event also comes with every new estimate of the speed.
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
