/** A store whose calls go through in an order that fast-check chooses: what two processes do at one time, interleaved. */
import type fc from 'fast-check';
import type { Store } from '../../../functions/core/ports.ts';

export function storeInTurn(store: Store, scheduler: fc.Scheduler): Store {
  const inTurn = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(one, name) {
        const value: unknown = Reflect.get(one, name);
        if (typeof value === 'object' && value !== null) return inTurn(value);
        if (typeof value !== 'function') return value;
        return async (...all: unknown[]) => {
          await scheduler.schedule(Promise.resolve());
          return value.apply(one, all);
        };
      },
    });
  return inTurn(store);
}
