/** The duty of a token write: ties the integration that the session was for to the connection, and configures it. */
import type { Connection } from '../core/connection.ts';
import type { LinkDuty } from '../core/duty.ts';
import { connect } from '../core/session-step.ts';
import { change } from './change.ts';
import type { DutyOutcome } from './do-duties.ts';
import { configureIntegration, type LinkPorts, linkIntegration } from './link-integration.ts';

export function linkDoer(ports: LinkPorts): (connection: Connection, duty: LinkDuty) => Promise<DutyOutcome> {
  return async (connection, { tenant, integration, sessionId, since }) => {
    const session = await ports.store.sessions.read(sessionId);
    const linked = await linkIntegration(ports, {
      tenant,
      integration,
      connectionId: connection.id,
      configuration: session?.configuration,
      by: sessionId,
      at: since,
    });
    await change(
      ports.store.sessions,
      sessionId,
      (current) => {
        const after = current && connect(current, connection.id);
        return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
      },
      { writeId: `${sessionId}.connected` },
    );
    if (linked !== undefined) await configureIntegration(ports, linked);
    return 'done';
  };
}
