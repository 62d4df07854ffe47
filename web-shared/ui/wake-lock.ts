/** Keeps a phone's screen on while somebody reads (Screen Wake Lock API), where the browser can. */
export interface WakeLock {
  /** The browser releases the lock by itself while the page is hidden. */
  want(wanted: boolean): void;
}

export function createWakeLock(): WakeLock {
  let wanted = false;
  let lock: Promise<WakeLockSentinel | null> | null = null;

  async function request(): Promise<WakeLockSentinel | null> {
    try {
      return (await navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      // The battery is low, or the page is hidden: the screen turns off as usual.
      return null;
    }
  }

  function update(): void {
    if (wanted && document.visibilityState === 'visible') {
      lock ??= request();
      return;
    }
    void lock?.then((held) => held?.release());
    lock = null;
  }

  document.addEventListener('visibilitychange', update);
  return {
    want(now) {
      if (now === wanted) return;
      wanted = now;
      // The request takes some milliseconds, which the note must not wait for.
      if (wanted) requestAnimationFrame(() => setTimeout(update));
      else update();
    },
  };
}
