import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, otherUser, startFlow, user } from '../support/flow.ts';

const tenMinutesMs = 600_000;

/** A second app like `crm`, and callers that may be held to `crm`. */
async function setUp() {
  let isLimited = false;
  const change = (ports: Ports): Ports => ({
    ...ports,
    appCallers: { allowedApps: () => (isLimited ? new Set(['crm']) : 'all') },
    secrets: { of: (app, options) => ports.secrets.of(app === 'erp' ? 'crm' : app, options) },
    config: { ...ports.config, apps: { ...ports.config.apps, erp: ports.config.apps.crm! } },
  });
  const flow = await startFlow({ change });
  const start = (app: string, limited: boolean) => {
    isLimited = limited;
    return flow.api('POST', '/connect-sessions', { app, tenant: 'acme', integration: 'sync' });
  };
  const unlimited = () => {
    isLimited = false;
  };
  return { flow, start, unlimited };
}

async function authorize(flow: Flow, connectUrl: string, username: string): Promise<void> {
  const person = flow.browser();
  const login = await person.open(connectUrl);
  await person.get(flow.simulator.authorize(login, { username, decision: 'allow' }));
}

it('a limited caller’s session takes no integration from an app by which it was linked since', async () => {
  const { flow, start, unlimited } = await setUp();
  try {
    const early = await start('crm', true);
    assert.equal(early.status, 201, 'nobody has the integration yet');
    const theirs = await start('erp', false);
    await authorize(flow, theirs.body.connect_url, user);
    const before = (await flow.api('GET', '/integrations/acme/sync')).body;
    assert.match(before.connection_id, /^erp\./);
    assert.equal((await start('crm', true)).status, 403, 'from now on it is refused at once');

    flow.clock.advance(tenMinutesMs);
    await authorize(flow, early.body.connect_url, otherUser);
    await flow.stack.tick();
    unlimited();
    const after = (await flow.api('GET', '/integrations/acme/sync')).body;
    assert.deepEqual([after.connection_id, after.connection_status], [before.connection_id, 'active']);
    const { connections } = (await flow.api('GET', '/connections?app=crm')).body;
    assert.deepEqual(
      connections.map(({ status }: { status: string }) => status),
      ['disconnected'],
      'what the session brought is given up, for nobody uses it',
    );
  } finally {
    await flow.close();
  }
});

it('who is not limited moves it', async () => {
  const { flow, start } = await setUp();
  try {
    await authorize(flow, (await start('erp', false)).body.connect_url, user);
    flow.clock.advance(tenMinutesMs);
    await authorize(flow, (await start('crm', false)).body.connect_url, otherUser);
    const { body } = await flow.api('GET', '/integrations/acme/sync');
    assert.match(body.connection_id, /^crm\./);
  } finally {
    await flow.close();
  }
});
