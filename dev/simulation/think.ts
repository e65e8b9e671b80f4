/** Somebody outside takes his time. */
import type { World } from './world.ts';

export function think(world: World, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  world.scheduler.add({ at: world.now() + ms, name: 'thought', owner: undefined, preempts: false, run: resolve });
  return promise;
}
