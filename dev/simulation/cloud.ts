/** What stands between the functions: the queues, and direct invocation. */
import { createConfigurationQueue } from './configuration-queue.ts';
import { Functions } from './functions.ts';
import { createInvocations } from './invocations.ts';
import { createRefreshQueue } from './refresh-queue.ts';
import type { World } from './world.ts';

export function createCloud(world: World): Functions {
  return new Functions(world, (functions) => ({
    ...createInvocations(world, functions),
    refreshQueue: createRefreshQueue(world, functions),
    configurationQueue: createConfigurationQueue(world, functions),
  }));
}
