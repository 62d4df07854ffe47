/** A file's content in the page. */
export interface Shown {
  /** The language may have changed. */
  update?(): void;
  /** Nothing of it is left in the page, nor in the browser's memory of pixels. */
  close(): void;
}
