/**
 * The duty of a token write: enters the authorization into the ledger, and ties the integration that the session was
 * for to the connection. Where the session wants a claim, it waits for that; unclaimed at the session's end, nothing is
 * linked, and a connection that nobody uses is given up.
 */
import type { Connection } from '../core/connection.ts';
import type { LinkDuty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import type { Session } from '../core/session.ts';
import { awaitClaim, type ClaimStanding } from '../core/session-claim.ts';
import { connect, overtake } from '../core/session-step.ts';
import { linkDutyId } from '../core/store-grant.ts';
import { abandonIfUnused } from './abandon-connection.ts';
import { change } from './change.ts';
import type { DutyOutcome } from './do-duties.ts';
import { type LinkPorts, linkIntegration } from './link-integration.ts';
import { recordAuthorization } from './record-grant.ts';

export function linkDoer(ports: LinkPorts): (connection: Connection, duty: LinkDuty) => Promise<DutyOutcome> {
  return async (connection, duty) => {
    await recordAuthorization(ports, connection, duty);
    const { standing, session } = await standingOf(ports, connection, duty);
    if (standing.kind === 'wait') return standing;
    if (standing.kind === 'unclaimed') {
      await abandonIfUnused(ports, connection.id, linkDutyId(duty.sessionId));
      ports.metrics.add('Unclaimed', 1);
      return 'done';
    }
    const linked = await link(ports, connection, duty, session);
    if (linked === 'outdated') await abandonIfUnused(ports, connection.id, linkDutyId(duty.sessionId));
    return 'done';
  };
}

async function standingOf(
  ports: LinkPorts,
  connection: Connection,
  { sessionId, claim }: LinkDuty,
): Promise<{ standing: ClaimStanding; session: Session | undefined }> {
  if (claim !== true) return { standing: { kind: 'free' }, session: await ports.store.sessions.read(sessionId) };
  const { result, item } = await change<string, Session, ClaimStanding>(
    ports.store.sessions,
    sessionId,
    (current) => awaitClaim(current, connection.id, ports.clock.now()),
    { writeId: `${newId(ports.random)}.standing` },
  );
  return { standing: result, session: item };
}

async function link(
  ports: LinkPorts,
  connection: Connection,
  { tenant, integration, sessionId, since, configuration, takesFrom, grant }: LinkDuty,
  session: Session | undefined,
): Promise<'linked' | 'outdated'> {
  const linked = await linkIntegration(ports, {
    tenant,
    integration,
    connectionId: connection.id,
    configuration: configuration ?? session?.configuration,
    takesFrom,
    by: sessionId,
    // As for tokens, the newer authorization counts, and not the one that was stored later.
    at: grant?.begunAt ?? since,
  });
  if (session === undefined) return linked;
  await change(
    ports.store.sessions,
    sessionId,
    (current) => {
      const after = current && (linked === 'linked' ? connect(current, connection.id) : overtake(current));
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.${linked}` },
  );
  return linked;
}
