/** Whether this may be a device of Apple's in Lockdown Mode, in which Safari has no WebRTC; no page can ask for it. */
export function mayBeLockedDown(): boolean {
  return /iPhone|iPad|Macintosh/.test(navigator.userAgent);
}
