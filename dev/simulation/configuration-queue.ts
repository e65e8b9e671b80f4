/**
 * The queue of configuration steps: at least once, in no order. A message that failed, or whose worker died, comes back
 * when its invisibility ends, and is set aside after three tries.
 */
import { ConfigurationQueueError } from '../../functions/core/errors.ts';
import type { ConfigurationQueue, ConfigurationRequest } from '../../functions/core/ports.ts';
import type { Functions } from './functions.ts';
import { arrivalOf } from './refresh-queue.ts';
import type { Process, World } from './world.ts';

interface Message {
  readonly request: ConfigurationRequest;
  readonly received: number;
}

/** As the construct sets them. */
const invisibleMs = 30 * 60_000;
const receivedAtMost = 3;

export function createConfigurationQueue(world: World, functions: Functions): (caller: Process) => ConfigurationQueue {
  const waiting: Message[] = [];

  async function deliver(): Promise<void> {
    if (waiting.length === 0) return;
    const first = world.plan.below(waiting.length);
    if (first > 0) world.count('message_reordered');
    const batch = waiting.splice(first, 1 + world.plan.below(2));
    const requests = batch.map(({ request }) => request);
    for (const request of requests) world.monitor.configurationAsked(request);
    world.note(undefined, `the queue delivers ${requests.map(textOf).join(', ')}`);
    const ended = await functions.configure(requests);
    const failed = ended.kind === 'answered' ? ended.value.batchItemFailures.map((one) => one.itemIdentifier) : 'all';
    batch.forEach((message, index) => {
      if (failed === 'all' || failed.includes(`m${index}`)) giveBack(message);
    });
  }

  function giveBack({ request, received }: Message): void {
    if (received + 1 < receivedAtMost) {
      enqueue({ request, received: received + 1 }, world.now() + invisibleMs);
      return;
    }
    world.count('dead_letter');
    world.note(undefined, `set aside after ${receivedAtMost} tries: ${textOf(request)}`);
    world.deadLetters.push(request);
  }

  function enqueue(message: Message, at: number): void {
    const arrive = () => {
      waiting.push(message);
      const at = world.now() + world.plan.below(300);
      world.scheduler.add({
        at,
        name: 'configuration delivery',
        owner: undefined,
        preempts: true,
        run: () => void deliver(),
      });
    };
    world.scheduler.add({ at, name: 'configuration message', owner: undefined, preempts: false, run: arrive });
  }

  return (caller) => ({
    send: (request) =>
      world.call(caller, {
        name: 'configurationQueue.send',
        about: textOf(request),
        faults: ['crash_before', 'crash_after', 'queue_failed', 'queue_answer_lost'],
        failure: () => ({ error: new ConfigurationQueueError('The queue does not answer.') }),
        preempts: false,
        act: () => {
          enqueue({ request, received: 0 }, arrivalOf(world));
          const twice = world.plan.strike(['message_duplicated']);
          if (twice === undefined) return;
          world.count(twice);
          enqueue({ request, received: 0 }, arrivalOf(world));
        },
      }),
  });
}

function textOf({ tenant, integration, configurationVersion }: ConfigurationRequest): string {
  return `${tenant}/${integration} v${configurationVersion}`;
}
