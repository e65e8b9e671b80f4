import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { classify, type FailureClass } from '../../functions/core/error-table.ts';
import { type Flow, org, otherOrg, startFlow, user, worksAtSalesforce } from '../support/flow.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const order = { app: 'crm-service' };
const linked = { ...order, tenant: 'acme', integration: 'sync', expected_org_id: org.id };
const grantType = 'client_credentials';

describe('a connection by client credentials', () => {
  let flow: Flow;
  beforeEach(async () => {
    flow = await startFlow();
  });
  afterEach(() => flow.close());

  it('is made on the My Domain host as the user whom Salesforce chose, and found by the second POST', async () => {
    const made = await flow.introduce(order);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual([made.body.flow, made.body.org_id, made.body.status], [grantType, org.id, 'active']);
    assert.equal(made.body.username, user, 'learnt by introspection');
    assert.ok(await worksAtSalesforce(await flow.token(made.body.id)));
    const again = await flow.introduce(order);
    assert.deepEqual([again.status, again.body.id], [200, made.body.id]);
    assert.deepEqual([flow.tokenRequests(grantType), flow.assertions()], [1, 0]);
  });

  it('takes no username, and is not asked for by one', async () => {
    const refused = await flow.introduce({ ...order, username: user });
    assert.deepEqual([refused.status, refused.body.field], [400, 'username']);
    assert.equal(flow.tokenRequests(grantType), 0);
  });

  it('is one for twenty callers and fifty readers at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => flow.introduce(order)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    assert.equal(flow.tokenRequests(grantType), 1);
    flow.clock.advance(3 * hourMs);
    const id = answers[0]?.body.id;
    const tokens = await Promise.all(Array.from({ length: 50 }, () => flow.token(id)));
    assert.equal(new Set(tokens.map(({ body }) => body.access_token)).size, 1);
    assert.equal(flow.tokenRequests(grantType), 2);
  });

  it('in use is refreshed by the schedule', async () => {
    const { body } = await flow.introduce(order);
    await flow.token(body.id);
    flow.clock.advance(90 * minuteMs);
    await flow.stack.tick();
    assert.equal(flow.tokenRequests(grantType), 2);
    assert.ok(await worksAtSalesforce(await flow.token(body.id)));
  });

  it('is linked with its own org alone', async () => {
    const wrong = await flow.introduce({ ...linked, expected_org_id: otherOrg.id });
    assert.deepEqual([wrong.status, wrong.body.field], [400, 'expected_org_id']);
    const made = await flow.introduce(linked);
    assert.deepEqual([made.status, made.body.integrations.length], [201, 1]);
    assert.equal((await flow.api('GET', `/connections/${made.body.id}/token?tenant=beta`)).status, 404);
  });

  it('is disconnected with its access token', async () => {
    const { body } = await flow.introduce(order);
    const token = await flow.token(body.id);
    assert.equal((await flow.api('DELETE', `/connections/${body.id}`)).status, 204);
    await flow.stack.tick();
    assert.equal(await worksAtSalesforce(token), false);
    flow.clock.advance(minuteMs);
    assert.equal((await flow.introduce(order)).status, 201);
  });

  it('is refused where its answer was signed with another secret', async () => {
    flow.simulator.switches.wrongSignature = true;
    const { status, body } = await flow.introduce(order);
    assert.deepEqual([status, body.code, body.cause], [503, 'app_misconfigured', 'wrong_signature']);
    flow.simulator.switches.wrongSignature = false;
    assert.equal((await flow.introduce(order)).status, 201);
  });

  it('is refused on a host that is no My Domain', async () => {
    flow.simulator.switches.myDomain = false;
    const { status, body } = await flow.introduce(order);
    assert.deepEqual([status, body.code], [503, 'app_misconfigured']);
    assert.match(body.detail, /request not supported on this domain/);
    assert.match(body.remedy, /My Domain/);
  });

  it('needs a run-as user, and is made and refreshed again once there is one', async () => {
    const { body } = await flow.introduce(order);
    flow.simulator.changeApp('local-service-client', { runAs: null });
    flow.clock.advance(3 * hourMs);
    const refused = await flow.token(body.id);
    assert.deepEqual([refused.status, refused.body.code], [503, 'app_misconfigured']);
    assert.equal((await flow.api('GET', `/connections/${body.id}`)).body.status, 'active');
    flow.simulator.changeApp('local-service-client', { runAs: user });
    flow.clock.advance(hourMs);
    await flow.stack.tick();
    assert.ok(await worksAtSalesforce(await flow.token(body.id)));
  });
});

const errors: readonly (readonly [error: string, description: string, failureClass: FailureClass])[] = [
  ['invalid_grant', 'no client credentials user enabled', 'operator'],
  ['invalid_grant', 'no valid scopes defined', 'operator'],
  ['invalid_grant', 'request not supported on this domain', 'operator'],
  ['invalid_client', 'invalid client credentials', 'operator'],
  ['invalid_client_id', 'client identifier invalid', 'operator'],
  ['invalid_grant', 'authentication failure', 'admin'],
  ['inactive_user', 'user is inactive', 'admin'],
  ['app_blocked', 'app blocked', 'admin'],
  ['rate_limit_exceeded', 'login rate exceeded', 'transient'],
  ['server_error', 'server error', 'transient'],
  ['something_new', 'never heard of', 'unknown'],
];
const answers = {
  operator: [503, 'app_misconfigured'],
  admin: [409, 'admin_action_required'],
  transient: [503, 'refresh_pending'],
  unknown: [503, 'refresh_pending'],
} as const;

describe('each error of client credentials', { concurrency: 4 }, () => {
  for (const [error, error_description, failureClass] of errors) {
    it(`${error}: ${error_description} is ${failureClass}, says what to do, and never kills`, async () => {
      assert.equal(classify(error, error_description, 'client_credentials'), failureClass);
      const flow = await startFlow();
      try {
        const refusal = { endpoint: 'token', error, error_description } as const;
        flow.simulator.switches.nextErrors = [refusal];
        const refused = await flow.introduce(order);
        const expected = answers[failureClass as keyof typeof answers];
        assert.deepEqual([refused.status, refused.body.code], expected, JSON.stringify(refused.body));
        if (refused.body.code !== 'refresh_pending') assert.ok(refused.body.remedy.length > 20);
        flow.clock.advance(hourMs);
        const { body } = await flow.introduce(order);
        flow.clock.advance(3 * hourMs);
        flow.simulator.switches.nextErrors = [refusal];
        const read = await flow.token(body.id);
        assert.equal(read.status, failureClass === 'operator' ? 503 : failureClass === 'admin' ? 409 : 200);
        flow.clock.advance(2 * hourMs);
        await flow.stack.tick();
        assert.ok(await worksAtSalesforce(await flow.token(body.id)));
      } finally {
        await flow.close();
      }
    });
  }
});
