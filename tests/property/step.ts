import fc from 'fast-check';

/** One thing that somebody does, named so that a failure reads as a story. */
export interface Step<Book> {
  run(book: Book): void | Promise<void>;
  [fc.toStringMethod](): string;
}

export function narrated<Book>(name: string, run: (book: Book) => void | Promise<void>, detail?: unknown): Step<Book> {
  const said = detail === undefined ? name : `${name} ${JSON.stringify(detail)}`;
  return { run, [fc.toStringMethod]: () => said };
}
