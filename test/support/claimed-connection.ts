/** A connection that attempt `a` has claimed, at generation 4 of grant `g`; and one whose grant `g` was superseded. */
import assert from 'node:assert/strict';
import type { Connection } from '../../functions/core/connection.ts';
import type { RevokeDuty } from '../../functions/core/duty.ts';
import type { Grant } from '../../functions/core/grant.ts';
import type { NewTokens, SentAttempt } from '../../functions/core/sent-attempt.ts';
import { revokeDutyId } from '../../functions/core/settle-superseded.ts';
import { revocationOf } from '../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../contract/items.ts';

export const attempt: SentAttempt = {
  id: 'a',
  generation: { grantId: 'g', refreshes: 4 },
  loginUrl: 'https://login.salesforce.com',
};
export const own = { id: 'a', begunAt: noon, refreshes: 4 };
export const made: NewTokens = {
  accessToken: 'new-access',
  accessTokenSha256: 'cd'.repeat(32),
  refreshToken: 'new-refresh',
  issuedAt: noon,
  expiresAt: noon + 7_200_000,
  refreshAfter: noon + 5_400_000,
  instanceUrl: 'https://new.my.salesforce.com',
  rotated: true,
  identityChanged: false,
};

export function claimed(grant: Partial<Grant> = {}, connection: Partial<Connection> = {}): Connection {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const held = aGrant('g', { refreshes: 4, lease, attempts: [own], ...grant });
  return aConnection(1, {}, { grant: held, nextRefreshAt: noon + 75_000, ...connection });
}

export function superseded(duty: Partial<RevokeDuty> = {}): Connection {
  const of = claimed().grant!;
  const open = { ...revocationOf(of, noon, noon + 900_000, 'superseded'), ...duty };
  return aConnection(1, {}, { grant: aGrant('newer'), duties: { [revokeDutyId('g')]: open } });
}

export function dutyAfter(connection: Connection | undefined): RevokeDuty {
  const duty = connection?.duties[revokeDutyId('g')];
  assert.ok(duty?.kind === 'revoke');
  return duty;
}
