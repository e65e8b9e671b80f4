/**
 * How each scene goes on after a deploy, whichever release does what: through the real flows, to the end that the
 * promises name. Nothing is lost, nothing is unreadable, no duty is dropped, and Salesforce's own books agree.
 */
import assert from 'node:assert/strict';
import { hourMs, walk } from '../../dev/upgrade/scene-acts.ts';
import type { SceneName } from '../../dev/upgrade/scenes.ts';
import type { UpgradeWorld } from '../../dev/upgrade/upgrade-world.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import { org, worksAtSalesforce } from '../support/flow.ts';
import { connectedBy, failures, isDeadAndTold, later, lives, minutes, owesNothing, shown } from './rest.ts';

type Names = Readonly<Record<string, string>>;
type GoOn = (world: UpgradeWorld, names: Names) => Promise<void>;

/** The lease of a refresh, or of an exchange that a death left behind. */
const leaseMs = 80_000;

export const goOn: Readonly<Record<SceneName, GoOn>> = {
  async 'in-use'(world, names) {
    const { flow } = world;
    const list = await flow.api('GET', `/connections?app=crm&limit=1&cursor=${names.cursor}`);
    assert.equal(list.status, 200, 'the cursor of before is taken');
    assert.equal(list.body.connections.length, 1);
    assert.equal((await flow.api('GET', `/connect-sessions/${names.session}`)).body.status, 'connected');
    await lives(world, names.connection, 2);
    const put = await flow.api('PUT', '/integrations/acme/sync/configuration', { configuration: { table: 'leads' } });
    assert.equal(put.status, 202);
    await minutes(world, 1);
    const { status, configuration_version: version } = (await flow.api('GET', '/integrations/acme/sync')).body;
    assert.deepEqual([status, version], ['configured', 2]);
    assert.equal((await flow.api('DELETE', `/connections/${names.connection}`)).status, 204);
    await minutes(world, 2);
    assert.equal(flow.simulator.books.liveGrants().length, 1, 'the grant was revoked');
    assert.equal((await flow.token(names.connection ?? '')).status, 410);
  },

  async fresh(world, names) {
    await minutes(world, 1);
    assert.equal((await world.flow.api('GET', '/integrations/acme/sync')).body.status, 'configured');
    await lives(world, names.connection);
  },

  async 'link-owed'(world, { session }) {
    await minutes(world, 3);
    await lives(world, await connectedBy(world, session));
    assert.equal(world.flow.tokenRequests('authorization_code'), 1, 'a second authorization was not needed');
  },

  async 'exchange-unanswered'(world, { session }) {
    await minutes(world, 7);
    const { status, error } = (await world.flow.api('GET', `/connect-sessions/${session}`)).body;
    assert.deepEqual([status, error?.code], ['failed', 'lost_response']);
    await lives(world, (await world.flow.connect()).connectionId, 'any');
  },

  async superseded(world, names) {
    await later(world, 20);
    await lives(world, names.connection);
  },

  async 'budget-spent'(world, names) {
    await world.flow.connect({ reauthorize: true });
    assert.deepEqual(world.flow.simulator.books.evictions(), []);
    await later(world, 25);
    await lives(world, names.connection);
  },

  async disconnected(world, { connection = '' }) {
    assert.equal((await world.flow.token(connection)).status, 410);
    await later(world, 30);
    assert.equal(world.flow.simulator.books.liveGrants().length, 0, 'the grant was revoked');
    await owesNothing(world, connection);
    await lives(world, (await world.flow.connect()).connectionId);
  },

  async 'claim-died'(world, names) {
    await world.flow.stack.tick();
    assert.equal(world.flow.tokenRequests('refresh_token'), 0, 'the lease lives');
    world.flow.clock.advance(leaseMs);
    await minutes(world, 1);
    assert.equal(world.flow.tokenRequests('refresh_token'), 1);
    await lives(world, names.connection);
  },

  async unanswered(world, names) {
    await world.flow.stack.tick();
    assert.equal(world.flow.tokenRequests('refresh_token'), 1, 'the lease lives');
    world.flow.clock.advance(leaseMs);
    await minutes(world, 3);
    await lives(world, names.connection);
  },

  async 'in-lifeboat'(world, names) {
    world.flow.clock.advance(leaseMs);
    await minutes(world, 1);
    await lives(world, names.connection);
    assert.deepEqual((await world.flow.stack.ports.lifeboat.list(10)).items, []);
  },

  async 'code-in-lifeboat'(world, { session }) {
    await minutes(world, 3);
    await lives(world, await connectedBy(world, session));
    assert.equal(world.flow.tokenRequests('authorization_code'), 1);
    assert.deepEqual((await world.flow.stack.ports.lifeboat.list(10)).items, []);
  },

  async 'duty-in-lifeboat'(world, { session }) {
    await later(world, 30);
    const { status, error } = (await world.flow.api('GET', `/connect-sessions/${session}`)).body;
    assert.deepEqual([status, error?.code], ['failed', 'wrong_org']);
    assert.equal(world.flow.simulator.books.liveGrants().length, 0, 'the refused grant was revoked');
  },

  async 'backing-off'(world, names) {
    await minutes(world, 10);
    assert.equal(world.flow.tokenRequests('refresh_token'), 2);
    await lives(world, names.connection);
  },

  async 'dead-once'(world, names) {
    await minutes(world, 10);
    await isDeadAndTold(world, names.connection);
  },

  async 'dead-alert-owed'(world, names) {
    await minutes(world, 10);
    await isDeadAndTold(world, names.connection);
  },

  async 'dead-told'(world, names) {
    await minutes(world, 10);
    assert.equal((await shown(world, names.connection)).status, 'reauthorization_required');
    assert.deepEqual(failures(world), [], 'it was told before the deploy');
    await world.flow.connect({ reauthorize: true });
    await lives(world, names.connection);
  },

  async admin(world, names) {
    await minutes(world, 5);
    assert.deepEqual(failures(world), ['admin_action_required']);
    await later(world, 60);
    assert.equal((await shown(world, names.connection)).status, 'active');
    await lives(world, names.connection);
  },

  async rejected(world, names) {
    await lives(world, names.connection);
  },

  async 'rejected-open'(world, { connection = '', rejected }) {
    const early = await world.flow.token(connection);
    if (early.status === 200) assert.notEqual(sha256Hex(early.body.access_token), rejected);
    else assert.equal(early.body.code, 'refresh_pending', JSON.stringify(early.body));
    await later(world, 10);
    const token = await world.flow.token(connection);
    assert.notEqual(sha256Hex(token.body.access_token), rejected, 'a rejected token is never served again');
    await lives(world, connection);
  },

  async logins(world, { jwt = '', service = '' }) {
    for (const id of [jwt, service]) assert.ok(await worksAtSalesforce(await world.flow.token(id)), id);
    world.flow.clock.advance(3 * hourMs);
    await minutes(world, 1);
    for (const id of [jwt, service]) assert.ok(await worksAtSalesforce(await world.flow.token(id)), `${id}, later`);
    // By its username; an introduction is found by its login host, whose port is another in each run.
    const again = await world.flow.introduce();
    assert.deepEqual([again.status, again.body.id], [200, jwt], 'it is known');
  },

  async sessions(world, names) {
    const { flow } = world;
    const { status, identity } = (await flow.api('GET', `/connect-sessions/${names.signedIn}`)).body;
    assert.deepEqual([status, identity.org_id], ['signed_in', org.id]);
    const { error } = (await flow.api('GET', `/connect-sessions/${names.refused}`)).body;
    assert.equal(error.code, 'wrong_org');
    await walk(world, new URL(names.pendingPath ?? '', flow.stack.url).href);
    await later(world, 30);
    assert.equal((await flow.api('GET', `/connect-sessions/${names.opened}`)).body.status, 'expired');
    await lives(world, await connectedBy(world, names.pending));
    const still = flow.simulator.books.grants({ clientId: 'local-login-client' });
    assert.ok(
      still.every(({ id }) => !flow.simulator.books.hasLiveSession(id)),
      'the sign-in left no session',
    );
  },

  async claim(world, { session, claim }) {
    const claimed = await world.flow.api('POST', `/connect-sessions/${session}/claim`, { claim });
    assert.equal(claimed.body.status, 'connected');
    await minutes(world, 2);
    await lives(world, await connectedBy(world, session));
  },

  async circuit(world, names) {
    await later(world, 30);
    assert.deepEqual(failures(world), ['app_misconfigured']);
    await lives(world, names.connection);
  },

  async incident(world, names) {
    world.flow.clock.advance(leaseMs);
    await minutes(world, 3);
    const alerts = world.flow.stack.alerts().map(({ type }) => type);
    assert.deepEqual(alerts, ['tokens_in_lifeboat'], 'told once');
    await lives(world, names.connection);
  },

  async 'incident-quiet'(world, names) {
    await later(world, 30);
    assert.deepEqual(failures(world), []);
    const incident = await world.flow.stack.ports.store.incidents.read('tokens_in_lifeboat');
    assert.deepEqual([incident?.openedAt, incident?.quietSince], [undefined, undefined], 'it is over');
    await lives(world, names.connection);
  },

  async unlinking(world, { connection = '' }) {
    await later(world, 30);
    assert.equal((await world.flow.api('GET', '/integrations/acme/sync')).status, 404);
    assert.equal((await shown(world, connection)).status, 'disconnected');
    assert.equal(world.flow.simulator.books.liveGrants().length, 0);
    await owesNothing(world, connection);
  },

  async queued(world, names) {
    const before = world.flow.tokenRequests('refresh_token');
    await minutes(world, 1);
    assert.equal(world.flow.tokenRequests('refresh_token'), before + 1, 'the queued refresh was done, once');
    const { status, configuration_version: version } = (await world.flow.api('GET', '/integrations/acme/sync')).body;
    assert.deepEqual([status, version], ['configured', 2]);
    await lives(world, names.connection);
  },

  async 'keys-followed'(world, names) {
    for (const connection of [names.connection, names.second]) await lives(world, connection, 2);
  },

  async 'org-failing'(world, names) {
    await spikesOnce(world, names.connection);
  },

  async 'org-dead'(world, names) {
    await spikesOnce(world, names.connection);
  },

  async 'access-token-kept'(world, { connection = '' }) {
    const sent = world.flow.simulator.books.requests({ endpoint: 'revoke' }).length;
    assert.equal((await world.flow.token(connection)).status, 410);
    await later(world, 30);
    await owesNothing(world, connection);
    assert.ok(world.flow.simulator.books.requests({ endpoint: 'revoke' }).length > sent);
  },
};

async function spikesOnce(world: UpgradeWorld, connection = ''): Promise<void> {
  await minutes(world, 6);
  assert.deepEqual(failures(world), ['invalid_grant_spike'], 'told once');
  assert.equal((await shown(world, connection)).status, 'reauthorization_required');
  await world.flow.connect({ tenant: 't0', reauthorize: true });
  await minutes(world, 25);
  assert.equal(world.flow.stack.alerts().at(-1)?.type, 'invalid_grant_spike_resolved');
  await lives(world, connection);
}
