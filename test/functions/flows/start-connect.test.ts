import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionIdOfLinkSecret } from '../../../functions/core/browser-binding.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import { attemptsIdOf } from '../../../functions/core/ledger.ts';
import type { Session } from '../../../functions/core/session.ts';
import { type ConnectOrder, startConnect } from '../../../functions/flows/start-connect.ts';
import type { Admission } from '../../../functions/flows/unlink-integration.ts';
import { anIntegration, next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts, orgA, storedConnection, userA } from '../../support/memory-ports.ts';

const connectionId = `crm.${orgA}.${userA}`;
const key = { tenant: 'acme', integration: 'sync' };

interface Started {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function setUp(connection?: Partial<Connection>, linked = true) {
  const ports = memoryPorts();
  if (connection !== undefined) {
    await storedConnection(ports, { connection });
    if (linked) {
      await ports.store.inner.integrations.create(
        anIntegration('acme', 'sync', { connectionId, status: 'configured' }),
      );
      await ports.store.inner.addUse(connectionId, key);
    }
  }
  const start = async (
    change: Partial<ConnectOrder> = {},
    refusalOf: Admission = () => undefined,
  ): Promise<Started> => {
    const appConfig = ports.config.apps.crm!;
    const { loginUrl } = appConfig;
    const order = { app: 'crm', appConfig, ...key, loginUrl, reauthorize: false, force: false, ...change };
    const answer = await startConnect(ports, order, refusalOf);
    if (answer.kind === 'problem')
      return { status: 0, body: { code: answer.problem.code, field: answer.problem.field } };
    assert.ok(answer.kind === 'json');
    return answer;
  };
  return { ports, start };
}

test('a new integration gets a session and a link whose secret is not the session’s id', async () => {
  const { ports, start } = await setUp();
  const { status, body } = await start({ configuration: '{}', expectedOrgId: orgA });
  assert.equal(status, 201);
  const { session_id, connect_url, ...rest } = body as Record<string, string>;
  assert.deepEqual(rest, { status: 'pending', expires_at: '2026-11-21T12:15:00.000Z' });
  const secret = connect_url?.replace('https://grants.example/connect/', '') ?? '';
  assert.equal(sessionIdOfLinkSecret(secret), session_id);
  const session = await ports.store.inner.sessions.read(session_id ?? '');
  assert.deepEqual([session?.status, session?.expectedOrgId, session?.configuration], ['pending', orgA, '{}']);
  assert.ok(!JSON.stringify(ports.store.inner.dump()).includes(secret));
});

test('an integration whose connection is active is not sent to Salesforce again', async () => {
  const { ports, start } = await setUp({});
  const { status, body } = await start();
  assert.deepEqual([status, body], [200, { status: 'connected', connection_id: connectionId }]);
  assert.deepEqual(ports.configurationRequests, []);
  assert.deepEqual(await start({ configuration: '{"a":1}' }), { kind: 'json', status, body });
  assert.deepEqual(ports.configurationRequests, [{ version: 1, ...key, configurationVersion: 2 }]);
  assert.equal((await ports.store.inner.integrations.read(key))?.configuration, '{"a":1}');
});

test('an integration is sent again where it asks, or where its connection is not active', async () => {
  const active = await setUp({});
  const asked = await active.start({ reauthorize: true });
  assert.equal(asked.status, 201);
  const session = await active.ports.store.inner.sessions.read(String(asked.body.session_id));
  assert.deepEqual([session?.expectedOrgId, session?.expectedUserId], [orgA, undefined]);
  for (const status of ['reauthorization_required', 'admin_action_required', 'disconnected'] as const) {
    assert.equal((await (await setUp({ status })).start()).status, 201, status);
  }
});

test('another expected org asks for another authorization', async () => {
  const { start } = await setUp({});
  assert.equal((await start({ expectedOrgId: '00D000000000002AAA' })).status, 201);
  assert.equal((await start({ expectedOrgId: orgA })).status, 200);
});

test('a second integration of a tenant shares its connection by name, and spends no grant', async () => {
  const { ports, start } = await setUp({});
  const { status } = await start({ integration: 'second', connectionId });
  assert.equal(status, 200);
  const second = await ports.store.inner.integrations.read({ tenant: 'acme', integration: 'second' });
  assert.equal(second?.connectionId, connectionId);
  assert.equal((await ports.store.inner.usesOf(connectionId, 10)).length, 2);
});

test('a tenant does not share the connection of another, nor one that contradicts it', async () => {
  const { start } = await setUp({});
  const unknown = { code: 'unknown_connection', field: 'connection_id' };
  assert.deepEqual((await start({ tenant: 'evil', connectionId })).body, unknown);
  assert.deepEqual((await start({ connectionId: 'crm.x.y' })).body, unknown);
  assert.deepEqual((await start({ app: 'other', connectionId })).body, unknown);
  assert.deepEqual((await start({ connectionId, expectedOrgId: '00D000000000002AAA' })).body, {
    code: 'invalid_request',
    field: 'expected_org_id',
  });
});

test('a named connection that is not active expects its own org and user', async () => {
  const { ports, start } = await setUp({ status: 'reauthorization_required' });
  const { status, body } = await start({ connectionId });
  assert.equal(status, 201);
  const session = await ports.store.inner.sessions.read(String(body.session_id));
  assert.deepEqual([session?.expectedOrgId, session?.expectedUserId], [orgA, userA]);
});

async function sessionOf(ports: MemoryPorts, { status, body }: Started): Promise<Session | undefined> {
  assert.equal(status, 201);
  return ports.store.inner.sessions.read(String(body.session_id));
}

test('the attempt will stand with the connection that is believed, and else with the integration', async () => {
  const unknown = await setUp();
  assert.equal((await sessionOf(unknown.ports, await unknown.start()))?.ledgerId, 'crm/acme/sync');
  assert.equal(attemptsIdOf('crm', key), 'crm/acme/sync');
  const dead = await setUp({ status: 'reauthorization_required' });
  assert.equal((await sessionOf(dead.ports, await dead.start()))?.ledgerId, connectionId);
  const elsewhere = await dead.start({ expectedOrgId: '00D000000000002AAA' });
  assert.equal((await sessionOf(dead.ports, elsewhere))?.ledgerId, 'crm/acme/sync');
  const other = await dead.start({ app: 'other', integration: 'sync' });
  assert.equal((await sessionOf(dead.ports, other))?.ledgerId, 'other/acme/sync');
});

test('a session wants a claim where its app does', async () => {
  const { ports, start } = await setUp();
  const appConfig = ports.config.apps.crm!;
  assert.equal((await sessionOf(ports, await start()))?.claim, true);
  const free = await start({ appConfig: { ...appConfig, claim: false } });
  assert.equal((await sessionOf(ports, free))?.claim, undefined);
});

test('a sign-in is for nobody’s integration: none is read, none is enough, and none is asked for', async () => {
  const { ports, start } = await setUp({});
  ports.store.resetCalls();
  const appConfig = { ...ports.config.apps.crm!, purpose: 'sign_in' as const };
  const refusing = () => assert.fail('it is no integration that is taken from anybody');
  const session = await sessionOf(ports, await start({ appConfig, expectedOrgId: orgA, loginHint: 'ada' }, refusing));
  assert.deepEqual([...ports.store.calls.keys()], ['sessions.create']);
  assert.deepEqual([session?.expectedOrgId, session?.expectedUserId, session?.loginHint], [orgA, undefined, 'ada']);
  assert.deepEqual([session?.claim, ports.maintained], [true, []]);
});

test('an integration whose connection the caller may not touch is not taken from there', async () => {
  const { ports, start } = await setUp({});
  const asked: string[] = [];
  const refusalOf: Admission = (id) => {
    asked.push(id);
    return { code: 'forbidden', detail: 'Not this app.' };
  };
  const dump = JSON.stringify(ports.store.inner.dump());
  assert.equal((await start({ reauthorize: true }, refusalOf)).body.code, 'forbidden');
  assert.equal((await start({}, refusalOf)).body.code, 'forbidden');
  assert.deepEqual([asked, JSON.stringify(ports.store.inner.dump())], [[connectionId, connectionId], dump]);
  assert.equal((await start({ integration: 'new' }, refusalOf)).status, 201, 'a new one is nobody’s');
});

test('an integration that was unlinked is asked anew, and shares by name where its tenant does', async () => {
  const { ports, start } = await setUp({});
  const linked = (await ports.store.inner.integrations.read(key))!;
  const tombstone = next<typeof linked>(linked, { status: 'unlinked', linkedAt: ports.clock.now() });
  await ports.store.inner.integrations.replace(linked, tombstone);
  assert.equal((await sessionOf(ports, await start()))?.ledgerId, 'crm/acme/sync');
  assert.deepEqual((await start({ connectionId })).body, { status: 'connected', connection_id: connectionId });
  assert.equal((await ports.store.inner.integrations.read(key))?.status, 'linked');
});

test('a connection that goes while it is shared is asked for anew', async () => {
  const { ports, start } = await setUp({});
  ports.store.disturb('connections.replace', async () => {
    const before = (await ports.store.inner.connections.read(connectionId))!;
    const dead = next<Connection>(before, { status: 'reauthorization_required' });
    await ports.store.inner.connections.replace(before, dead);
  });
  const session = await sessionOf(ports, await start({ integration: 'second', connectionId }));
  assert.deepEqual([session?.expectedOrgId, session?.expectedUserId], [orgA, userA]);
  assert.equal(await ports.store.inner.integrations.read({ tenant: 'acme', integration: 'second' }), undefined);
});

test('what was linked or unlinked by a process whose clock is ahead is older than the request that found it', async () => {
  for (const status of ['configured', 'unlinked'] as const) {
    const { ports, start } = await setUp({}, false);
    const linkedAt = ports.clock.now() + 900;
    await ports.store.inner.integrations.create(anIntegration('acme', 'sync', { connectionId, status, linkedAt }));
    // Another integration of the tenant keeps the connection alive.
    await ports.store.inner.addUse(connectionId, { tenant: 'acme', integration: 'other' });
    assert.equal((await start({ connectionId, configuration: '{"a":1}' })).status, 200);
    const integration = await ports.store.inner.integrations.read(key);
    assert.deepEqual([integration?.status, integration?.configuration], ['linked', '{"a":1}'], status);
  }
});
