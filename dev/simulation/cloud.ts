/** What stands between the functions: the queue, which duplicates, delays and reorders, and direct invocation. */
import type { Refresher, RefreshQueue, RefreshRequest } from '../../functions/core/ports.ts';
import { Functions } from './functions.ts';
import type { OutsidePorts } from './process-ports.ts';
import type { Process, World } from './world.ts';

export function createCloud(world: World): Functions {
  return new Functions(world, (functions) => outsidePorts(world, functions));
}

function outsidePorts(world: World, functions: Functions): OutsidePorts {
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
    const late = world.plan.strike(['message_late']);
    if (late !== undefined) world.count(late);
    const afterMs = late === undefined ? world.plan.below(200) : world.plan.below(900_000);
    const run = () => {
      waiting.push(request);
      const at = world.now() + world.plan.below(300);
      world.scheduler.add({ at, name: 'delivery', owner: undefined, preempts: true, run: deliver });
    };
    world.scheduler.add({ at: world.now() + afterMs, name: 'message', owner: undefined, preempts: false, run });
  }

  const refreshQueue = (caller: Process): RefreshQueue => ({
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

  const refresher = (caller: Process): Refresher => ({
    refresh: (request) =>
      world.call(caller, {
        name: 'refresher.refresh',
        about: `${request.reason} g${request.generation.refreshes}`,
        faults: ['crash_before', 'invocation_failed'],
        failure: () => ({ error: new Error('The function could not be invoked.') }),
        preempts: false,
        act: () => invoked(functions, request) as never,
      }),
  });

  return { refreshQueue, refresher };
}

async function invoked(functions: Functions, request: RefreshRequest): Promise<unknown> {
  const ended = await functions.refreshDirectly(request);
  if (ended.kind === 'answered') return JSON.parse(JSON.stringify(ended.value));
  throw new Error(ended.kind === 'killed' ? 'The function was killed.' : 'The function failed.');
}
