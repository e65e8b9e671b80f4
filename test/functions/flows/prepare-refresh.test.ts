import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { AppMisconfiguredError, KeysUnavailableError } from '../../../functions/core/errors.ts';
import { generationOf } from '../../../functions/core/grant.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { decideRejection } from '../../../functions/core/read-decision.ts';
import { createAssertions } from '../../../functions/flows/ask-by-assertion.ts';
import { prepareRefresh } from '../../../functions/flows/prepare-refresh.ts';
import { createVault } from '../../../functions/flows/vault.ts';
import { next } from '../../contract/items.ts';
import {
  browserlessConfig,
  browserlessWorld,
  dueLogin,
  jwtConnectionId,
  myDomain,
  serviceConnectionId,
} from '../../support/browserless-world.ts';
import { clientSecret, memoryPorts, stored, storedConnection, unsealed } from '../../support/memory-ports.ts';
import { assertionParts, refused, timedOut } from '../../support/token-server.ts';

const always = () => true;

async function prepared(ports: Ports, connection: Connection) {
  return prepareRefresh(ports, createVault(ports), createAssertions(ports), connection);
}

async function setUp(flow: 'jwt_bearer' | 'client_credentials' = 'jwt_bearer', overrides: Partial<Ports> = {}) {
  const world = browserlessWorld(overrides);
  const order = flow === 'jwt_bearer' ? world.jwtOrder() : world.serviceOrder();
  const { connection, request } = await dueLogin(world, order);
  world.ports.server.requests.length = 0;
  return { ...world, connection, request };
}

describe('what a refresh needs is at hand before its claim', () => {
  it('for a refresh token: the token, opened, and nothing is signed', async () => {
    const ports = memoryPorts();
    const { connection } = await storedConnection(ports);
    const ready = await prepared(ports, connection);
    assert.ok('ask' in ready);
    assert.deepEqual(
      [ready.refresh?.token.reveal(), ready.client.clientSecret?.reveal()],
      ['refresh-1-0', clientSecret],
    );
    assert.equal((await ready.ask(always)).kind, 'tokens');
    assert.deepEqual([ports.server.requests[0]?.kind, ports.signing.made.length], ['refresh', 0]);
  });

  it('for an assertion: the signature, of a new one each time, and no client secret', async () => {
    const { ports, connection } = await setUp();
    const ready = await prepared(ports, connection);
    assert.ok('ask' in ready);
    assert.deepEqual([ready.refresh, ready.client], [undefined, { clientId: 'jwt-client' }]);
    assert.equal(ports.server.requests.length, 0, 'nothing is sent yet');
    ports.signing.failing.add('1');
    assert.equal((await ready.ask(always)).kind, 'tokens', 'the key is not asked again');
    const [sent] = ports.server.requests;
    assert.equal(sent?.kind, 'exchangeAssertion');
    assert.equal(assertionParts(sent?.token ?? '').claims.sub, connection.username);
  });

  it('for a client: its secret, and it asks at its own host', async () => {
    const asked: string[] = [];
    const { ports, connection } = await setUp('client_credentials');
    const salesforce: Ports['salesforce'] = {
      ...ports.salesforce,
      askAsClient: (loginUrl, client, timeoutMs) => {
        asked.push(loginUrl, client.clientSecret?.reveal() ?? '');
        return ports.salesforce.askAsClient(loginUrl, client, timeoutMs);
      },
    };
    const ready = await prepared({ ...ports, salesforce }, connection);
    assert.ok('ask' in ready);
    assert.equal((await ready.ask(always)).kind, 'tokens');
    assert.deepEqual(asked, [myDomain, clientSecret]);
  });

  it('is reported where it is missing: app, username, key or secret', async () => {
    const { ports, connection } = await setUp();
    const reports = [
      await prepared({ ...ports, config: memoryPorts().config }, connection),
      await prepared(ports, { ...connection, username: undefined }),
    ];
    ports.signing.ids = [];
    reports.push(await prepared(ports, connection));
    const secrets = { of: () => Promise.reject(new AppMisconfiguredError('crm-service', 'Its secret is unset.')) };
    const service = await setUp('client_credentials');
    reports.push(await prepared({ ...service.ports, secrets }, service.connection));
    for (const report of reports) {
      assert.ok('outcome' in report);
      assert.equal(report.outcome, 'app_misconfigured');
    }
    assert.equal(ports.server.requests.length + service.ports.server.requests.length, 0);
  });

  it('is nothing where there is no grant to refresh', async () => {
    for (const flow of ['jwt_bearer', 'client_credentials'] as const) {
      const { ports, connection } = await setUp(flow);
      const report = await prepared(ports, { ...connection, grant: undefined });
      assert.ok('outcome' in report);
      assert.equal(report.outcome, 'not_needed');
    }
  });

  it('fails with the key service, before the claim: the connection is as it was', async () => {
    const { ports, connection, request, refresh } = await setUp();
    ports.signing.failing.add('1');
    await assert.rejects(prepared(ports, connection), KeysUnavailableError);
    await assert.rejects(refresh(request), KeysUnavailableError);
    const after = await stored(ports, jwtConnectionId);
    assert.deepEqual([after.grant.lease, after.grant.attempts, after.grant.failures], [undefined, [], 0]);
  });
});

