/** One screen at a time: built when its state begins, updated while it lasts, removed when it ends. */

export interface Screen<S> {
  readonly element: HTMLElement;
  /** Gets the focus when the screen replaces another one. */
  readonly heading: HTMLElement;
  update(state: S): void;
  leave?(): void;
}

export interface Slot<S> {
  /** Draws the state, building the screen first if it is not there. */
  draw(root: HTMLElement, state: S): Screen<S>;
  /** Builds the screen before it is shown. */
  prepare(): void;
  drop(): void;
}

/** A place for a screen that is made by `make` each time it is entered. */
export function slot<S>(make: () => Screen<S>): Slot<S> {
  let screen: Screen<S> | undefined;
  let isThere = false;
  return {
    prepare() {
      screen ??= make();
    },
    draw(root, state) {
      screen ??= make();
      screen.update(state);
      if (!isThere) root.append(screen.element);
      isThere = true;
      return screen;
    },
    drop() {
      screen?.leave?.();
      screen?.element.remove();
      screen = undefined;
      isThere = false;
    },
  };
}

export interface Stage {
  /** Shows `next` in place of the screen before; the new screen's heading gets the focus, so that it is read out. */
  show<S>(next: Slot<S>, state: S): void;
}

/** A stage on `root`. The first screen does not get the focus, nor does one that follows `quiet`. */
export function createStage(root: HTMLElement, quiet: Pick<Slot<never>, 'drop'>): Stage {
  let current: Pick<Slot<never>, 'drop'> | null = null;
  return {
    show(next, state) {
      const before = current;
      if (before !== next) before?.drop();
      current = next;
      const screen = next.draw(root, state);
      if (before === null || before === next || before === quiet) return;
      // Focusing needs a layout: in the next frame there is one anyway.
      requestAnimationFrame(() => {
        if (current === next) screen.heading.focus({ preventScroll: true });
      });
    },
  };
}
