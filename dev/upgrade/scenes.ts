/**
 * What fixtures are made of: one scene for each state that a deploy can meet an item in. Each acts on a world that is
 * all of one release, and answers the ids that the tests need. Whatever dies or fails stays as it was left.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { dataKeys } from '../../cli/data-keys.ts';
import { dataKeysWorld } from '../../cli/data-keys-world.ts';
import { createDynamoClient } from '../../functions/adapters/dynamodb/client.ts';
import { sha256Hex } from '../../functions/core/hash.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { jwtOrder, org, otherOrg, otherUser, user } from '../../test/support/flow.ts';
import { localClientConfig } from '../local/aws-clients.ts';
import { localTableName } from '../local/local-table.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

export interface Scene {
  /** What it leaves behind, in the words of a title. */
  readonly leaves: string;
  /** Apps ask for the claim. */
  readonly claiming?: boolean;
  /** The release before, where it knows no such state: there is no fixture of it then. */
  readonly unknownTo?: string;
  act(world: UpgradeWorld): Promise<Record<string, string>>;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Of a session of two hours. */
const dueMs = 1.5 * hourMs;
/** Between two sightings of a dead grant. */
const confirmMs = 5_000;
/** Longer than a function's tries of the store, shorter than its life. */
const triesMs = 52_000;
const order = { app: 'crm', tenant: 'acme', integration: 'sync' };

