/**
 * A value that must not be printed. It stays out of JSON, string building and `util.inspect`; only `reveal` gives it
 * back.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }
}

/** A key for data at rest. */
export interface DataKey {
  /** Stands beside what was encrypted with the key, so that it is found again. */
  readonly id: string;
  /** 32 bytes in base64. */
  readonly key: Secret;
}
