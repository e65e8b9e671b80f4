/** `maintain`: each minute, does the duties that were left behind. */
import type { Context } from 'aws-lambda';
import { createMaintain, type MaintainPorts } from '../flows/maintain.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';

export function createMaintainHandler(
  ports: MaintainPorts,
): (event: unknown, context: Context) => Promise<{ done: number }> {
  const maintain = createMaintain(ports);
  return createInvocationHandler({
    log: ports.log,
    metrics: ports.metrics,
    parse: () => undefined,
    run: async (_, { remainingTimeMs }) => ({ done: await maintain(remainingTimeMs) }),
  });
}
