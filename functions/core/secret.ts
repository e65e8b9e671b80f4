/**
 * A secret in memory: prints as `[redacted]` wherever it is logged, inspected, joined or serialized.
 *
 * `reveal` is the one place where it is opened; what it returns goes straight into a request or a seal.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}
