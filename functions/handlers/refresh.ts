/**
 * `refresh`: the only Lambda that asks Salesforce's token endpoint for a connection. From its queue, or invoked
 * directly by `token`, which gets a report. `maintain` has it revoke access tokens, for it may open them.
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Connection } from '../core/connection.ts';
import { UnreadableItemError } from '../core/errors.ts';
import type { AccessRevocation, AccessRevocationOutcome, RefreshReport, RefreshRequest } from '../core/ports.ts';
import { type AlertPorts, alertDoer } from '../flows/alert-duty.ts';
import { countDoer } from '../flows/count-duty.ts';
import { type Doers, doDuties } from '../flows/do-duties.ts';
import { noteUnanswered } from '../flows/note-unanswered.ts';
import { createRefreshConnection, type RefreshConnection, type RefreshPorts } from '../flows/refresh-connection.ts';
import { createRevokeAccessToken } from '../flows/revoke-access-token.ts';
import { createInvocationHandler } from '../runtime/invocation.ts';
import { createQueueHandler } from '../runtime/queue.ts';

export type RefreshHandlerPorts = RefreshPorts & AlertPorts;

export type RefreshHandler = (
  event: unknown,
  context: Context,
) => Promise<SQSBatchResponse | RefreshReport | AccessRevocationReport>;

/** What `maintain` is answered. */
export interface AccessRevocationReport {
  readonly version: 1;
  readonly outcome: AccessRevocationOutcome;
}

const requestSchema = z.object({
  version: z.literal(1),
  connectionId: z.string().check(z.minLength(1), z.maxLength(128)),
  generation: z.object({ grantId: z.string(), refreshes: z.int() }),
  reason: z.enum(['due', 'stale', 'rejected']),
});

const revocationSchema = z.object({
  version: z.literal(1),
  kind: z.literal('revoke_access_token'),
  holder: z.enum(['connection', 'session']),
  id: z.string().check(z.minLength(1), z.maxLength(128)),
  grantId: z.string().check(z.minLength(1), z.maxLength(128)),
});

export function createRefreshHandler(ports: RefreshHandlerPorts): RefreshHandler {
  const refresh = withDuties(ports, createRefreshConnection(ports));
  const run = (request: RefreshRequest, { remainingTimeMs }: { remainingTimeMs(): number }) =>
    refresh(request, () => remainingTimeMs());
  const { log, metrics } = ports;
  // Every outcome is in the store, and what is still due comes back by the index.
  const queued = createQueueHandler({ log, metrics, parse, run, onThrow: 'acknowledge' });
  const direct = createInvocationHandler({ log, metrics, parse, run });
  const revoke = createRevokeAccessToken(ports);
  const revocation = createInvocationHandler<AccessRevocation, AccessRevocationReport>({
    log,
    metrics,
    parse: parseRevocation,
    run: async (request) => ({ version: 1, outcome: await revoke(request) }),
  });
  return (event, context) => {
    if (isQueueEvent(event)) return queued(event, context);
    return isOfKind(event) ? revocation(event, context) : direct(event, context);
  };
}

/** Of these the undisturbed ones owe nothing: one read and two writes are all that they cost. */
const undisturbed: readonly RefreshReport['outcome'][] = [
  'refreshed',
  'not_needed',
  // Another's, or withdrawn before anything was sent.
  'in_flight',
  'in_lifeboat',
  'unknown_connection',
];
/** What counting an org may take. */
const dutiesTimeNeededMs = 8_000;

/** What the refusal's write owes is done right away, or by `maintain`: counting the org; alerts are due later. */
function withDuties(ports: RefreshHandlerPorts, refresh: RefreshConnection): RefreshConnection {
  const doers: Doers<Connection> = { count: countDoer(ports), alert: alertDoer(ports) };
  return async (request, remainingTimeMs) => {
    const report = await refresh(request, remainingTimeMs);
    if (undisturbed.includes(report.outcome) || remainingTimeMs() < dutiesTimeNeededMs) return report;
    try {
      const connection = await ports.store.connections.read(request.connectionId);
      if (connection === undefined) return report;
      await doDuties(ports, ports.store.connections, connection, doers);
      await noteUnanswered(ports, connection);
    } catch (error) {
      ports.log.warn('What a refusal owes is left to maintain.', { connection_id: request.connectionId, error });
    }
    return report;
  };
}

function isQueueEvent(event: unknown): event is SQSEvent {
  return typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);
}

/** A refresh request has no `kind`. */
function isOfKind(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'kind' in event;
}

function parseRevocation(event: unknown): AccessRevocation {
  const parsed = revocationSchema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new UnreadableItemError('The event names a kind, and is no request of version 1 to revoke an access token.');
}

function parse(body: unknown): RefreshRequest {
  const parsed = requestSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UnreadableItemError('The message is no refresh request of version 1.');
}
