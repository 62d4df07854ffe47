/** Hinders copying where the doctor does not want it. It cannot prevent it: a screen can be photographed. */

export interface CopyGuard {
  update(allowed: boolean): void;
  leave(): void;
}

/** `tell` is called each time something was hindered. */
export function createCopyGuard(note: HTMLElement, tell: () => void): CopyGuard {
  let allowed = true;
  const hinder = (event: Event): void => {
    if (allowed) return;
    event.preventDefault();
    tell();
  };
  const copying = (event: Event): void => {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed || selection.containsNode(note, true)) hinder(event);
  };
  note.addEventListener('contextmenu', hinder);
  note.addEventListener('dragstart', hinder);
  for (const name of ['copy', 'cut']) document.addEventListener(name, copying);
  return {
    update(now) {
      allowed = now;
      note.classList.toggle('fixed', !now);
    },
    leave() {
      for (const name of ['copy', 'cut']) document.removeEventListener(name, copying);
    },
  };
}
