/**
 * Walks a tree of decisions by running it again and again: each run follows a prefix of choices and takes the first
 * option from there on; the next prefix is the last choice that has an option left, moved on.
 */

/** Thrown where a run has come to a state that was seen before: all that follows was walked from there. */
export class SeenBefore extends Error {}

export class Decisions {
  readonly #seen: Set<string>;
  readonly #prefix: readonly number[];
  readonly #taken: { options: number; choice: number }[] = [];

  constructor(prefix: readonly number[], seen: Set<string>) {
    this.#prefix = prefix;
    this.#seen = seen;
  }

  choose(options: number): number {
    if (options <= 1) return 0;
    const choice = this.#prefix[this.#taken.length] ?? 0;
    this.#taken.push({ options, choice });
    return choice;
  }

  /** Says where the run stands. Within the prefix it has been here before, and goes on. */
  stand(state: () => string): void {
    if (this.#taken.length < this.#prefix.length) return;
    const at = state();
    if (this.#seen.has(at)) throw new SeenBefore();
    this.#seen.add(at);
  }

  /** `undefined`: all was walked. */
  next(): number[] | undefined {
    for (let index = this.#taken.length - 1; index >= 0; index -= 1) {
      const { options, choice } = this.#taken[index]!;
      if (choice + 1 < options) return [...this.#taken.slice(0, index).map((one) => one.choice), choice + 1];
    }
    return undefined;
  }

  get path(): number[] {
    return this.#taken.map(({ choice }) => choice);
  }
}
