import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { sha256Hex } from '../../functions/core/hash.ts';
import { type Flow, jwtOrder, org, otherOrg, otherUser, startFlow, user, worksAtSalesforce } from '../support/flow.ts';
import { itemBytes } from '../support/item-bytes.ts';
import { storedConnection, withKmsSizedKeys } from '../support/stored-item.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const linked = { ...jwtOrder, tenant: 'acme', integration: 'sync', expected_org_id: org.id };

describe('a connection by assertion', () => {
  let flow: Flow;
  beforeEach(async () => {
    flow = await startFlow();
  });
  afterEach(() => flow.close());

  const introduced = async (order: Record<string, unknown> = jwtOrder): Promise<string> => {
    const made = await flow.introduce(order);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  };

  it('is made by POST, gives a token that works, and is there for the second POST without another assertion', async () => {
    const made = await flow.introduce();
    assert.equal(made.status, 201);
    assert.deepEqual(
      [made.body.flow, made.body.org_id, made.body.username, made.body.status],
      ['jwt_bearer', org.id, user, 'active'],
    );
    assert.ok(await worksAtSalesforce(await flow.token(made.body.id)));
    const again = await flow.introduce({ ...jwtOrder, username: user.toUpperCase() });
    assert.deepEqual([again.status, again.body.id], [200, made.body.id]);
    assert.equal(flow.assertions(), 1);
    assert.deepEqual((await flow.api('GET', `/connections/${made.body.id}`)).body.id, made.body.id);
  });

  it('is one for twenty callers at once, and costs one assertion', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => flow.introduce()));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(19).fill(200), 201]);
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
    assert.equal(flow.assertions(), 1);
    assert.equal((await flow.api('GET', '/connections?app=crm-jwt')).body.connections.length, 1);
  });

  it('answers fifty readers of an ended token with one assertion', async () => {
    const id = await introduced();
    flow.clock.advance(3 * hourMs);
    const answers = await Promise.all(Array.from({ length: 50 }, () => flow.token(id)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ body }) => body.access_token)).size, 1);
    assert.equal(flow.assertions(), 2);
    assert.ok(await worksAtSalesforce(answers[0] as (typeof answers)[number]));
  });

  it('in use is refreshed by the schedule at 75 % of its session, and not before', async () => {
    const id = await introduced();
    const first = await flow.token(id);
    flow.clock.advance(80 * minuteMs);
    await flow.stack.tick();
    assert.equal(flow.assertions(), 1, 'a tenth of the interval is jitter: 81 minutes at the earliest');
    flow.clock.advance(10 * minuteMs);
    await flow.stack.tick();
    assert.equal(flow.assertions(), 2);
    const second = await flow.token(id);
    assert.notEqual(second.body.access_token, first.body.access_token);
    assert.equal(flow.assertions(), 2, 'the reader finds it done');
    assert.ok(await worksAtSalesforce(second));
  });

  it('of another org than expected is refused, and nothing is linked or kept', async () => {
    const refused = await flow.introduce({ ...linked, expected_org_id: otherOrg.id });
    assert.deepEqual([refused.status, refused.body.field], [400, 'expected_org_id']);
    assert.equal((await flow.api('GET', '/integrations/acme/sync')).status, 404);
    assert.deepEqual((await flow.api('GET', '/connections?app=crm-jwt')).body.connections, []);
    assert.equal((await flow.introduce(linked)).status, 201, 'the right one is taken');
  });

  it('is its tenant’s: another one sees nothing of it, and attaches the username with its own org alone', async () => {
    const id = await introduced(linked);
    assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=beta`)).status, 404);
    assert.equal((await flow.api('GET', `/connections/${id}?tenant=beta`)).status, 404);
    const beta = { ...linked, tenant: 'beta' };
    const { expected_org_id: _none, ...unexpecting } = beta;
    assert.equal((await flow.introduce(unexpecting)).body.field, 'expected_org_id');
    const wrong = await flow.introduce({ ...beta, expected_org_id: otherOrg.id });
    assert.deepEqual([wrong.status, wrong.body.field], [400, 'expected_org_id']);
    assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=beta`)).status, 404);
    const shared = await flow.introduce(beta);
    assert.deepEqual([shared.status, shared.body.id], [200, id]);
    assert.deepEqual(
      shared.body.integrations.map(({ tenant }: { tenant: string }) => tenant),
      ['beta'],
    );
    assert.equal((await flow.api('GET', `/connections/${id}/token?tenant=beta`)).status, 200);
    assert.equal(flow.assertions(), 1);
  });

  it('runs the configuration step of the integration that it is linked to', async () => {
    await introduced({ ...linked, configuration: { sync: ['Contact'] } });
    await flow.stack.tick();
    assert.equal((await flow.api('GET', '/integrations/acme/sync')).body.status, 'configured');
  });

  it('is disconnected like any other: unreadable at once, and its access token revoked', async () => {
    const id = await introduced();
    const token = await flow.token(id);
    assert.ok(await worksAtSalesforce(token));
    assert.equal((await flow.api('DELETE', `/connections/${id}`)).status, 204);
    assert.equal((await flow.token(id)).status, 410);
    await flow.stack.tick();
    assert.equal(await worksAtSalesforce(token), false);
    const stored = await flow.stack.ports.store.connections.read(id);
    assert.deepEqual([stored?.grant, stored?.duties], [undefined, {}]);
    flow.clock.advance(minuteMs);
    assert.equal((await flow.introduce()).status, 201, 'and made again by who asks for it');
    assert.ok(await worksAtSalesforce(await flow.token(id)));
  });

  it('is given up with its last integration, and its access token revoked', async () => {
    const id = await introduced(linked);
    const token = await flow.token(id);
    assert.equal((await flow.api('DELETE', '/integrations/acme/sync')).status, 204);
    await flow.stack.tick();
    assert.equal((await flow.token(id)).status, 410);
    assert.equal(await worksAtSalesforce(token), false);
  });

  it('is made anew where the one before was not active, and what was held is not revoked', async () => {
    const id = await introduced();
    const before = await flow.token(id);
    flow.simulator.switches.nextErrors = [
      { endpoint: 'token', error: 'invalid_grant', error_description: 'inactive user' },
    ];
    const rejected_token_sha256 = sha256Hex(before.body.access_token);
    assert.equal((await flow.api('POST', `/connections/${id}/token`, { rejected_token_sha256 })).status, 409);
    // Two logins of one instant would be ordered by their ids.
    flow.clock.advance(1_000);
    const again = await flow.introduce();
    assert.deepEqual([again.status, again.body.id, again.body.status], [201, id, 'active']);
    assert.ok(await worksAtSalesforce(await flow.token(id)));
    flow.clock.advance(16 * minuteMs);
    await flow.stack.tick();
    assert.ok(await worksAtSalesforce(before), 'Salesforce may have given the same one to others');
  });

  it('is of one user: another of the same org is another one', async () => {
    const id = await introduced();
    const other = await introduced({ ...jwtOrder, username: otherUser });
    assert.notEqual(other, id);
    const tokens = [await flow.token(id), await flow.token(other)];
    assert.notEqual(tokens[0]?.body.access_token, tokens[1]?.body.access_token);
  });

  it('can be asked for by invoking the Lambda directly, with the same outcome', async () => {
    const event = { version: 1, kind: 'connect', ...jwtOrder };
    const invoke = flow.stack.handlers['jwt-bearer'];
    const made = (await invoke(event)) as { connection_id: string };
    assert.deepEqual(made, { version: 1, kind: 'connection', created: true, connection_id: made.connection_id });
    assert.deepEqual(await invoke(event), { ...made, created: false });
    assert.ok(await worksAtSalesforce(await flow.token(made.connection_id)));
    const refused = (await invoke({ ...event, app: 'crm' })) as { kind: string; problem: { field: string } };
    assert.deepEqual([refused.kind, refused.problem.field], ['problem', 'app']);
    await assert.rejects(invoke({ ...event, version: 2 }), /version 1/);
  });

  it('leaves neither token nor assertion in the log', async () => {
    const id = await introduced(linked);
    const { body } = await flow.token(id);
    flow.clock.advance(3 * hourMs);
    await flow.token(id);
    const log = flow.stack.logLines().join('\n');
    assert.ok(log.length > 0);
    assert.ok(!log.includes(body.access_token));
    assert.doesNotMatch(log, /eyJhbGciOi/);
  });
});

