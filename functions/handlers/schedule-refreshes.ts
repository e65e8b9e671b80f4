/** `schedule-refreshes`: each minute, queues what is due. */
import type { Context } from 'aws-lambda';
import { type SchedulePorts, scheduleRefreshes } from '../flows/schedule-refreshes.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';

export function createScheduleRefreshesHandler(
  ports: SchedulePorts,
): (event: unknown, context: Context) => Promise<{ queued: number }> {
  return createInvocationHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse: () => undefined,
    run: async (_, { remainingTimeMs }) => ({ queued: await scheduleRefreshes(ports, remainingTimeMs) }),
  });
}
