/**
 * `POST /connect-sessions/{id}/claim`: the service says that the signed-in user who began the session is the one who came
 * back. Only then is the integration linked, or the identity shown. May be repeated.
 */
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import type { Session } from '../core/session.ts';
import { claimed, isClaimOf } from '../core/session-claim.ts';
import { linkDutyId } from '../core/store-grant.ts';
import { change } from './change.ts';
import { doDuties } from './do-duties.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';

export type ClaimPorts = LinkPorts & Pick<Ports, 'config'>;

/** Whoever saw the session unclaimed may put the duty off between our look and our turn; he sees the claim the next time. */
const turnsAtMost = 2;

/** `wrong`: it is not this session's claim, and nothing is changed. */
export async function claimSession(ports: ClaimPorts, session: Session, claim: string): Promise<Session | 'wrong'> {
  if (!isClaimOf(session, claim)) return 'wrong';
  const { item } = await change<string, Session, undefined>(
    ports.store.sessions,
    session.id,
    (current) => {
      const after = current && claimed(current, ports.clock.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `${newId(ports.random)}.claim`, seen: session },
  );
  let now = item ?? session;
  for (let turns = 0; turns < turnsAtMost && isToBeLinked(now); turns += 1) {
    await linkClaimed(ports, now);
    now = (await ports.store.sessions.read(session.id)) ?? now;
  }
  return now;
}

function isToBeLinked({ claimedAt, status }: Session): boolean {
  return claimedAt !== undefined && status === 'authorized';
}

/** Whoever dies here leaves a claimed session whose duty is still there: the next claim or `maintain` links it. */
async function linkClaimed(ports: ClaimPorts, { id, connectionId }: Session): Promise<void> {
  const connection = connectionId === undefined ? undefined : await ports.store.connections.read(connectionId);
  if (connection === undefined) return;
  await doDuties(ports, ports.store.connections, connection, { link: linkDoer(ports) }, [linkDutyId(id)]);
}
