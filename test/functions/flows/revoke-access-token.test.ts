import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { disconnect } from '../../../functions/flows/disconnect.ts';
import { createMaintain } from '../../../functions/flows/maintain.ts';
import { createRevokeAccessToken } from '../../../functions/flows/revoke-access-token.ts';
import { createRefreshHandler } from '../../../functions/handlers/refresh.ts';
import { next } from '../../contract/items.ts';
import { memoryPorts, storedConnection } from '../../support/memory-ports.ts';
import { timedOut } from '../../support/token-server.ts';
import { lambdaContext } from '../runtime/lambda-event.ts';

/** A connection that brought no refresh token, disconnected: its access token waits for its revocation. */
async function owedAccessToken(change: Partial<Connection> = {}) {
  const unwrapped: string[] = [];
  const asked: unknown[] = [];
  const ports = memoryPorts();
  const { connection } = await storedConnection(ports, { grant: { refreshToken: undefined }, connection: change });
  await disconnect(ports, connection.id, undefined, true);
  const grantId = connection.grant.id;
  const request = {
    version: 1,
    kind: 'revoke_access_token',
    holder: 'connection',
    id: connection.id,
    grantId,
  } as const;
  const maintain = () => {
    const keys: typeof ports.keys = {
      ...ports.keys,
      unwrapDataKey: (wrapped, context) => {
        unwrapped.push(context.purpose);
        return ports.keys.unwrapDataKey(wrapped, context);
      },
    };
    const accessRevoker: typeof ports.accessRevoker = {
      revoke: (revocation) => {
        asked.push(revocation);
        return ports.accessRevoker.revoke(revocation);
      },
    };
    return ports.clock.run(createMaintain({ ...ports, keys, accessRevoker })(() => 60_000));
  };
  const read = async () => (await ports.store.inner.connections.read(connection.id)) as Connection;
  const revocations = () => ports.server.requests.filter(({ kind }) => kind === 'revoke').length;
  const revoke = createRevokeAccessToken(ports);
  return { ports, connection, grantId, request, maintain, read, revocations, revoke, unwrapped, asked };
}

describe('an access token that is owed its revocation', () => {
  it('is revoked by refresh, and maintain opens no access key for it', async () => {
    const { request, maintain, read, revocations, unwrapped, asked } = await owedAccessToken();
    await maintain();
    assert.deepEqual((await read()).duties, {});
    assert.equal(revocations(), 1);
    assert.deepEqual(asked, [request]);
    assert.deepEqual(unwrapped, []);
  });

  it('is not revoked on a copied table, whoever asks: the request may be older than the copy', async () => {
    const { ports, request, read, revocations } = await owedAccessToken();
    const tableIdentity: Ports['tableIdentity'] = {
      state: async () => ({ kind: 'restored', tableId: 'copy', tableName: 'grants' }),
    };
    const handler = createRefreshHandler({ ...ports, tableIdentity });
    assert.deepEqual(await handler(request, lambdaContext()), { version: 1, outcome: 'later' });
    assert.equal(revocations(), 0);
    assert.equal(Object.keys((await read()).duties).length, 1);
  });

  it('stays owed while Salesforce does not answer, and is revoked at the next try', async () => {
    const { ports, maintain, read, revocations } = await owedAccessToken();
    ports.server.next('revoke', () => timedOut);
    await maintain();
    assert.equal(Object.keys((await read()).duties).length, 1);
    ports.clock.advance(10 * 60_000);
    await maintain();
    assert.deepEqual((await read()).duties, {});
    assert.equal(revocations(), 2);
  });

  it('stays owed where refresh cannot be invoked', async () => {
    const { ports, read, revocations } = await owedAccessToken();
    const accessRevoker = { revoke: () => Promise.reject(new Error('throttled')) };
    await ports.clock.run(createMaintain({ ...ports, accessRevoker })(() => 60_000));
    assert.equal(Object.keys((await read()).duties).length, 1);
    assert.equal(revocations(), 0);
    assert.ok(ports.logged.some((line) => line.startsWith('warn: The refresh function could not be asked')));
  });
});

describe('refresh, asked to revoke', () => {
  it('revokes what the duty holds, changes nothing in the store, and may be asked twice', async () => {
    const { request, revoke, read, revocations } = await owedAccessToken();
    const before = await read();
    assert.equal(await revoke(request), 'revoked');
    assert.equal(await revoke(request), 'revoked');
    assert.deepEqual(await read(), before);
    assert.equal(revocations(), 2);
  });

  it('leaves the token alone that the connection holds again', async () => {
    const { ports, connection, request, revoke, read, revocations } = await owedAccessToken();
    const after = { grant: { ...connection.grant, id: 'login-after' }, status: 'active' } as const;
    const stored = await read();
    await ports.store.inner.connections.replace(stored, next<Connection>(stored, after));
    assert.equal(await revoke(request), 'held_again');
    assert.equal(revocations(), 0);
  });

  it('does nothing without a duty of that grant: none, another grant’s, the stored grant’s, or one with a refresh token', async () => {
    const { ports, connection, request, revoke, read, revocations } = await owedAccessToken();
    assert.equal(await revoke({ ...request, id: 'crm.a.b' }), 'later');
    assert.equal(await revoke({ ...request, grantId: 'another' }), 'later');
    assert.equal(await revoke({ ...request, holder: 'session' }), 'later');
    const stored = await read();
    await ports.store.inner.connections.replace(stored, next<Connection>(stored, { grant: connection.grant }));
    assert.equal(await revoke(request), 'later');
    const other = memoryPorts();
    const { connection: refreshable } = await storedConnection(other);
    await disconnect(other, refreshable.id, undefined, true);
    const ofRefreshToken = { ...request, id: refreshable.id, grantId: refreshable.grant.id };
    assert.equal(await createRevokeAccessToken(other)(ofRefreshToken), 'later');
    assert.equal(revocations() + other.server.requests.filter(({ kind }) => kind === 'revoke').length, 0);
  });

  it('answers with a report, and refuses what names a kind and is no such request', async () => {
    const { ports, request } = await owedAccessToken();
    const handler = createRefreshHandler(ports);
    const ask = (event: unknown) => ports.clock.run(handler(event, lambdaContext()));
    assert.deepEqual(await ask(request), { version: 1, outcome: 'revoked' });
    for (const event of [
      { ...request, kind: 'revoke' },
      { ...request, version: 2 },
      { ...request, holder: 'app' },
      { ...request, grantId: undefined },
    ]) {
      await assert.rejects(ask(event), /no request of version 1 to revoke/);
    }
  });
});
