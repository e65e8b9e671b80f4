/**
 * What a connection keeps when its org is forgotten: nothing that is sealed, and no wrapped key. A disconnect without a
 * revocation, for nobody can open the tokens any more; a grant that still lives has to be ended in Salesforce.
 */
import type { Connection } from './connection.ts';
import { decideDisconnect } from './disconnect.ts';
import type { Duty } from './duty.ts';

export interface Forgetting {
  readonly after: Connection;
  /** Grants whose tokens are lost, so that they cannot be revoked by us. */
  readonly grants: readonly string[];
}

/** `undefined`: it holds nothing. */
export function decideForget(connection: Connection, now: number): Forgetting | undefined {
  const sealed = sealsOf(connection);
  if (connection.grant === undefined && sealed.length === 0) return undefined;
  const ended = decideDisconnect(connection, now);
  const duties = Object.fromEntries(Object.entries(ended.duties).filter(([, { kind }]) => kind !== 'revoke'));
  return {
    after: { ...ended, duties, forgottenAt: ended.disconnectedAt },
    grants: [...new Set(sealed.map(({ grantId }) => grantId))],
  };
}

export interface StoredSeal {
  readonly grantId: string;
  readonly purpose: 'access' | 'refresh';
  readonly sealed: string;
  /** Under keys in the item itself, not under its org's. */
  readonly own: boolean;
}

/** All that a connection holds sealed. */
export function sealsOf({ grant, duties }: Connection): readonly StoredSeal[] {
  const seals: StoredSeal[] = [];
  if (grant !== undefined) {
    const base = { grantId: grant.id, own: grant.ownKeys !== undefined };
    seals.push({ ...base, purpose: 'access', sealed: grant.accessToken });
    if (grant.refreshToken !== undefined) seals.push({ ...base, purpose: 'refresh', sealed: grant.refreshToken });
  }
  for (const duty of Object.values<Duty>(duties)) {
    if (duty.kind !== 'revoke') continue;
    const { grantId, tokenPurpose: purpose, token: sealed, ownKeys } = duty;
    seals.push({ grantId, purpose, sealed, own: ownKeys !== undefined });
  }
  return seals;
}