export const scenes = {
  'in-use': {
    leaves: 'two connections in use, refreshed, linked, configured and read',
    async act({ flow }) {
      const { connectionId: connection, sessionId: session } = await flow.connect();
      await flow.connect({ integration: 'second' }, otherUser);
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      await flow.stack.tick();
      assert.equal((await flow.token(connection)).status, 200);
      const { next_cursor: cursor } = (await flow.api('GET', '/connections?app=crm&limit=1')).body;
      return { connection, session, cursor };
    },
  },
  fresh: {
    leaves: 'a callback just done: tokens under keys of their own, a configuration to be run',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect({ configuration: { table: 'accounts' } });
      return { connection };
    },
  },
  'link-owed': {
    leaves: 'a callback whose process died behind its token write',
    async act(world) {
      world.onWrite((after) => (hasGrant(after) ? 'die' : undefined));
      const session = await toCallback(world);
      return { session };
    },
  },
  'exchange-unanswered': {
    leaves: 'a session whose code was sent, and its process killed before an answer',
    async act(world) {
      const { flow } = world;
      flow.simulator.switches.slowAfterMs = 30_000;
      const session = await startSession(world);
      void walk(world, session.url).catch(() => undefined);
      await flow.clock.someoneWaits(30_000);
      flow.simulator.switches.slowAfterMs = 0;
      return { session: session.id };
    },
  },
  superseded: {
    leaves: 'a connection that was authorized again, its older grant to be revoked after the grace',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      flow.clock.advance(minuteMs);
      await flow.connect({ reauthorize: true });
      await flow.stack.tick();
      return { connection };
    },
  },
  'budget-spent': {
    leaves: 'four older grants in their grace, as many as Salesforce bears beside the newest',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      for (let round = 0; round < 5; round += 1) {
        flow.clock.advance(1_000);
        await flow.connect({ reauthorize: true });
      }
      return { connection };
    },
  },
  disconnected: {
    leaves: 'a disconnected connection whose grant Salesforce did not yet revoke',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      flow.simulator.switches.html503 = true;
      assert.equal((await flow.api('DELETE', `/connections/${connection}`)).status, 204);
      await flow.stack.tick();
      flow.simulator.switches.html503 = false;
      return { connection };
    },
  },
  'claim-died': {
    leaves: 'a lease whose owner died before it sent anything',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      world.onWrite((after) => (lease(after) ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  unanswered: {
    leaves: 'an attempt that Salesforce processed and did not answer',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.switches.resetAfterProcessing = true;
      await flow.stack.tick();
      flow.simulator.switches.resetAfterProcessing = false;
      return { connection };
    },
  },
  'in-lifeboat': {
    leaves: 'a rotated refresh token that lies in the lifeboat only',
    async act(world) {
      const { flow } = world;
      flow.simulator.switches.rotation = true;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      refuseAnswers(world);
      await flow.stack.handlers['schedule-refreshes']({});
      await refreshOf(world, connection);
      return { connection };
    },
  },
  'code-in-lifeboat': {
    leaves: 'the answer of a code exchange that lies in the lifeboat only',
    async act(world) {
      refuseAnswers(world);
      return { session: await toCallback(world) };
    },
  },
  'duty-in-lifeboat': {
    leaves: 'a refused grant whose revocation is owed in the lifeboat only',
    async act(world) {
      world.flow.simulator.switches.html503 = false;
      refuseAnswers(world, (after) => after.status === 'failed');
      world.flow.simulator.switches.nextErrors = [
        { endpoint: 'revoke', error: 'server_error', error_description: 'later', status: 503 },
      ];
      return { session: await toCallback(world, { expected_org_id: otherOrg.id }) };
    },
  },
  'backing-off': {
    leaves: 'a connection that Salesforce puts off',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'server_error', error_description: 'Please try again' },
      ];
      await flow.stack.tick();
      return { connection };
    },
  },
  'dead-once': {
    leaves: 'a grant that was called dead once, its process killed before it asked again',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.revokeGrant(onlyGrant(world));
      world.onWrite((after) => (grantOf(after).deadSince === undefined ? undefined : 'die'));
      await flow.stack.tick();
      return { connection };
    },
  },
  'dead-alert-owed': {
    leaves: 'a dead connection whose alert is owed',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.revokeGrant(onlyGrant(world));
      world.onWrite((after) => (after.status === 'reauthorization_required' ? 'die' : undefined));
      const ticking = flow.stack.tick();
      await flow.clock.someoneWaits(confirmMs);
      flow.clock.advance(confirmMs);
      await ticking;
      return { connection };
    },
  },
  'dead-told': {
    leaves: 'a dead connection whose alert was published',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.revokeGrant(onlyGrant(world));
      const ticking = flow.stack.tick();
      await flow.clock.someoneWaits(confirmMs);
      flow.clock.advance(confirmMs);
      await ticking;
      flow.clock.advance(3 * minuteMs);
      await flow.stack.tick();
      assert.equal(flow.stack.alerts().filter(({ type }) => type === 'reauthorization_required').length, 1);
      return { connection };
    },
  },
  admin: {
    leaves: 'a connection that waits for its administrator, its alert owed',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'invalid_grant', error_description: 'ip restricted' },
      ];
      world.onWrite((after) => (after.status === 'admin_action_required' ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  rejected: {
    leaves: 'a connection whose token its caller rejected, and was given a newer one',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      const { access_token: token } = (await flow.token(connection)).body;
      const rejected_token_sha256 = createHash('sha256').update(token).digest('hex');
      const answer = await flow.api('POST', `/connections/${connection}/token`, { rejected_token_sha256 });
      assert.equal(answer.status, 200);
      return { connection };
    },
  },
  'rejected-open': {
    leaves: 'a connection whose token its caller rejected while Salesforce puts it off',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      const { access_token: token } = (await flow.token(connection)).body;
      const rejected = createHash('sha256').update(token).digest('hex');
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'server_error', error_description: 'Please try again' },
      ];
      const answer = await flow.api('POST', `/connections/${connection}/token`, { rejected_token_sha256: rejected });
      assert.equal(answer.status, 503);
      return { connection, rejected };
    },
  },
  logins: {
    leaves: 'connections without a browser, by assertion and as the client itself',
    async act({ flow }) {
      const link = { tenant: 'acme', expected_org_id: org.id };
      const byAssertion = await flow.introduce({ ...jwtOrder, ...link, integration: 'jwt' });
      const asClient = await flow.introduce({ app: 'crm-service', ...link, integration: 'service' });
      assert.deepEqual([byAssertion.status, asClient.status], [201, 201], JSON.stringify(asClient.body));
      await flow.stack.tick();
      return { jwt: byAssertion.body.id, service: asClient.body.id };
    },
  },
  sessions: {
    leaves: 'sessions that are pending, opened, refused and signed in',
    async act(world) {
      const { flow } = world;
      const pending = await startSession(world);
      const opened = await startSession(world, { integration: 'opened' });
      await flow.browser().open(opened.url);
      flow.simulator.switches.nextErrors = [1, 2, 3].map(() => ({
        endpoint: 'revoke' as const,
        error: 'server_error',
        error_description: 'later',
        status: 503,
      }));
      const refused = await toCallback(world, { integration: 'refused', expected_org_id: otherOrg.id });
      const signedIn = await toCallback(world, { app: 'crm-login', integration: 'login' });
      return { pending: pending.id, pendingPath: new URL(pending.url).pathname, opened: opened.id, refused, signedIn };
    },
  },
  claim: {
    leaves: 'a session that waits for its claim',
    claiming: true,
    async act(world) {
      const { flow } = world;
      const session = await startSession(world, { return_to: 'http://127.0.0.1:9/back' });
      const callback = await walk(world, session.url);
      const claim = new URL(callback.headers.get('location') ?? '').searchParams.get('claim') ?? '';
      assert.notEqual(claim, '');
      await flow.stack.tick();
      return { session: session.id, claim };
    },
  },
  circuit: {
    leaves: 'an app that Salesforce refuses, its circuit open and its alert owed',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'invalid_client_id', error_description: 'client identifier invalid' },
      ];
      world.onWrite((after) => (after.openedAt !== undefined ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  incident: {
    leaves: 'an incident of the lifeboat that is open, its alert owed',
    async act(world) {
      const { flow } = world;
      flow.simulator.switches.rotation = true;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      refuseAnswers(world);
      await refreshOf(world, connection);
      world.onWrite((after) => (after.finding === undefined ? undefined : 'die'));
      await flow.stack.handlers.maintain({});
      return { connection };
    },
  },
  'incident-quiet': {
    leaves: 'an incident that was told and is not seen any more',
    async act(world) {
      const { flow } = world;
      flow.simulator.switches.rotation = true;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      refuseAnswers(world);
      await refreshOf(world, connection);
      world.onWrite(undefined);
      for (let rounds = 0; rounds < 3; rounds += 1) {
        await flow.stack.tick();
        flow.clock.advance(minuteMs);
      }
      const incident = await flow.stack.ports.store.incidents.read('tokens_in_lifeboat');
      assert.notEqual(incident?.quietSince, undefined, 'told, and over');
      return { connection };
    },
  },
  unlinking: {
    leaves: 'an unlink whose process died behind the write that owes it',
    async act(world) {
      const { flow } = world;
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      world.onWrite((after) => (owes(after, 'unlink') ? 'die' : undefined));
      await flow.api('DELETE', '/integrations/acme/sync');
      return { connection };
    },
  },
  queued: {
    leaves: 'messages in both queues, and what Lambdas asked of each other',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      await flow.stack.tick();
      flow.clock.advance(3 * hourMs);
      assert.equal((await flow.token(connection)).status, 200, 'token asked refresh');
      flow.clock.advance(dueMs);
      await flow.stack.handlers['schedule-refreshes']({});
      const put = await flow.api('PUT', '/integrations/acme/sync/configuration', { configuration: { table: 'leads' } });
      assert.equal(put.status, 202);
      return { connection };
    },
  },
  'keys-followed': {
    leaves: 'tokens under a data key that another has followed, and some under the new one',
    unknownTo: '8ee7e62',
    async act({ flow, engines }) {
      const { connectionId: connection } = await flow.connect();
      const { connectionId: second } = await flow.connect({ integration: 'second' }, otherUser);
      await flow.stack.tick();
      flow.clock.advance(dueMs);
      await flow.stack.tick();
      const client = createDynamoClient(localClientConfig(engines.dynamodb));
      const world = { ...dataKeysWorld({ table: localTableName }, client), now: flow.clock.now };
      const options = { act: 'rotate', table: localTableName, org: org.id, yes: false } as const;
      await dataKeys(options, { ...world, keys: flow.stack.ports.keys });
      client.destroy();
      flow.clock.advance(5 * minuteMs);
      const { access_token: token } = (await flow.token(second)).body;
      const rejected = { rejected_token_sha256: sha256Hex(token) };
      assert.equal((await flow.api('POST', `/connections/${second}/token`, rejected)).status, 200);
      return { connection, second };
    },
  },
  'org-failing': {
    leaves: 'three connections of an org that died, and a look at their org that is owed',
    unknownTo: '8ee7e62',
    act: (world) => deadOrg(world, (after) => after.activeAt !== undefined && owes(after, 'watch')),
  },
  'org-dead': {
    leaves: 'an org’s incident that was opened, its alert owed',
    unknownTo: '8ee7e62',
    act: (world) => deadOrg(world, (after) => after.activeAt !== undefined && after.incident !== undefined),
  },
  'access-token-kept': {
    leaves: 'a connection without a browser that was disconnected, its access token to be revoked by another Lambda',
    unknownTo: '8ee7e62',
    async act(world) {
      const { flow } = world;
      const { id: connection } = (await flow.introduce()).body;
      await flow.stack.tick();
      flow.simulator.switches.nextErrors = [1, 2].map(() => ({
        endpoint: 'revoke' as const,
        error: 'server_error',
        error_description: 'later',
        status: 503,
      }));
      assert.equal((await flow.api('DELETE', `/connections/${connection}`)).status, 204);
      await flow.stack.tick();
      return { connection };
    },
  },
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;

/** The local stack's apps do without; deployed, claiming is the default. */
export function claiming(ports: Ports): Ports {
  const apps = Object.entries(ports.config.apps).map(([name, app]) => [name, { ...app, claim: true }]);
  return { ...ports, config: { ...ports.config, apps: Object.fromEntries(apps) } };
}

/** Three of one org are refused for good; the process dies behind the write that `judge` names. */
async function deadOrg(world: UpgradeWorld, judge: (after: Written) => boolean): Promise<Record<string, string>> {
  const { flow } = world;
  const ids: string[] = [];
  for (const [index, { username }] of org.users.slice(0, 3).entries()) {
    ids.push((await flow.connect({ tenant: `t${index}` }, username)).connectionId);
  }
  await flow.stack.tick();
  for (const { id } of flow.simulator.books.liveGrants()) flow.simulator.revokeGrant(id);
  flow.clock.advance(dueMs);
  let died = false;
  world.onWrite((after) => {
    if (!judge(after)) return undefined;
    died = true;
    return 'die';
  });
  for (let round = 0; round < 10 && !died; round += 1) {
    const ticking = flow.stack.tick().then(() => 'ended');
    while ((await Promise.race([ticking, flow.clock.someoneWaits(confirmMs)])) !== 'ended') {
      flow.clock.advance(confirmMs);
    }
    if (!died) flow.clock.advance(minuteMs);
  }
  assert.ok(died);
  return { connection: ids[0] ?? '' };
}

interface Started {
  readonly id: string;
  readonly url: string;
}

export async function startSession({ flow }: UpgradeWorld, more: object = {}): Promise<Started> {
  const { status, body } = await flow.api('POST', '/connect-sessions', { ...order, ...more });
  assert.equal(status, 201, JSON.stringify(body));
  return { id: body.session_id, url: body.connect_url };
}

/** From the link to the callback, as the first user. */
export async function walk({ flow }: UpgradeWorld, url: string) {
  const person = flow.browser();
  return person.get(flow.simulator.authorize(await person.open(url), { username: user, decision: 'allow' }));
}

async function toCallback(world: UpgradeWorld, more: object = {}): Promise<string> {
  const { id, url } = await startSession(world, more);
  await walk(world, url);
  return id;
}

/** What comes back from Salesforce cannot be written, for as long as a function lives. */
function refuseAnswers({ flow, onWrite }: UpgradeWorld, of: (after: Written) => boolean = isAnswer): void {
  let begun = false;
  onWrite((after) => {
    if (!of(after)) return undefined;
    if (!begun) flow.clock.advance(triesMs);
    begun = true;
    return 'refuse';
  });
}

type Written = Readonly<Record<string, unknown>>;

const isAnswer = (after: Written) => hasGrant(after) && !lease(after);
const grantOf = (after: Written) => (after.grant ?? {}) as Written;
const hasGrant = (after: Written) => after.grant !== undefined && after.orgId !== undefined;
const lease = (after: Written) => grantOf(after).lease !== undefined;
const owes = (after: Written, kind: string) =>
  Object.values((after.duties ?? {}) as Record<string, Written>).some((duty) => duty.kind === kind);

export async function refreshOf({ flow }: UpgradeWorld, connectionId: string, reason = 'due'): Promise<unknown> {
  const { grant } = (await flow.stack.ports.store.connections.read(connectionId)) ?? {};
  const generation = { grantId: grant?.id, refreshes: grant?.refreshes };
  return flow.stack.handlers.refresh({ version: 1, connectionId, generation, reason });
}

function onlyGrant({ flow }: UpgradeWorld): string {
  const [grant, ...others] = flow.simulator.books.liveGrants();
  assert.ok(grant);
  assert.deepEqual(others, []);
  return grant.id;
}