describe('the one refresh machine', () => {
  for (const flow of ['jwt_bearer', 'client_credentials'] as const) {
    const id = flow === 'jwt_bearer' ? jwtConnectionId : serviceConnectionId;

    it(`refreshes by ${flow}: a new generation of the same grant, for one request`, async () => {
      const { ports, connection, request, refresh } = await setUp(flow);
      assert.equal((await refresh(request)).outcome, 'refreshed');
      const { grant, status } = await stored(ports, id);
      assert.deepEqual([grant.id, grant.refreshes, status], [connection.grant.id, 1, 'active']);
      assert.deepEqual(
        [unsealed(grant.accessToken), grant.refreshToken, grant.ownKeys],
        ['login-2', undefined, undefined],
      );
      assert.equal((await refresh(request)).outcome, 'not_needed', 'that generation is over');
      assert.equal(ports.server.requests.filter(({ kind }) => kind !== 'introspect').length, 1);
    });

    it(`of ${flow} costs one read and two writes where nothing interferes`, async () => {
      const { ports, request, refresh, connection } = await setUp(flow);
      await refresh(request);
      ports.clock.advance(3 * 3_600_000);
      ports.store.resetCalls();
      const { grant } = await stored(ports, connection.id);
      assert.equal((await refresh({ ...request, generation: generationOf(grant) })).outcome, 'refreshed');
      // Circuit and key are the process's, and are read anew after three hours.
      const { 'apps.read': _circuit, readDataKey: _key, ...calls } = Object.fromEntries(ports.store.calls);
      assert.deepEqual(calls, { 'connections.read': 1, 'connections.replace': 2 });
    });

    it(`of ${flow} never takes a refusal for a death: there is nobody who could authorize again`, async () => {
      const { ports, request, refresh } = await setUp(flow);
      const kind = flow === 'jwt_bearer' ? 'exchangeAssertion' : 'askAsClient';
      ports.server.next(kind, refused('invalid_grant', 'authentication failure'));
      assert.equal((await refresh(request)).outcome, 'admin_action_required');
      const { status, cause, grant } = await stored(ports, id);
      assert.deepEqual(
        [status, cause, grant.deadSince],
        ['admin_action_required', 'authentication_failure', undefined],
      );
    });

    it(`of ${flow} leaves lease and attempt where no answer came, and asks again after it`, async () => {
      const { ports, request, refresh } = await setUp(flow);
      const kind = flow === 'jwt_bearer' ? 'exchangeAssertion' : 'askAsClient';
      ports.server.next(kind, () => timedOut);
      assert.equal((await refresh(request)).outcome, 'no_answer');
      assert.equal((await refresh(request)).outcome, 'in_flight');
      ports.clock.advance(3_600_000);
      assert.equal((await refresh(request)).outcome, 'refreshed');
      const { grant } = await stored(ports, id);
      assert.deepEqual([grant.lease, grant.attempts], [undefined, []]);
    });
  }

  it('keeps a token rejected that Salesforce gives a second time, and asks again later', async () => {
    const { ports, refresh, connection } = await setUp();
    ports.server.sameTokenAgain = true;
    const decided = decideRejection(connection, connection.grant.accessTokenSha256, ports.clock.now());
    assert.ok(decided.kind === 'reject');
    await ports.store.inner.connections.replace(connection, next({ ...connection, ...decided.after }));
    const request = { version: 1, connectionId: connection.id, reason: 'rejected' } as const;
    await refresh({ ...request, generation: generationOf(connection.grant) });
    const { grant, nextRefreshAt } = await stored(ports, jwtConnectionId);
    assert.deepEqual([grant.rejectedRefreshes, grant.lastFailure?.error], [grant.refreshes, 'token_repeated']);
    assert.ok((nextRefreshAt ?? 0) > ports.clock.now());
    assert.equal((await refresh({ ...request, generation: generationOf(grant) })).outcome, 'backing_off');
    ports.server.sameTokenAgain = false;
    ports.clock.advance(60_000);
    assert.equal((await refresh({ ...request, generation: generationOf(grant) })).outcome, 'refreshed');
    assert.equal((await stored(ports, jwtConnectionId)).grant.rejectedRefreshes, undefined);
  });

  it('puts a login off before the hour is full, touches nothing else, and does it then', async () => {
    const { ports, refresh, request } = await setUp('jwt_bearer', { config: browserlessConfig(10) });
    const before = await stored(ports, jwtConnectionId);
    const logins = { since: ports.clock.now(), count: 4 };
    await ports.store.inner.connections.replace(before, next({ ...before, logins }));
    assert.equal((await refresh(request)).outcome, 'backing_off');
    assert.equal(ports.server.count('exchangeAssertion'), 0);
    const after = await stored(ports, jwtConnectionId);
    assert.deepEqual([after.grant, after.status], [before.grant, 'active']);
    assert.ok((after.nextRefreshAt ?? 0) >= ports.clock.now() + 3_600_000);
    ports.clock.advance(3_600_000);
    assert.equal((await refresh(request)).outcome, 'refreshed');
    assert.equal((await stored(ports, jwtConnectionId)).logins?.count, 1);
  });

  it('never counts a refresh by refresh token as a login', async () => {
    const ports = memoryPorts();
    const { connection } = await storedConnection(ports);
    ports.clock.advance(5_400_000);
    await ports.refresher.refresh({
      version: 1,
      connectionId: connection.id,
      generation: generationOf(connection.grant),
      reason: 'due',
    });
    assert.deepEqual([(await stored(ports)).grant.refreshes, (await stored(ports)).logins], [2, undefined]);
  });
});
