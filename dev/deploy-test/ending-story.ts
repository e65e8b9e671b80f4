/**
 * The last chapter: what the one-minute schedules do. A connection that nobody uses any more is revoked, another one is
 * refreshed when it is due. Both are waited for at once, for a minute is long.
 */
import assert from 'node:assert/strict';
import { connectionKey } from '../../functions/adapters/dynamodb/keys.ts';
import { functionNames } from '../../lib/functions.ts';
import { returnTo } from './customer.ts';
import { until } from './poll.ts';
import { testApp } from './recording-simulator.ts';
import { assertNoneStored, storedGrant } from './stored-tokens.ts';
import { first, grace, integrationPathOf, type Story, tokenPathOf } from './story.ts';
import { readToken } from './working-token.ts';

/** The schedule ticks once a minute; then queue and worker. */
const scheduledWithinMs = 120_000;

const reports = { app: 'crm', tenant: first.tenant, integration: 'reports' } as const;
const billing = { ...reports, integration: 'billing' } as const;

export async function tellTheEnd(story: Story, connectionId: string): Promise<void> {
  const unlinked = await unlinkTheLast(story);
  await waitForTheSchedule(story, connectionId, unlinked);
  await judgeTheWhole(story, connectionId);
}

async function unlinkTheLast({ api, customer, simulator, step }: Story): Promise<string> {
  const connectionId = await step('two integrations share one connection: one grant', async () => {
    const id = await customer.connected(grace, reports);
    const shared = await api.call(200, 'POST', '/connect-sessions', {
      ...billing,
      return_to: returnTo,
      connection_id: id,
    });
    assert.deepEqual(shared, { status: 'connected', connection_id: id });
    assert.equal(grantsOf(id).length, 1);
    return id;
  });

  await step('one is unlinked: the other goes on', async () => {
    await remove(reports);
    assert.equal((await api.call(404, 'GET', integrationPathOf(reports))).code, 'unknown_integration');
    assert.equal((await api.call(200, 'GET', integrationPathOf(billing))).connection_status, 'active');
    await readToken(api, connectionId);
  });

  await step('the last one is unlinked: disconnected, and unreadable at once', async () => {
    await remove(billing);
    assert.equal((await api.call(404, 'GET', integrationPathOf(billing))).code, 'unknown_integration');
    assert.equal((await api.call(404, 'GET', tokenPathOf(connectionId))).code, 'unknown_connection');
    assert.equal((await api.call(410, 'GET', `/connections/${connectionId}/token`)).code, 'disconnected');
    await remove(billing);
    const never = { ...billing, integration: 'never-linked' };
    assert.equal((await api.call(404, 'DELETE', integrationPathOf(never))).code, 'unknown_integration');
  });
  return connectionId;

  async function remove(key: typeof reports | typeof billing): Promise<void> {
    await api.call(204, 'DELETE', integrationPathOf(key));
  }

  function grantsOf(id: string) {
    return simulator.books.grants({ ...onlyClient, userId: id.split('.')[2] });
  }
}

const onlyClient = { clientId: testApp.clientId };

async function waitForTheSchedule(
  { api, administration, simulator, step }: Story,
  connectionId: string,
  unlinked: string,
): Promise<void> {
  const { refreshes } = await storedGrant(administration, connectionId);
  await step('the schedule: what is due is refreshed (index, queue, worker), what is owed is revoked', async () => {
    await administration.makeDue(connectionId);
    await Promise.all([
      until('the scheduled refresh is in the table', scheduledWithinMs, async () =>
        (await storedGrant(administration, connectionId)).refreshes > refreshes ? true : undefined,
      ),
      until('the grant of the unlinked connection is revoked', scheduledWithinMs, async () =>
        (await revokedAt(unlinked)) ? true : undefined,
      ),
    ]);
    assert.deepEqual(simulator.books.liveGrants({ userId: unlinked.split('.')[2] }), []);
    await readToken(api, connectionId);
  });

  await step('the tokens of the disconnected connection are forgotten', async () => {
    const { status, grant, duties } = await administration.item(connectionKey(unlinked));
    assert.deepEqual({ status, grant, duties }, { status: 'disconnected', grant: undefined, duties: {} });
  });

  async function revokedAt(id: string): Promise<boolean> {
    const { grants } = await api.call(200, 'GET', `/connections/${id}`);
    return (grants as { revoked_at?: string }[]).every(({ revoked_at: at }) => at !== undefined);
  }
}

async function judgeTheWhole({ administration, simulator, logs, step }: Story, connectionId: string): Promise<void> {
  await step(
    "Salesforce's books: one live grant, four exchanges, no eviction",
    async () => {
      const live = simulator.books.liveGrants(onlyClient);
      assert.deepEqual(
        live.map(({ userId }) => userId),
        [connectionId.split('.')[2]],
      );
      assert.equal(simulator.books.authorizations(onlyClient), 4);
      assert.deepEqual(simulator.books.evictions(), []);
      return simulator.books.requestCounts();
    },
    (counts) => JSON.stringify(counts),
  );

  await step('logs and table: every function logged, and no token or secret is in either', async () => {
    const text = await logs();
    for (const name of functionNames) assert.match(text, new RegExp(`"service":"${name}"`));
    for (const secret of [...simulator.issued, testApp.clientSecret]) assert.equal(text.includes(secret), false);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });
}
