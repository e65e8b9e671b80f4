/** The queue of refreshes, which duplicates, delays and reorders. What fails in it is gone: the due index brings it back. */
import type { RefreshQueue, RefreshRequest } from '../../functions/core/ports.ts';
import type { Functions } from './functions.ts';
import type { Process, World } from './world.ts';

export function createRefreshQueue(world: World, functions: Functions): (caller: Process) => RefreshQueue {
  const waiting: RefreshRequest[] = [];

  function deliver(): void {
    if (waiting.length === 0) return;
    const first = world.plan.below(waiting.length);
    if (first > 0) world.count('message_reordered');
    const batch = waiting.splice(first, 1 + world.plan.below(2));
    world.note(
      undefined,
      `the queue delivers ${batch.map(({ connectionId, generation }) => `${connectionId} g${generation.refreshes}`).join(', ')}`,
    );
    void functions.refreshQueued(batch);
  }

  function enqueue(request: RefreshRequest): void {
    const run = () => {
      waiting.push(request);
      const at = world.now() + world.plan.below(300);
      world.scheduler.add({ at, name: 'delivery', owner: undefined, preempts: true, run: deliver });
    };
    world.scheduler.add({ at: arrivalOf(world), name: 'message', owner: undefined, preempts: false, run });
  }

  return (caller) => ({
    send: (requests) =>
      world.call(caller, {
        name: 'queue.send',
        about: requests.map(({ request }) => request.connectionId).join(', '),
        faults: ['crash_before', 'crash_after', 'queue_failed'],
        failure: () => ({ error: new Error('The queue does not answer.') }),
        preempts: false,
        act: () => {
          for (const { request } of requests) {
            enqueue(request);
            const twice = world.plan.strike(['message_duplicated']);
            if (twice === undefined) continue;
            world.count(twice);
            enqueue(request);
          }
        },
      }),
  });
}

/** When a message that is sent now can be received. */
export function arrivalOf(world: World): number {
  const late = world.plan.strike(['message_late']);
  if (late !== undefined) world.count(late);
  return world.now() + (late === undefined ? world.plan.below(200) : world.plan.below(900_000));
}
