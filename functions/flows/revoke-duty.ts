/**
 * The duty for a grant that is not kept: revoked at Salesforce, which ends every access token issued from it. Never the
 * stored grant (compared by grant, not by token), never while a refresh of it may be in flight.
 *
 * Where there is no refresh token, the duty holds an access token. `maintain` may not open those: it has `refresh` do it
 * (`revoke-access-token.ts`). A callback opens its own, under keys that it made.
 */
import type { Connection } from '../core/connection.ts';
import type { RevokeDuty } from '../core/duty.ts';
import { sha256Hex } from '../core/hash.ts';
import { alertDutyId } from '../core/own-alert.ts';
import type { AccessRevocation, AccessRevocationOutcome, AccessRevoker, Ports } from '../core/ports.ts';
import { isGivenUp, isRevoked, mayRevoke, revocationGivenUp } from '../core/revocation.ts';
import type { Session } from '../core/session.ts';
import type { DutyOutcome } from './do-duties.ts';
import { type RecordPorts, recordAuthorization, recordEnd, recordRevocation } from './record-grant.ts';
import { type GatePorts, stoppedBy } from './table-gate.ts';
import type { Vault } from './vault.ts';

export type RevokePorts = RecordPorts & OpenPorts & Pick<Ports, 'lifeboat'>;

/** Of who opens the token. */
export type OpenPorts = GatePorts & Pick<Ports, 'salesforce'>;

const timeoutMs = 10_000;
/** On a copied table, which a person has to adopt. */
const stoppedWaitMs = 5 * 60_000;

/** @param elsewhere who opens access tokens. @default this process */
export function connectionRevokeDoer(
  ports: RevokePorts,
  vault: Vault,
  elsewhere?: AccessRevoker,
): (connection: Connection, duty: RevokeDuty) => Promise<DutyOutcome> {
  return async (connection, duty) => {
    if (connection.grant?.id === duty.grantId) return 'done';
    if (duty.attempts.length > 0 && (await isInLifeboat(ports, connection.id, duty.grantId))) return 'later';
    const outcome = await revoke(ports, duty, () =>
      elsewhere !== undefined && duty.tokenPurpose === 'access'
        ? ask(ports, elsewhere, 'connection', connection.id, duty)
        : revokeOfConnection(ports, vault, connection, duty),
    );
    if (outcome === 'held_again') return 'done';
    const end = endOf(outcome);
    // Before the duty goes: whoever dies here is followed by somebody who finds it revoked, and notes it again.
    if (end !== undefined) {
      await enterFirst(ports, connection, duty.grantId);
      await recordRevocation(ports, connection.id, duty.grantId, end);
    }
    return outcome;
  };
}

/** Its link duty, which enters it into the ledger, may not be done yet: an end needs an entry to be noted in. */
async function enterFirst(ports: RevokePorts, connection: Connection, grantId: string): Promise<void> {
  for (const duty of Object.values(connection.duties)) {
    if (duty.kind === 'link' && duty.grant?.id === grantId) await recordAuthorization(ports, connection, duty);
  }
}

/** @param elsewhere who opens access tokens. @default this process */
export function sessionRevokeDoer(
  ports: RevokePorts,
  vault: Vault,
  elsewhere?: AccessRevoker,
): (session: Session, duty: RevokeDuty) => Promise<DutyOutcome> {
  return async (session, duty) => {
    const revoked = await revoke(ports, duty, () =>
      elsewhere !== undefined && duty.tokenPurpose === 'access'
        ? ask(ports, elsewhere, 'session', session.id, duty)
        : revokeOfSession(ports, vault, session.id, duty),
    );
    const outcome = revoked === 'held_again' ? 'done' : revoked;
    const end = endOf(outcome);
    if (end !== undefined && duty.reason !== 'signed_in') {
      const reason = session.error?.code;
      await recordEnd(ports, session, duty.grantId, { outcome: 'refused', reason, [end]: ports.clock.now() });
    }
    return outcome;
  };
}

/** Salesforce may give a login without a browser the access token of the one before: it lives with who holds it now. */
async function isHeldAgain(vault: Vault, { id, orgId, grant }: Connection, duty: RevokeDuty): Promise<boolean> {
  if (grant === undefined || duty.tokenPurpose !== 'access') return false;
  const context = { connectionId: id, grantId: duty.grantId, purpose: duty.tokenPurpose };
  const token = await vault.open(duty.token, duty.ownKeys, orgId, context);
  return grant.accessTokenSha256 === sha256Hex(token.reveal());
}

