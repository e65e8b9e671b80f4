import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAppCallers } from '../../../functions/core/app-callers.ts';
import { parseConfig } from '../../../functions/core/config.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { createConnectionsHandler } from '../../../functions/handlers/connections.ts';
import { aConnection, aFleetWatch, aGrant, anIncident, anOpenIncident, aWatch } from '../../contract/items.ts';
import { memoryPorts } from '../../support/memory-ports.ts';
import { loadContract } from '../../support/openapi.ts';
import { httpEvent, lambdaContext } from '../runtime/lambda-event.ts';

const account = '111122223333';
const appCallers = createAppCallers(
  JSON.stringify([
    { account, role: 'Sales', apps: { read: ['crm', 'gone'] } },
    { account, role: 'Nobody', apps: { read: [] } },
  ]),
);
const config = parseConfig({ apps: { crm: { clientId: 'c' }, erp: { clientId: 'e', flow: 'jwt_bearer' } } }, 'test');

function setUp(overrides: Partial<Ports> = {}) {
  const ports = memoryPorts({ config, appCallers, ...overrides });
  const handler = createConnectionsHandler(ports);
  const ask = async (role = 'Other', query = '') => {
    const { checkAnswer } = await loadContract();
    const event = httpEvent({ path: '/health', query });
    const userArn = `arn:aws:sts::${account}:assumed-role/${role}/s`;
    Object.assign(event.requestContext, { authorizer: { iam: { accountId: account, userArn } } });
    const { statusCode = 0, headers = {}, body } = await handler(event, lambdaContext());
    const answered = new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    checkAnswer({ method: 'GET', path: '/health', status: statusCode, headers: answered, body });
    return { status: statusCode, body: JSON.parse(body ?? '') };
  };
  return { ports, store: ports.store.inner, ask };
}

type Codes = { findings: { code: string }[] };
const codes = ({ findings }: Codes) => findings.map(({ code }) => code);

describe('GET /health', () => {
  it('is ok where nothing is, and says so of each app', async () => {
    const { ask } = setUp();
    const { status, body } = await ask();
    assert.deepEqual([status, body.status, body.connections.total, body.incidents], [200, 'ok', 0, []]);
    assert.deepEqual(
      body.apps.map(({ app, flow }: { app: string; flow: string }) => [app, flow]),
      [
        ['crm', 'authorization_code'],
        ['erp', 'jwt_bearer'],
      ],
    );
  });

  it('counts by status, and asks for attention where a connection is dead', async () => {
    const { ask, store } = setUp();
    await store.connections.create(aConnection(1));
    await store.connections.create(
      aConnection(2, { status: 'reauthorization_required' }, { cause: 'revoked_or_unknown' }),
    );
    const { body } = await ask();
    assert.equal(body.status, 'attention');
    assert.deepEqual(body.connections, {
      total: 2,
      complete: true,
      by_status: { active: 1, admin_action_required: 0, reauthorization_required: 1, disconnected: 0 },
    });
    assert.equal(codes(body.apps[0])[0], 'reauthorization_required');
    assert.ok(!codes(body.apps[1]).includes('reauthorization_required'));
  });

  it('counts what was not even tried for a quarter of an hour, and nothing that is due for less', async () => {
    const { ask, ports, store } = setUp();
    const now = ports.clock.now();
    for (const [n, minutes] of [
      [1, 15],
      [2, 40],
      [3, 14],
    ] as const) {
      await store.connections.create(
        aConnection(n, {}, { nextRefreshAt: now - minutes * 60_000, grant: aGrant(`g-${n}`, { refreshes: 1 }) }),
      );
    }
    const { body } = await ask();
    const oldest = new Date(now - 40 * 60_000).toISOString();
    assert.deepEqual(body.overdue, { count: 2, complete: true, oldest_due_at: oldest });
    assert.equal(body.status, 'ok');
  });

  it('shows open incidents of orgs, fleets and the deployment, the fleet’s however old its news', async () => {
    const { ask, ports, store } = setUp();
    const now = ports.clock.now();
    await store.watches.create(aWatch(1, now, { incident: anOpenIncident() }));
    await store.watches.create(aFleetWatch(0, { incident: anOpenIncident({ id: 'fleet' }) }));
    await store.incidents.create(anIncident({ id: 'tokens_in_lifeboat', openedAt: now }));
    const { body } = await ask();
    assert.equal(body.status, 'attention');
    assert.deepEqual(body.incidents.map(({ type }: { type: string }) => type).toSorted(), [
      'fleet_incident',
      'invalid_grant_spike',
      'tokens_in_lifeboat',
    ]);
  });

  it('looks at those that wait for somebody, however far down the list they stand', async () => {
    const { ask, store } = setUp();
    for (let n = 1; n <= 120; n += 1) await store.connections.create(aConnection(n));
    await store.connections.create(aConnection(900, { org: 9, status: 'admin_action_required' }));
    const { body } = await ask();
    const [first] = body.apps[0].findings;
    assert.equal(first.code, 'admin_action_required');
    assert.match(first.evidence.join(), new RegExp(aConnection(900, { org: 9 }).id.replaceAll('.', '\\.')));
  });

  it('reads a hundred ledgers of an app at most', async () => {
    const { ask, ports, store } = setUp();
    for (let n = 1; n <= 130; n += 1) {
      const status = n % 2 === 0 ? 'active' : 'reauthorization_required';
      await store.connections.create(aConnection(n, { status }));
    }
    ports.store.resetCalls();
    await ask();
    assert.equal(ports.store.calls.get('ledgers.read'), 100);
  });

  it('names the addresses from which requests leave', async () => {
    assert.ok(codes((await setUp().ask()).body.apps[0]).includes('egress_addresses_unknown'));
    const fixed = await setUp({ egressAddresses: ['192.0.2.1'] }).ask();
    assert.ok(codes(fixed.body.apps[0]).includes('egress_addresses_fixed'));
  });

  it('shows a limited caller its own apps only, and nothing of the whole deployment', async () => {
    const { ask, ports, store } = setUp();
    const now = ports.clock.now();
    await store.connections.create(aConnection(1, {}, { nextRefreshAt: now - 3_600_000 }));
    await store.connections.create(aConnection(2, { app: 'erp' }, { nextRefreshAt: now - 7_200_000 }));
    await store.incidents.create(anIncident({ openedAt: now }));
    const { body } = await ask('Sales');
    assert.deepEqual(
      body.apps.map(({ app }: { app: string }) => app),
      ['crm'],
    );
    assert.deepEqual([body.connections.total, body.overdue.count, body.incidents], [1, 1, []]);
    assert.doesNotMatch(JSON.stringify(body), /erp/);
    assert.equal((await ask()).body.incidents.length, 1);
  });

  it('refuses a caller without any app, and a query', async () => {
    const { ask } = setUp();
    const { status, body } = await ask('Nobody');
    assert.deepEqual([status, body.code], [403, 'forbidden']);
    assert.equal((await ask('Other', 'app=crm')).body.field, 'query.app');
  });
});
