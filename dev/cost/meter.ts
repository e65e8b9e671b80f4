/** What was used so far, by name; and what an act used. */
export type Usage = Readonly<Record<string, number>>;

export interface Meter {
  add(name: string, quantity: number): void;
  /** What `act` used, for each of `count` things that it did. */
  during(count: number, act: () => Promise<unknown>): Promise<Usage>;
}

export function createMeter(): Meter {
  const used = new Map<string, number>();
  return {
    add: (name, quantity) => void used.set(name, (used.get(name) ?? 0) + quantity),
    async during(count, act) {
      const before = new Map(used);
      await act();
      const names = [...used.keys()].sort();
      const changes = names.map((name) => [name, ((used.get(name) ?? 0) - (before.get(name) ?? 0)) / count] as const);
      return Object.fromEntries(changes.filter(([, quantity]) => quantity !== 0));
    },
  };
}

export function minus(usage: Usage, less: Usage): Usage {
  const names = [...new Set([...Object.keys(usage), ...Object.keys(less)])].sort();
  const changes = names.map((name) => [name, (usage[name] ?? 0) - (less[name] ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, quantity]) => Math.abs(quantity) > 1e-9));
}
