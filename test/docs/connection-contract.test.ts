/** What the contract says of connections without a browser, each acceptance beside what it refuses. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { problemBody } from '../../functions/core/problem.ts';
import { type Answer, type Contract, loadContract } from '../support/openapi.ts';

const route = { method: 'POST', path: '/connections' } as const;
const json = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const problemJson = { 'content-type': 'application/problem+json' };
const instant = '2026-11-21T09:00:10.000Z';
const connection = {
  id: 'crm-jwt.00D000000000001EAA.005000000000001AAA',
  app: 'crm-jwt',
  flow: 'jwt_bearer',
  org_id: '00D000000000001EAA',
  user_id: '005000000000001AAA',
  username: 'ada@acme.example',
  status: 'active',
  instance_url: 'https://acme.my.salesforce.com',
  scopes: ['api'],
  authorized_at: instant,
  refreshed_at: instant,
  expires_at: instant,
  integrations: [],
  grants: [],
};

describe('the contract of POST /connections', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });
  const answer = (status: number, body: object, headers: Answer['headers'] = json): Answer => ({
    ...route,
    status,
    headers,
    body,
  });
  const rejects = (one: Answer, message: RegExp) =>
    assert.throws(() => contract.checkAnswer(one), { name: 'AssertionError', message });

  it('answers the connection, made now or there before, of each flow and of no other', () => {
    for (const flow of ['jwt_bearer', 'client_credentials', 'authorization_code']) {
      contract.checkAnswer(answer(201, { ...connection, flow }));
      contract.checkAnswer(answer(200, { ...connection, flow }));
    }
    rejects(answer(201, { ...connection, flow: 'password' }), /\/flow/);
    rejects(answer(201, { ...connection, access_token: 'x' }), /access_token/);
    rejects(answer(202, connection), /unknown status/);
  });

  it('takes what each flow needs', () => {
    const takes = (body: unknown) => contract.checkRequestBody({ ...route, body });
    takes({ app: 'crm-service' });
    takes({ app: 'crm-jwt', username: 'ada@acme.example', login_url: 'https://test.salesforce.com' });
    const linked = {
      app: 'crm-jwt',
      username: 'a',
      tenant: 'acme',
      integration: 'i',
      expected_org_id: connection.org_id,
    };
    takes(linked);
    takes({ ...linked, configuration: null });
  });

  it('refuses a tenant without an integration or the expected org, and what it does not know', () => {
    const refuses = (body: unknown, message: RegExp) =>
      assert.throws(() => contract.checkRequestBody({ ...route, body }), { message });
    refuses({ username: 'a' }, /app/);
    refuses({ app: 'crm-jwt', username: '' }, /\/username/);
    refuses({ app: 'crm-jwt', tenant: 'acme', integration: 'i' }, /expected_org_id/);
    refuses({ app: 'crm-jwt', tenant: 'acme', expected_org_id: connection.org_id }, /integration/);
    refuses({ app: 'crm-jwt', integration: 'i' }, /tenant/);
    refuses({ app: 'crm-jwt', configuration: 1 }, /tenant/);
    refuses({ app: 'crm-jwt', expected_org_id: '00D000000000001' }, /\/expected_org_id/);
    refuses({ app: 'crm-jwt', password: 'x' }, /password/);
  });

  it('says with every refusal of Salesforce what is to be done', () => {
    const remedy = 'Pre-authorize the user.';
    const members = { cause: 'inactive_user', remedy };
    const refused = problemBody({ code: 'admin_action_required', detail: 'No.', members });
    contract.checkAnswer(answer(409, refused, problemJson));
    rejects(answer(409, { ...refused, remedy: undefined }, problemJson), /remedy/);
    const unusable = problemBody({ code: 'app_misconfigured', detail: 'No.', members: { remedy } });
    contract.checkAnswer(answer(503, unusable, problemJson));
    rejects(answer(503, { ...unusable, secret: 'x' }, problemJson), /secret/);
    rejects(answer(409, unusable, problemJson), /code|status/);
  });

  it('says when to ask again where a login waits or another one is making it', () => {
    for (const [status, code] of [
      [429, 'rate_limited'],
      [503, 'refresh_pending'],
      [503, 'store_unavailable'],
    ] as const) {
      const body = problemBody({ code, detail: 'Not now.' });
      rejects(answer(status, body, problemJson), new RegExp(`Retry-After is missing, which ${code} must carry`));
      contract.checkAnswer(answer(status, body, { ...problemJson, 'retry-after': '60' }));
    }
    contract.checkAnswer(answer(410, problemBody({ code: 'disconnected', detail: 'Gone.' }), problemJson));
    const near = problemBody({ code: 'grant_limit_near', detail: 'No.' });
    rejects(answer(409, near, problemJson), /code/);
  });
});

describe('the contract of a diagnosis', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });
  const diagnosis = {
    cause: 'grant_limit',
    confidence: 'likely',
    evidence: ['5 newer authorizations are in the ledger.'],
    actor: 'user',
    remedy: 'Authorize once.',
    page: 'docs/causes/grant_limit.md',
  };
  const shown = (members: object, status = 'reauthorization_required'): Answer => ({
    method: 'GET',
    path: `/connections/${connection.id}`,
    status: 200,
    headers: json,
    body: { ...connection, status, diagnosis: { ...diagnosis, ...members } },
  });
  const rejects = (one: Answer, message: RegExp) =>
    assert.throws(() => contract.checkAnswer(one), { name: 'AssertionError', message });

  it('is whole, in its words and in no others', () => {
    contract.checkAnswer(shown({}));
    contract.checkAnswer(shown({ confidence: 'certain', actor: 'administrator' }));
    contract.checkAnswer(
      shown({ cause: 'inactive_user', page: 'docs/causes/admin_action_required.md' }, 'admin_action_required'),
    );
    rejects(shown({ confidence: 'sure' }), /\/confidence/);
    rejects(shown({ actor: 'salesforce' }), /\/actor/);
    rejects(shown({ evidence: [] }), /\/evidence/);
    rejects(shown({ page: 'docs/errors.md' }), /\/page/);
    rejects(shown({ cause: 'No cause!' }), /\/cause/);
    rejects(shown({ remedy: undefined }), /remedy/);
    rejects(shown({ token: 'x' }), /token/);
  });

  it('is of a connection that does not work only', () => {
    rejects(shown({}, 'active'), /diagnosis/);
    const { diagnosis: _, ...well } = shown({}, 'active').body as Record<string, unknown>;
    contract.checkAnswer({ ...shown({}), body: well });
  });
});
