/** Keeps a phone's screen on while somebody reads (Screen Wake Lock API), where the browser can. */
export interface WakeLock {
  /** Wanted from now on, or no longer. The browser lets go of it by itself while the page is hidden. */
  want(wanted: boolean): void;
}

export function createWakeLock(): WakeLock {
  let wanted = false;
  let lock: Promise<WakeLockSentinel | null> | null = null;

  async function ask(): Promise<WakeLockSentinel | null> {
    try {
      return (await navigator.wakeLock?.request('screen')) ?? null;
    } catch {
      // The battery is low, or the page is not in front: the screen goes dark as it always did.
      return null;
    }
  }

  function update(): void {
    if (wanted && document.visibilityState === 'visible') {
      lock ??= ask();
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
      // Asking takes some milliseconds, which what is to be read does not wait for.
      if (wanted) requestAnimationFrame(() => setTimeout(update));
      else update();
    },
  };
}
