/**
 * `maintain`: each minute, does the duties that were left behind; invoked directly, those of one connection. It alone may
 * open refresh tokens to revoke them; access tokens it has `refresh` revoke.
 */
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { UnreadableItemError } from '../core/errors.ts';
import { createDoDutiesOf, createMaintain, type MaintainPorts } from '../flows/maintain.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';

export type MaintainHandler = (event: unknown, context: Context) => Promise<MaintainReport>;

export interface MaintainReport {
  /** Holders of duties that were due, or the one connection that was named. */
  readonly done: number;
}

/** One connection's duties, or what the schedule means: all that are due. */
type Order = { readonly connectionId: string } | 'all';

const directRequest = z.object({
  version: z.literal(1),
  kind: z.literal('do_duties'),
  connectionId: z.string().check(z.minLength(1), z.maxLength(128)),
});

export function createMaintainHandler(ports: MaintainPorts): MaintainHandler {
  const maintain = createMaintain(ports);
  const doDutiesOf = createDoDutiesOf(ports);
  return createInvocationHandler<Order, MaintainReport>({
    log: ports.log,
    metrics: ports.metrics,
    parse,
    async run(order, { remainingTimeMs }) {
      if (order === 'all') return { done: await maintain(remainingTimeMs) };
      await doDutiesOf(order.connectionId);
      return { done: 1 };
    },
  });
}

/** The schedule's event has no `kind`. */
function parse(event: unknown): Order {
  if (typeof event !== 'object' || event === null || !('kind' in event)) return 'all';
  const parsed = directRequest.safeParse(event);
  if (parsed.success) return { connectionId: parsed.data.connectionId };
  throw new UnreadableItemError('The event names a kind, and is no request of version 1 to do duties.');
}
