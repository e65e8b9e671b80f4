import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { createAppCallers } from '../../../functions/core/app-callers.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { createJwtBearerHandler, type DirectAnswer } from '../../../functions/handlers/jwt-bearer.ts';
import {
  acme,
  browserlessWorld,
  jwtConnectionId,
  myDomain,
  orgB,
  serviceConnectionId,
} from '../../support/browserless-world.ts';
import { orgA, usernameA } from '../../support/memory-ports.ts';
import { type Contract, loadContract } from '../../support/openapi.ts';
import { refused } from '../../support/token-server.ts';
import { httpEvent, jsonEvent, lambdaContext } from '../runtime/lambda-event.ts';

const account = '111122223333';
const limited = createAppCallers(
  JSON.stringify([{ account, role: 'Sales', apps: { read: [], connect: ['crm-service'], admin: [] } }]),
);

const jwtBody = { app: 'crm-jwt', username: usernameA };
const linkedBody = { ...jwtBody, ...acme, expected_org_id: orgA };

describe('POST /connections', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });

  function setUp(overrides: Partial<Ports> = {}) {
    const world = browserlessWorld(overrides);
    const { ports } = world;
    const handler = createJwtBearerHandler(ports);
    const post = async (body: unknown, { query = '', role }: { query?: string; role?: string } = {}) => {
      const event = jsonEvent('/connections', body, { query });
      if (role !== undefined) {
        const userArn = `arn:aws:sts::${account}:assumed-role/${role}/s`;
        Object.assign(event.requestContext, { authorizer: { iam: { accountId: account, userArn } } });
      }
      const answered = await ports.clock.run(handler(event, lambdaContext()));
      const {
        statusCode: status,
        headers,
        body: text,
      } = answered as never as {
        statusCode: number;
        headers: Record<string, string>;
        body: string;
      };
      contract.checkAnswer({ method: 'POST', path: '/connections', status, headers, body: text });
      return { status, headers, body: JSON.parse(text) };
    };
    const invoke = (event: unknown) => ports.clock.run(handler(event, lambdaContext())) as Promise<DirectAnswer>;
    return { ...world, post, invoke };
  }

  it('answers 201 and the connection, then 200 and the same', async () => {
    const { post, assertions } = setUp();
    const made = await post(jwtBody);
    assert.equal(made.status, 201);
    assert.deepEqual(
      [made.body.id, made.body.flow, made.body.username, made.body.status, made.body.integrations],
      [jwtConnectionId, 'jwt_bearer', usernameA, 'active', []],
    );
    const again = await post(jwtBody);
    assert.deepEqual([again.status, again.body.id, assertions()], [200, jwtConnectionId, 1]);
  });

  it('is of the client where it names no username', async () => {
    const { post } = setUp();
    const { status, body } = await post({ app: 'crm-service', login_url: myDomain });
    assert.deepEqual([status, body.id, body.flow], [201, serviceConnectionId, 'client_credentials']);
  });

  it('links the integration, and shows the tenant its own alone', async () => {
    const { post } = setUp();
    const first = await post({ ...linkedBody, configuration: { sync: ['Contact'] } });
    assert.deepEqual([first.status, first.body.integrations.length], [201, 1]);
    const second = await post({ ...linkedBody, tenant: 'beta' });
    assert.equal(second.status, 200);
    assert.deepEqual(
      second.body.integrations.map(({ tenant }: { tenant: string }) => tenant),
      ['beta'],
    );
  });

  it('never shows a token or an assertion', async () => {
    const { post, ports } = setUp();
    const { body } = await post(linkedBody);
    assert.doesNotMatch(JSON.stringify(body), /login-1|eyJ/);
    assert.doesNotMatch(JSON.stringify(ports.logged), /login-1|eyJ/);
  });

  const wrong: readonly (readonly [field: string, body: unknown, detail: RegExp])[] = [
    ['app', { app: 'crm', username: usernameA }, /crm-jwt, crm-service/],
    ['app', { app: 'nobody' }, /crm-jwt, crm-service/],
    ['app', { app: 'constructor' }, /crm-jwt/],
    ['app', { username: usernameA }, /app/],
    ['username', { app: 'crm-jwt' }, /pre-authorized/],
    ['username', { app: 'crm-jwt', username: '' }, /username/],
    ['username', { app: 'crm-jwt', username: 'a'.repeat(257) }, /username/],
    ['username', { app: 'crm-service', username: usernameA }, /run-as/],
    ['integration', { ...jwtBody, tenant: 'acme', expected_org_id: orgA }, /tenant and integration/],
    ['tenant', { ...jwtBody, integration: 'sync' }, /tenant and integration/],
    ['tenant', { ...linkedBody, tenant: 'a b' }, /tenant/],
    ['expected_org_id', { ...jwtBody, ...acme }, /another customer's org/],
    ['expected_org_id', { ...jwtBody, expected_org_id: '00D000000000001' }, /18 characters/],
    ['configuration', { ...jwtBody, configuration: {} }, /tenant and integration/],
    ['login_url', { ...jwtBody, login_url: 'https://login.salesforce.com.evil.org' }, /origin of Salesforce/],
    ['login_url', { ...jwtBody, login_url: 'http://login.salesforce.com' }, /origin of Salesforce/],
    ['login_url', { ...jwtBody, login_url: 'https://login.salesforce.com/path' }, /origin of Salesforce/],
    ['login_url', { app: 'crm-service', login_url: 'https://login.salesforce.com' }, /My Domain/],
    ['login_url', { app: 'crm-service', login_url: 'https://example.my.site.com' }, /My Domain/],
    ['password', { ...jwtBody, password: 'x' }, /leave it out/],
  ];
  for (const [field, body, detail] of wrong) {
    it(`refuses ${JSON.stringify(body).slice(0, 100)}: ${field}`, async () => {
      const { post, ports } = setUp();
      const refusal = await post(body);
      assert.deepEqual([refusal.status, refusal.body.code, refusal.body.field], [400, 'invalid_request', field]);
      assert.match(refusal.body.detail, detail);
      assert.equal(ports.server.requests.length, 0);
    });
  }

  it('refuses a query, and a configuration that is too large', async () => {
    const { post, ports } = setUp();
    assert.equal((await post(jwtBody, { query: 'tenant=acme' })).body.field, 'query.tenant');
    const large = await post({ ...linkedBody, configuration: 'x'.repeat(16 * 1_024) });
    assert.deepEqual([large.status, large.body.code], [413, 'too_large']);
    assert.equal(ports.server.requests.length, 0);
  });

  it('links nothing where the user is of another org than expected', async () => {
    const { post, ports } = setUp();
    const { status, body } = await post({ ...linkedBody, expected_org_id: orgB });
    assert.deepEqual([status, body.field], [400, 'expected_org_id']);
    assert.equal(await ports.store.inner.integrations.read(acme), undefined);
    assert.equal((await ports.store.inner.listConnections({ app: 'crm-jwt' }, 10)).items.length, 0);
  });

  it('says what the administrator must change, and where', async () => {
    const { post, ports } = setUp();
    ports.server.next('exchangeAssertion', refused('invalid_grant', "user hasn't approved this consumer"));
    const { status, body } = await post(jwtBody);
    assert.deepEqual(
      [status, body.code, body.cause],
      [409, 'admin_action_required', 'user_hasn_t_approved_this_consumer'],
    );
    assert.match(body.remedy, /Setup/);
  });

  it('says when to ask again where the store is down or the app is refused', async () => {
    const { post, ports } = setUp();
    ports.store.disturb('introductions.read', 'unavailable');
    const down = await post(jwtBody);
    assert.deepEqual([down.status, down.body.code], [503, 'store_unavailable']);
    ports.server.certified = [];
    const unusable = await post(jwtBody);
    assert.deepEqual([unusable.status, unusable.body.code], [503, 'app_misconfigured']);
    for (const { headers } of [down, unusable]) assert.match(headers['retry-after'] ?? '', /^[1-9]\d*$/);
  });

  it('says that the connection is there where its link is still owed', async () => {
    const { post, ports } = setUp();
    ports.store.disturb('addUse', 'unavailable');
    const { status, body } = await post(linkedBody);
    assert.deepEqual([status, body.code], [503, 'refresh_pending']);
    assert.match(body.detail, new RegExp(`${jwtConnectionId} was made`));
  });

  it('is for callers who may connect that app alone', async () => {
    const { post, ports } = setUp({ appCallers: limited });
    const { status, body } = await post(jwtBody, { role: 'Sales' });
    assert.deepEqual([status, body.code], [403, 'forbidden']);
    assert.equal(ports.server.requests.length, 0);
    assert.equal((await post({ app: 'crm-service' }, { role: 'Sales' })).status, 201);
    assert.equal((await post(jwtBody, { role: 'Anybody' })).status, 201);
  });

  it('takes no integration away from an app that the caller may not connect', async () => {
    const { post } = setUp({ appCallers: limited });
    assert.equal((await post(linkedBody, { role: 'Anybody' })).status, 201);
    const taking = { app: 'crm-service', ...acme, expected_org_id: orgA };
    assert.equal((await post(taking, { role: 'Sales' })).status, 403);
    const own = { ...taking, integration: 'another' };
    assert.equal((await post(own, { role: 'Sales' })).status, 201);
    assert.equal((await post(taking, { role: 'Anybody' })).status, 200, 'somebody else may');
  });

  describe('invoked directly', () => {
    const direct = { version: 1, kind: 'connect', ...jwtBody } as const;

    it('answers which connection it is, and whether it was made now', async () => {
      const { invoke, assertions } = setUp();
      const there = { version: 1, kind: 'connection', connection_id: jwtConnectionId } as const;
      assert.deepEqual(await invoke(direct), { ...there, created: true });
      assert.deepEqual(await invoke(direct), { ...there, created: false });
      assert.equal(assertions(), 1);
    });

    it('answers a problem as its route would', async () => {
      const { invoke, ports } = setUp();
      const unjudged = await invoke({ ...direct, username: undefined });
      assert.ok(unjudged.kind === 'problem');
      assert.deepEqual([unjudged.problem.status, unjudged.problem.field], [400, 'username']);
      ports.server.next('exchangeAssertion', refused('invalid_grant', 'inactive user'));
      const refusal = await invoke(direct);
      assert.ok(refusal.kind === 'problem');
      assert.deepEqual([refusal.problem.code, refusal.problem.cause], ['admin_action_required', 'inactive_user']);
    });

    it('refuses what is no such request, by its paths and not by its values', async () => {
      const { invoke, ports } = setUp();
      for (const event of [
        {},
        null,
        { ...direct, version: 2 },
        { ...direct, kind: 'other' },
        { ...direct, secret: 's3' },
      ]) {
        await assert.rejects(invoke(event), (error: Error) => {
          assert.match(error.message, /no request for a connection of version 1; wrong at/);
          assert.doesNotMatch(error.message, /s3/);
          return true;
        });
      }
      assert.equal(ports.store.calls.size, 0);
    });

    it('is not what a body by HTTP can ask for', async () => {
      const { post } = setUp();
      const { status, body } = await post(direct);
      assert.deepEqual([status, body.field], [400, 'version']);
    });

    it('is not the route of another method', async () => {
      const { ports } = setUp();
      const handler = createJwtBearerHandler(ports);
      const answer = (await handler(httpEvent({ path: '/connections' }), lambdaContext())) as { statusCode: number };
      assert.equal(answer.statusCode, 405);
    });
  });
});
