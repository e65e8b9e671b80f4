/** Orgs in the middle of their day: each connection was refreshed at some instant of the last cycle, and was read since. */
import { nextRefreshAfterSuccess, sessionTimes } from '../../functions/core/cadence.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { connectionIdOf } from '../../functions/core/ids.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createVault } from '../../functions/flows/vault.ts';
import { clear } from '../simulation/cleartext.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import type { RevokingSalesforce } from './revoking-salesforce.ts';

const cycleMs = 90 * 60_000;
const sessionMs = 2 * 3_600_000;

export interface OrgOrder {
  readonly app: string;
  readonly orgId: string;
  readonly size: number;
}

export function orgIdOf(number: number): string {
  return `00D${String(number).padStart(12, '0')}AAA`;
}

export function userIdOf(number: number): string {
  return `005${String(number).padStart(12, '0')}AAA`;
}

export async function seedOrg(
  ports: Ports,
  salesforce: RevokingSalesforce,
  { app, orgId, size }: OrgOrder,
  random: SeededRandom,
): Promise<void> {
  const vault = createVault(ports);
  const [accessKey, refreshKey] = [await vault.orgKey(orgId, 'access'), await vault.orgKey(orgId, 'refresh')];
  for (let number = 1; number <= size; number += 1) {
    const userId = userIdOf(number);
    const id = connectionIdOf({ app, orgId, userId });
    const grantId = `grant-${orgId}-${number}`;
    const place = { connectionId: id, grantId };
    const accessToken = clear('access', number, 0);
    const refreshToken = new Secret(salesforce.issue({ orgId, userId }));
    const refreshedAt = ports.clock.now() - random.below(cycleMs * 0.9);
    const grant = {
      id: grantId,
      // Refreshed for a while: what dies at its first refresh has another cause.
      refreshes: 7,
      readRefreshes: 7,
      madeBy: grantId,
      accessToken: await vault.seal(new Secret(accessToken), accessKey, { ...place, purpose: 'access' }),
      accessTokenSha256: sha256Hex(accessToken),
      refreshToken: await vault.seal(refreshToken, refreshKey, { ...place, purpose: 'refresh' }),
      issuedAt: refreshedAt,
      refreshedAt,
      ...sessionTimes(refreshedAt, sessionMs, refreshedAt),
      session: { lengthMs: sessionMs, source: 'assumed' as const },
      scopes: ['api', 'refresh_token'],
      instanceUrl: 'https://example.my.salesforce.com',
      loginUrl: 'https://login.salesforce.com',
      attempts: [],
      failures: 0,
    };
    const connection: Connection = {
      version: 1,
      revision: 1,
      writeId: `seed.${id}`,
      id,
      app,
      orgId,
      userId,
      flow: 'authorization_code',
      status: 'active',
      createdAt: refreshedAt,
      authorizedAt: refreshedAt,
      grant,
      duties: {},
      nextRefreshAt: nextRefreshAfterSuccess(grant, true, random.fraction()),
    };
    await ports.store.connections.create(connection);
  }
}
