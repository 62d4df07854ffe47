/** Hinders copying where the doctor does not allow it. It cannot prevent it: a screen can be photographed. */

export interface CopyGuard {
  update(allowed: boolean): void;
  leave(): void;
}

/** `onHindered` is called each time. */
export function createCopyGuard(note: HTMLElement, onHindered: () => void): CopyGuard {
  let allowed = true;
  const hinder = (event: Event): void => {
    if (allowed) return;
    event.preventDefault();
    onHindered();
  };
  const onCopy = (event: Event): void => {
    const selection = getSelection();
    if (selection === null || selection.isCollapsed || selection.containsNode(note, true)) hinder(event);
  };
  note.addEventListener('contextmenu', hinder);
  note.addEventListener('dragstart', hinder);
  for (const name of ['copy', 'cut']) document.addEventListener(name, onCopy);
  return {
    update(isAllowed) {
      allowed = isAllowed;
      note.classList.toggle('fixed', !isAllowed);
    },
    leave() {
      for (const name of ['copy', 'cut']) document.removeEventListener(name, onCopy);
    },
  };
}
