/** What the doctor has to be told, the gravest first. */
const NEWS = ['tampered', 'shut', 'chat', 'room-full'] as const;
export type NewsKind = (typeof NEWS)[number];

/** A word to the doctor: the gravest of what is the matter. */
export class News {
  readonly #current = new Set<NewsKind>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get gravest(): NewsKind | null {
    return NEWS.find((kind) => this.#current.has(kind)) ?? null;
  }

  tell(kind: NewsKind): void {
    this.#current.add(kind);
    this.#changed();
  }

  /** It is settled. */
  drop(kind: NewsKind): void {
    if (this.#current.delete(kind)) this.#changed();
  }
}
