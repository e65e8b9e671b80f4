/** What the table must hold after a refresh, and what it must hold nowhere. */
import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import { connectionKey, dataKeyKey } from '../../functions/adapters/dynamodb/keys.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Grant } from '../../functions/core/grant.ts';
import type { Administration, Row } from './administration.ts';

/** Throws where a token stands in any item, as it is or in an encoding of its bytes. */
export function assertNoneStored(items: readonly Row[], tokens: readonly string[]): void {
  const text = JSON.stringify(items);
  for (const [index, token] of tokens.entries()) {
    const encodings = (['utf8', 'base64', 'base64url', 'hex'] as const).map((encoding) =>
      encoding === 'utf8' ? token : Buffer.from(token).toString(encoding).replace(/=+$/, ''),
    );
    for (const encoding of encodings) {
      assert.equal(
        text.includes(encoding),
        false,
        `token ${index + 1} of ${tokens.length} stands in the table in the clear`,
      );
    }
  }
}

export async function storedGrant(administration: Administration, connectionId: string): Promise<Grant> {
  const connection = (await administration.item(connectionKey(connectionId))) as unknown as Connection;
  assert.equal(connection.status, 'active');
  assert.ok(connection.grant, 'the connection has a grant');
  return connection.grant;
}

/** Sealed under keys of the callback's own, which travel with the grant: the callback could not know the org. */
export async function assertOwnKeys(administration: Administration, grant: Grant): Promise<void> {
  const { ownKeys } = grant;
  assert.ok(ownKeys, 'the grant carries the keys of its callback');
  assert.notEqual(ownKeys.access, ownKeys.refresh);
  const stored = (await administration.allItems()).filter(({ pk }) => String(pk).startsWith('K#'));
  const orgKeyIds = stored.map(({ id }) => id);
  for (const sealed of [grant.accessToken, grant.refreshToken])
    assert.equal(orgKeyIds.includes(keyIdOf(sealed)), false);
}

/** Sealed under the org's keys, one for each purpose, and the callback's own are gone. */
export async function assertOrgKeys(administration: Administration, grant: Grant, orgId: string): Promise<void> {
  assert.equal(grant.ownKeys, undefined, 'the keys of the callback are gone');
  const [access, refresh] = await Promise.all([
    administration.item(dataKeyKey(orgId, 'access')),
    administration.item(dataKeyKey(orgId, 'refresh')),
  ]);
  assert.notEqual(access.id, refresh.id);
  assert.equal(keyIdOf(grant.accessToken), access.id);
  assert.equal(keyIdOf(grant.refreshToken), refresh.id);
}

/** Of a connection without a refresh token: sealed under the org's key. */
export async function assertAccessKey(administration: Administration, grant: Grant, orgId: string): Promise<void> {
  assert.equal(grant.refreshToken, undefined);
  assert.equal(grant.ownKeys, undefined, 'the key that it was made with is gone');
  const access = await administration.item(dataKeyKey(orgId, 'access'));
  assert.equal(keyIdOf(grant.accessToken), access.id);
}

function keyIdOf(sealed: string | undefined): string | undefined {
  assert.ok(sealed, 'the token is stored');
  assert.equal(sealed.split('.').length, 5, 'a stored token is a compact JWE');
  const { alg, enc, kid } = decodeProtectedHeader(sealed);
  assert.deepEqual({ alg, enc }, { alg: 'dir', enc: 'A256GCM' });
  return kid;
}
