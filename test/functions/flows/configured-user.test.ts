import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../functions/core/hash.ts';
import type { Integration } from '../../../functions/core/integration.ts';
import type { LiveToken } from '../../../functions/core/ports.ts';
import { ConfigurationFailedError } from '../../../functions/flows/configure-integration.ts';
import { next } from '../../contract/items.ts';
import { orgA, userA } from '../../support/memory-ports.ts';
import { json, timedOut } from '../../support/token-server.ts';
import { key, setUp, shown, text } from './configuration-world.ts';

test('a deactivated user is found, said so with what to do, and not tried again', async () => {
  for (const answer of [text(404, 'Inactive'), json(200, { user_id: userA, organization_id: orgA, active: false })]) {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    assert.equal(await run(), 'failed');
    const [status, reason] = await shown(ports);
    assert.equal(status, 'configuration_failed');
    assert.match(reason ?? '', /^user_inactive: .*administrator .*PUT the configuration/);
    assert.deepEqual(ports.configured, []);
  }
});

for (const [what, answer] of [
  ['a silence', timedOut],
  ['an outage', text(503, '<html>')],
  ['a page about maintenance', text(200, '<html>')],
] as const) {
  test(`${what} of the identity URL is recorded, and tried again`, async () => {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    await assert.rejects(run(), ConfigurationFailedError);
    assert.match((await shown(ports))[1] ?? '', /^salesforce_unavailable: /);
    assert.deepEqual(ports.configured, []);
    ports.others.identity = () => json(200, { user_id: userA, organization_id: orgA, active: true });
    assert.equal(await run(), 'configured');
  });
}

for (const [what, answer] of [
  ['a refusal for want of a scope', text(403, 'No_Access')],
  ['another site', text(404, 'No_Site_Endpoint')],
  ['another document', json(200, {})],
  [
    'an answer about another user',
    json(200, { user_id: '005000000000009AAA', organization_id: orgA, active: false, username: 'eve@acme.example' }),
  ],
] as const) {
  test(`${what} says nothing of the user: logged, and the step runs`, async () => {
    const { ports, run } = await setUp();
    ports.others.identity = () => answer;
    assert.equal(await run(), 'configured');
    assert.match(ports.logged.join('\n'), /warn: The identity URL says nothing about the user/);
    assert.equal(await ports.store.inner.connectionOfUsername('crm', 'eve@acme.example'), undefined);
  });
}

test('a token that Salesforce refuses is reported, and asked again once with a newer one', async () => {
  const { ports, held, run } = await setUp();
  const { identity } = ports.others;
  for (const refusal of [text(403, 'Bad_OAuth_Token'), text(401, '')]) {
    ports.tokenReads.length = 0;
    ports.apiCalls.length = 0;
    ports.others.identity = (call) => (call.accessToken === 'live-access' ? refusal : identity(call));
    await run();
    const rejectedTokenSha256 = sha256Hex('live-access');
    assert.deepEqual(ports.tokenReads, [{ connectionId: held.id }, { connectionId: held.id, rejectedTokenSha256 }]);
    assert.deepEqual(
      ports.apiCalls.map(({ accessToken }) => accessToken),
      ['live-access', 'newer-access'],
    );
    const item = await ports.store.inner.integrations.read(key);
    assert.ok(item);
    await ports.store.inner.integrations.replace(item, next<Integration>(item, { status: 'linked' }));
  }
});

test('a newer token that is refused too ends the asking, not the step', async () => {
  const { ports, run } = await setUp();
  ports.others.identity = () => text(403, 'Bad_OAuth_Token');
  assert.equal(await run(), 'configured');
  assert.equal(ports.apiCalls.length, 2);
});

const problem = (code: string): LiveToken => ({ kind: 'problem', code, detail: 'why.' });

for (const code of ['reauthorization_required', 'admin_action_required', 'disconnected', 'unknown_connection']) {
  test(`no token because of ${code}: recorded, and not tried again by itself`, async () => {
    const { ports, run } = await setUp();
    ports.others.token = () => problem(code);
    assert.equal(await run(), 'failed');
    assert.deepEqual(await shown(ports), ['configuration_failed', `${code}: why.`]);
  });
}

for (const code of ['refresh_pending', 'store_unavailable', 'app_misconfigured']) {
  test(`no token because of ${code}: recorded, and tried again`, async () => {
    const { ports, run } = await setUp();
    ports.others.token = () => problem(code);
    await assert.rejects(run(), ConfigurationFailedError);
    assert.deepEqual(await shown(ports), ['configuration_failed', `${code}: why.`]);
  });
}

test('a token function that fails is tried again', async () => {
  const { ports, run } = await setUp();
  ports.others.token = () => Promise.reject(new Error('Function token handed out no token.'));
  await assert.rejects(run(), ConfigurationFailedError);
  assert.deepEqual(await shown(ports), ['configuration_failed', 'Function token handed out no token.']);
});

test('a disconnected connection, or none, fails for good, and no token is asked for', async () => {
  const { ports, run } = await setUp({}, { connection: { status: 'disconnected' } });
  assert.equal(await run(), 'failed');
  assert.match((await shown(ports))[1] ?? '', /^disconnected: .*connect session/);
  const other = await setUp({ connectionId: `crm.${orgA}.005000000000009AAA` });
  assert.equal(await other.run(), 'failed');
  assert.match((await shown(other.ports))[1] ?? '', /^unknown_connection: /);
  assert.deepEqual([ports.tokenReads, other.ports.tokenReads], [[], []]);
});

test('the username is remembered, as a hint whose loss costs nothing', async () => {
  const { ports, held, run } = await setUp();
  await run();
  assert.equal(await ports.store.inner.connectionOfUsername('crm', 'ADA@acme.example'), held.id);
  const other = await setUp();
  other.ports.store.disturb('rememberUsername', 'unavailable');
  assert.equal(await other.run(), 'configured');
  assert.equal(await other.ports.store.inner.connectionOfUsername('crm', 'ada@acme.example'), undefined);
});
