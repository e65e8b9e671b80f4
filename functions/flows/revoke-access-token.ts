/**
 * Revokes the access token that a duty holds, for `maintain`, which may not open it: where a login brings no refresh token
 * (no browser, or scopes without one), the access token is all there is to revoke.
 *
 * Reads the duty from its holder, so that the asker can name no token, and writes nothing: to remove the duty is the
 * asker's. Asked twice, the second revocation finds an invalid token, which counts as revoked.
 */
import type { Duty, RevokeDuty } from '../core/duty.ts';
import type { AccessRevocation, AccessRevocationOutcome, Ports } from '../core/ports.ts';
import { revokeDutyId } from '../core/settle-superseded.ts';
import { type OpenPorts, revokeOfConnection, revokeOfSession } from './revoke-duty.ts';
import { createVault } from './vault.ts';

export type RevokeAccessTokenPorts = OpenPorts & Pick<Ports, 'store' | 'keys' | 'sealer' | 'clock' | 'random'>;

export type RevokeAccessToken = (request: AccessRevocation) => Promise<AccessRevocationOutcome>;

export function createRevokeAccessToken(ports: RevokeAccessTokenPorts): RevokeAccessToken {
  const vault = createVault(ports);
  return async ({ holder, id, grantId }) => {
    if (holder === 'session') {
      const duty = dutyOf((await ports.store.sessions.read(id))?.duties, grantId);
      return duty === undefined ? 'later' : revokeOfSession(ports, vault, id, duty);
    }
    const connection = await ports.store.connections.read(id);
    const duty = dutyOf(connection?.duties, grantId);
    // Gone, or the stored grant again: whoever owes the duty looks at it next.
    if (connection === undefined || duty === undefined || connection.grant?.id === grantId) return 'later';
    return revokeOfConnection(ports, vault, connection, duty);
  };
}

function dutyOf(duties: Readonly<Record<string, Duty>> | undefined, grantId: string): RevokeDuty | undefined {
  const duty = duties?.[revokeDutyId(grantId)];
  return duty?.kind === 'revoke' && duty.tokenPurpose === 'access' ? duty : undefined;
}
