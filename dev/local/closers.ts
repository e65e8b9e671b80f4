/** What must be closed again, the last opened first; one that fails does not keep the others from it. */
export interface Closers {
  add(name: string, close: () => void | Promise<void>): void;
  /** Idempotent. Throws an `AggregateError` after all were tried. */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const opened: { name: string; close: () => void | Promise<void> }[] = [];
  let closing: Promise<void> | undefined;

  const closeAll = async () => {
    const failures: Error[] = [];
    for (const { name, close } of opened.toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(new Error(`${name} did not close: ${String(error)}`, { cause: error }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  };
  return {
    add: (name, close) => opened.push({ name, close }),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}
