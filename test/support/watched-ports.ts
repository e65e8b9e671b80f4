/** Canaries over ports in memory: what a flow writes, logs and sends is looked at for tokens, keys and secrets. */
import { after } from 'node:test';
import { createMemoryStore, type MemoryStore } from '../../dev/memory/memory-store.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { createCanaryWatch, intercepted, watchPorts } from './canary-watch.ts';

/** The model's tokens and codes, which bear no mark: `refresh-1-0`. */
const modelSecret = /\b(?:access|refresh|login)-\d+(?:-\d+)?\b|\bcode-\d+\b|\b(?:live|newer)-access\b/;

/** All worlds of a file tell at its end: a leak fails the file, whatever its tests look at. */
const watch = createCanaryWatch({ pattern: modelSecret });
after(() => watch.assertNoLeak());

/** The same ports, whose sinks are looked at. */
export function watched<T extends Ports>(ports: T): T {
  const { log, metrics, alerts, refreshQueue, configurationQueue, configurationStep, maintainer, lifeboat } = ports;
  const sinks = { log, metrics, alerts, refreshQueue, configurationQueue, configurationStep, maintainer, lifeboat };
  return Object.assign(ports, watchPorts(sinks, watch));
}

/** Every write, before it is made: what is not stored in the end was sent to a store all the same. */
export function watchedStore(): MemoryStore {
  const store = createMemoryStore();
  const collections = Object.entries(store).map(([name, member]) => [
    name,
    typeof member === 'object'
      ? intercepted(member, ['create', 'replace'], (items) => watch.see(`store.${name}`, items))
      : member,
  ]);
  const calls = ['addUse', 'rememberUsername', 'putDataKeyIfAbsent'];
  return intercepted({ ...store, ...Object.fromEntries(collections) } as MemoryStore, calls, (args) =>
    watch.see('store', args),
  );
}