describe('the same access token, given again', () => {
  it('stays rejected where it was rejected, with no loop, until Salesforce gives another', async () => {
    const flow = await startFlow();
    try {
      flow.simulator.switches.sameTokenAgain = true;
      const { body } = await flow.introduce();
      const token = await flow.token(body.id);
      const rejected = { rejected_token_sha256: sha256Hex(token.body.access_token) };
      const answer = await flow.api('POST', `/connections/${body.id}/token`, rejected);
      assert.deepEqual([answer.status, answer.body.code], [503, 'refresh_pending']);
      assert.equal(flow.assertions(), 2);
      for (let reads = 0; reads < 5; reads += 1) {
        assert.equal((await flow.token(body.id)).status, 503);
        assert.equal((await flow.api('POST', `/connections/${body.id}/token`, rejected)).status, 503);
      }
      assert.equal(flow.assertions(), 2, 'it backs off');
      assert.ok(flow.simulator.expireSession(token.body.access_token));
      flow.clock.advance(minuteMs);
      const another = await flow.token(body.id);
      assert.equal(another.status, 200);
      assert.notEqual(another.body.access_token, token.body.access_token);
      assert.equal(flow.assertions(), 3);
    } finally {
      await flow.close();
    }
  });

  it('is not revoked for a disconnect that came before a new connection holds it', async () => {
    const flow = await startFlow();
    try {
      flow.simulator.switches.sameTokenAgain = true;
      const { body } = await flow.introduce();
      const token = await flow.token(body.id);
      assert.equal((await flow.api('DELETE', `/connections/${body.id}`)).status, 204);
      flow.clock.advance(1_000);
      assert.equal((await flow.introduce()).status, 201);
      await flow.stack.tick();
      const again = await flow.token(body.id);
      assert.equal(again.body.access_token, token.body.access_token);
      assert.ok(await worksAtSalesforce(again));
      assert.equal((await flow.api('DELETE', `/connections/${body.id}`)).status, 204);
      await flow.stack.tick();
      assert.equal(await worksAtSalesforce(again), false, 'the last one to hold it gives it up');
    } finally {
      await flow.close();
    }
  });

  it('is served on where nobody rejected it: a refresh that brings it is a refresh', async () => {
    const flow = await startFlow();
    try {
      flow.simulator.switches.sameTokenAgain = true;
      const { body } = await flow.introduce();
      const token = await flow.token(body.id);
      flow.clock.advance(100 * minuteMs);
      await worksAtSalesforce(token);
      await flow.stack.tick();
      assert.equal(flow.assertions(), 2);
      const again = await flow.token(body.id);
      assert.deepEqual([again.status, again.body.access_token], [200, token.body.access_token]);
      assert.ok(await worksAtSalesforce(again));
    } finally {
      await flow.close();
    }
  });
});

describe('the stored connection of an assertion', () => {
  it('stays under 2 KB with no duty open, before and after its first refresh', async () => {
    const flow = await startFlow({ change: withKmsSizedKeys });
    try {
      const { body } = await flow.introduce(linked);
      await flow.token(body.id);
      const fresh = await storedConnection(flow, body.id);
      assert.deepEqual(fresh.duties?.M, {});
      assert.ok(itemBytes(fresh) < 2_048, `fresh: ${itemBytes(fresh)} bytes`);
      flow.clock.advance(3 * hourMs);
      await flow.token(body.id);
      const refreshed = await storedConnection(flow, body.id);
      assert.ok(refreshed.logins?.M);
      assert.equal(refreshed.grant?.M?.refreshToken, undefined);
      assert.ok(itemBytes(refreshed) < 2_048, `refreshed: ${itemBytes(refreshed)} bytes`);
    } finally {
      await flow.close();
    }
  });
});