function endOf(outcome: DutyOutcome): 'revokedAt' | 'givenUpAt' | undefined {
  if (outcome === 'done') return 'revokedAt';
  return typeof outcome === 'object' && outcome.kind === 'replaced' ? 'givenUpAt' : undefined;
}

/** An unsettled attempt's answer may lie there, with a token newer than the duty's: `maintain` brings it first. */
async function isInLifeboat({ lifeboat }: RevokePorts, connectionId: string, grantId: string): Promise<boolean> {
  const entries = await lifeboat.ofConnection(connectionId);
  return entries.some((entry) => entry.kind === 'refresh' && entry.attempt.generation.grantId === grantId);
}

/** In whose name a refused grant's token is sealed: there is no connection for it. */
export function sealedFor(sessionId: string): string {
  return `session.${sessionId}`;
}

/** Opens the duty's token, and revokes it at Salesforce. */
export async function revokeOfConnection(
  ports: OpenPorts,
  vault: Vault,
  connection: Connection,
  duty: RevokeDuty,
): Promise<AccessRevocationOutcome> {
  if (await isHeldAgain(vault, connection, duty)) return 'held_again';
  return openAndRevoke(ports, vault, duty, connection.id, connection.orgId);
}

export function revokeOfSession(
  ports: OpenPorts,
  vault: Vault,
  sessionId: string,
  duty: RevokeDuty,
): Promise<AccessRevocationOutcome> {
  return openAndRevoke(ports, vault, duty, sealedFor(sessionId), undefined);
}

async function openAndRevoke(
  ports: OpenPorts,
  vault: Vault,
  duty: RevokeDuty,
  sealedUnder: string,
  orgId: string | undefined,
): Promise<AccessRevocationOutcome> {
  // The last step before Salesforce, whoever asked for it.
  if ((await stoppedBy(ports)) !== undefined) return 'later';
  const context = { connectionId: sealedUnder, grantId: duty.grantId, purpose: duty.tokenPurpose };
  const token = await vault.open(duty.token, duty.ownKeys, orgId, context);
  const revoked = isRevoked(await ports.salesforce.revoke(duty.loginUrl, token, timeoutMs));
  ports.log.info(revoked ? 'A grant was revoked.' : 'A revocation failed; it is tried again.', {
    grant_id: duty.grantId,
    reason: duty.reason,
  });
  ports.metrics.add(revoked ? 'Revoked' : 'RevocationFailed', 1);
  return revoked ? 'revoked' : 'later';
}

async function revoke(
  ports: RevokePorts,
  duty: RevokeDuty,
  act: () => Promise<AccessRevocationOutcome>,
): Promise<DutyOutcome | 'held_again'> {
  const now = ports.clock.now();
  // Neither tried nor given up.
  if ((await stoppedBy(ports)) !== undefined) return { kind: 'wait', until: now + stoppedWaitMs };
  if (!mayRevoke(duty, now)) return 'later';
  if (isGivenUp(duty, now)) return givenUp(ports, duty, now);
  const outcome = await act();
  return outcome === 'revoked' ? 'done' : outcome;
}

/** A failed invocation leaves the duty for its next try, and the holder's other duties to this one. */
async function ask(
  ports: RevokePorts,
  elsewhere: AccessRevoker,
  holder: AccessRevocation['holder'],
  id: string,
  { grantId }: RevokeDuty,
): Promise<AccessRevocationOutcome> {
  try {
    return await elsewhere.revoke({ version: 1, kind: 'revoke_access_token', holder, id, grantId });
  } catch (error) {
    ports.log.warn('The refresh function could not be asked to revoke an access token.', { holder, id, error });
    return 'later';
  }
}

/** Its token is forgotten; a person has to end it, and is told. */
function givenUp(ports: RevokePorts, { grantId, loginUrl }: RevokeDuty, now: number): DutyOutcome {
  ports.log.error('A revocation was given up after seven days; end the session in Salesforce Setup.', {
    grant_id: grantId,
    login_url: loginUrl,
  });
  ports.metrics.add('RevocationGivenUp', 1);
  const alertId = `${grantId}.given-up`;
  const alert = { kind: 'alert', alertId, type: 'admin_action_required', cause: revocationGivenUp } as const;
  return { kind: 'replaced', by: { [alertDutyId(alertId)]: { ...alert, since: now, dueAt: now, tries: 0 } } };
}
