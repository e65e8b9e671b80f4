/** What the contract says of sessions, grants and integrations, each acceptance beside what it refuses. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { problemBody } from '../../functions/core/problem.ts';
import { type Answer, type Contract, loadContract } from '../support/openapi.ts';

const connectionId = 'crm.00D000000000001EAA.005000000000001AAA';
const json = { 'content-type': 'application/json', 'cache-control': 'no-store' };
const problemJson = { 'content-type': 'application/problem+json' };
const noStore = { 'cache-control': 'no-store' };
const sessionId = 's'.repeat(43);
const instant = '2026-11-21T09:00:10.000Z';

const read = (path: string, body: object): Answer => ({ method: 'GET', path, status: 200, headers: json, body });

describe('the contract', () => {
  let contract: Contract;
  before(async () => {
    contract = await loadContract();
  });
  const rejects = (answer: Answer, message: RegExp) =>
    assert.throws(() => contract.checkAnswer(answer), { name: 'AssertionError', message });

  describe('of a connect session', () => {
    const session = {
      session_id: sessionId,
      app: 'crm',
      tenant: 'acme',
      integration: 'contacts',
      created_at: instant,
      expires_at: instant,
    };
    const identity = { org_id: '00D000000000001EAA', user_id: '005000000000001AAA' };
    const error = { code: 'unclaimed', detail: 'Nobody claimed it.', remedy: 'Open a new link.' };
    const shown = (members: object) => read(`/connect-sessions/${sessionId}`, { ...session, ...members });

    it('takes each status with what belongs to it, as the answer to a claim too', () => {
      for (const members of [
        { status: 'pending' },
        { status: 'exchanging' },
        { status: 'authorized' },
        { status: 'connected', connection_id: connectionId },
        { status: 'signed_in', identity: { ...identity, username: 'ada', display_name: 'Ada', email: 'a@b.example' } },
        { status: 'failed', error },
        { status: 'expired' },
      ]) {
        contract.checkAnswer(shown(members));
        contract.checkAnswer({ ...shown(members), method: 'POST', path: `/connect-sessions/${sessionId}/claim` });
      }
    });

    it('shows the connection once connected and not before, an identity of a sign-in and of no other', () => {
      rejects(shown({ status: 'authorized', connection_id: connectionId }), /\/connection_id/);
      rejects(shown({ status: 'failed', error, connection_id: connectionId }), /\/connection_id/);
      rejects(shown({ status: 'connected' }), /connection_id/);
      rejects(shown({ status: 'connected', connection_id: connectionId, identity }), /\/identity/);
      rejects(shown({ status: 'authorized', identity }), /\/identity/);
      rejects(shown({ status: 'signed_in' }), /identity/);
      rejects(shown({ status: 'signed_in', identity, connection_id: connectionId }), /\/connection_id/);
      rejects(shown({ status: 'signed_in', identity: { ...identity, access_token: 'x' } }), /access_token/);
      rejects(shown({ status: 'connected', connection_id: connectionId, error }), /\/error/);
      rejects(shown({ status: 'claimed' }), /\/status/);
    });

    it('takes a wrong claim as an invalid request, and no other problem under that status', () => {
      const path = `/connect-sessions/${sessionId}/claim`;
      const wrong: Answer = { method: 'POST', path, status: 400, headers: problemJson };
      contract.checkAnswer({ ...wrong, body: problemBody({ code: 'invalid_request', field: 'claim', detail: 'No.' }) });
      rejects({ ...wrong, body: problemBody({ code: 'unknown_session', detail: 'No.' }) }, /\/code/);
      const body = { claim: 'c'.repeat(43) };
      contract.checkRequestBody({ method: 'POST', path, body });
      for (const bad of [{}, { claim: '' }, { ...body, session_id: sessionId }]) {
        assert.throws(() => contract.checkRequestBody({ method: 'POST', path, body: bad }), /claim|session_id/);
      }
    });

    it('wants session and status in the address to return to, and takes a claim that is one', () => {
      const returned = (query: string): Answer => ({
        method: 'GET',
        path: '/oauth/callback?state=s',
        status: 303,
        headers: { ...noStore, location: `https://app.example.com/done?a=1&connect_session=${sessionId}${query}` },
      });
      contract.checkAnswer(returned('&status=connected'));
      contract.checkAnswer(returned(`&status=authorized&claim=${'c'.repeat(43)}`));
      contract.checkAnswer(returned('&status=authorized'));
      rejects(returned('&status=authorized&claim=short'), /header Location/);
      rejects(returned('&status=done'), /header Location/);
      rejects(returned(''), /header Location/);
    });
  });

  describe('of health', () => {
    const counts = {
      total: 1,
      complete: true,
      by_status: { active: 1, admin_action_required: 0, reauthorization_required: 0, disconnected: 0 },
    };
    const finding = { code: 'claim_off', severity: 'warning', summary: 's', evidence: [], remedy: 'r' };
    const app = { app: 'crm', flow: 'authorization_code', purpose: 'api', connections: counts, findings: [finding] };
    const incident = {
      id: 'i',
      type: 'invalid_grant_spike',
      severity: 'critical',
      app: 'crm',
      opened_at: instant,
      cause: 'c',
      summary: 's',
      evidence: ['e'],
      counts: { failed: 3 },
      remedy: 'r',
      connection_ids: [connectionId],
    };
    const health = {
      status: 'ok',
      checked_at: instant,
      connections: counts,
      overdue: { count: 0, complete: true },
      incidents: [incident],
      apps: [app],
    };
    const shown = (members: object) => read('/health', { ...health, ...members });
    const withFinding = (members: object) => shown({ apps: [{ ...app, findings: [{ ...finding, ...members }] }] });
    const withIncident = (members: object) => shown({ incidents: [{ ...incident, ...members }] });

    it('takes findings and incidents of its words, and of no others', () => {
      contract.checkAnswer(shown({}));
      contract.checkAnswer(withFinding({ page: 'docs/causes/idle_expiry.md' }));
      rejects(withFinding({ page: 'https://elsewhere.example/page' }), /\/page/);
      rejects(withFinding({ code: 'mood' }), /\/code/);
      rejects(withFinding({ severity: 'critical' }), /\/severity/);
      rejects(withFinding({ remedy: undefined }), /remedy/);
      rejects(withFinding({ token: 'x' }), /token/);
      rejects(withIncident({ type: 'reauthorization_required' }), /\/type/);
      rejects(withIncident({ connection_ids: Array(6).fill(connectionId) }), /\/connection_ids/);
      rejects(shown({ status: 'healthy' }), /\/status/);
    });

    it('takes an incident of the whole deployment without an app, and any other with one', () => {
      contract.checkAnswer(withIncident({ type: 'refresh_backlog', app: undefined }));
      rejects(withIncident({ type: 'refresh_backlog' }), /\/app/);
      rejects(withIncident({ app: undefined }), /app/);
      contract.checkAnswer(withIncident({ resolved_at: instant, org_id: '00D000000000001EAA' }));
    });

    it('wants the oldest of what is overdue, where anything is', () => {
      contract.checkAnswer(shown({ overdue: { count: 2, complete: false, oldest_due_at: instant } }));
      rejects(shown({ overdue: { count: 2, complete: true } }), /oldest_due_at/);
      rejects(shown({ overdue: { count: 0, complete: true, oldest_due_at: instant } }), /\/oldest_due_at/);
      rejects(shown({ connections: { ...counts, by_status: {} } }), /active/);
    });
  });

  describe('of grants and integrations', () => {
    const entry = { id: 'g', outcome: 'stored', current: true, begun_at: instant, fingerprint: '0123456789abcdef' };
    const shown = (members: object): Answer =>
      read(`/connections/${connectionId}`, {
        id: connectionId,
        app: 'crm',
        flow: 'authorization_code',
        org_id: '00D000000000001EAA',
        user_id: '005000000000001AAA',
        status: 'active',
        instance_url: 'https://acme.my.salesforce.com',
        scopes: ['api'],
        authorized_at: instant,
        refreshed_at: instant,
        expires_at: instant,
        integrations: [],
        grants: [entry],
        ...members,
      });

    it('takes a ledger entry as the core has it, and no token, outcome or contradiction', () => {
      const past = { ...entry, current: false, superseded_at: instant, revoked_at: instant, refreshes: 3 };
      contract.checkAnswer(shown({ grants: [{ ...past, revocation_given_up_at: instant }, entry] }));
      contract.checkAnswer(shown({ grants: [{ id: 'o', outcome: 'orphaned', current: false, begun_at: instant }] }));
      rejects(shown({ grants: [{ ...entry, refresh_token: 'x' }] }), /refresh_token/);
      rejects(shown({ grants: [{ ...entry, outcome: 'superseded' }] }), /\/outcome/);
      rejects(shown({ grants: [{ ...entry, fingerprint: '0123456789ABCDEF' }] }), /\/fingerprint/);
      rejects(shown({ grants: [{ ...entry, outcome: 'orphaned' }] }), /\/outcome/);
      rejects(shown({ grants: [{ ...entry, revoked_at: instant }] }), /\/revoked_at/);
      rejects(shown({ grants: [{ ...past, outcome: 'failed' }] }), /\/fingerprint/);
    });

    it('takes a budget, and what Salesforce lists beside what is held, or why it was not asked', () => {
      const compared = { compared_at: instant, summary: 'Two that we do not hold.' };
      const asked = { ...compared, listed: 3, held: 1, not_held: 2 };
      contract.checkAnswer(shown({ grant_budget: { limit: 5, believed: 3 }, grants_at_salesforce: asked }));
      contract.checkAnswer(shown({ grants_at_salesforce: { ...compared, note: 'The user may not query it.' } }));
      rejects(shown({ grants_at_salesforce: compared }), /note/);
      rejects(shown({ grants_at_salesforce: { ...compared, listed: 3 } }), /held/);
      rejects(shown({ grants_at_salesforce: { ...asked, tokens: [] } }), /tokens/);
      rejects(shown({ grant_budget: { limit: 6, believed: 3 } }), /\/limit/);
    });

    it('takes an integration with its reason where its configuration failed, and there alone', () => {
      const integration = {
        tenant: 'acme',
        integration: 'contacts',
        connection_id: connectionId,
        connection_status: 'active',
        status: 'configured',
        configuration_version: 1,
        linked_at: instant,
        configured_at: instant,
      };
      const path = '/integrations/acme/contacts';
      contract.checkAnswer(read(path, integration));
      contract.checkAnswer(read(path, { ...integration, status: 'configuration_failed', reason: 'It threw.' }));
      rejects(read(path, { ...integration, status: 'configuration_failed' }), /reason/);
      rejects(read(path, { ...integration, reason: 'It threw.' }), /\/reason/);
      rejects(read(path, { ...integration, status: 'unlinked' }), /\/status/);
      rejects(read(path, { ...integration, connection_status: 'dead' }), /\/connection_status/);
      rejects(read(path, { ...integration, configuration: {} }), /configuration/);
      contract.checkAnswer({ method: 'DELETE', path, status: 204, headers: noStore });
      rejects({ method: 'DELETE', path, status: 200, headers: json, body: integration }, /unknown status/);
    });

    it('takes a configuration of any value, and answers its version', () => {
      const put = { method: 'PUT', path: '/integrations/acme/contacts/configuration' };
      contract.checkRequestBody({ ...put, body: { configuration: null } });
      assert.throws(() => contract.checkRequestBody({ ...put, body: {} }), /configuration/);
      const accepted: Answer = { ...put, status: 202, headers: json, body: { configuration_version: 2 } };
      contract.checkAnswer(accepted);
      rejects({ ...accepted, body: { configuration_version: '2' } }, /\/configuration_version/);
      rejects({ ...accepted, status: 200 }, /unknown status/);
    });

    it('takes the refusals of a grant, a disconnect and a caller with their members, each on its own route', () => {
      const budget = { limit: 5, stored: 1, owed: 0, orphans: 4 };
      const refusals = [
        ['POST', '/connect-sessions', 409, 'grant_limit_near', { budget, remedy: 'Send force.' }],
        ['DELETE', `/connections/${connectionId}`, 409, 'connection_shared', { other_tenants: 2 }],
        ['PUT', '/integrations/acme/contacts/configuration', 404, 'unknown_integration', {}],
        ['GET', '/integrations/acme/contacts', 403, 'forbidden', {}],
      ] as const;
      for (const [method, path, status, code, members] of refusals) {
        const answer = { method, path, status, headers: problemJson };
        const problem = problemBody({ code, detail: 'No.', members });
        contract.checkAnswer({ ...answer, body: problem });
        rejects({ ...answer, body: { ...problem, surprise: 1 } }, /surprise/);
        rejects(
          { ...answer, path: `/connections/${connectionId}/token`, method: 'GET', body: problem },
          /code|content type/,
        );
        for (const member of Object.keys(members)) {
          rejects({ ...answer, body: { ...problem, [member]: undefined } }, new RegExp(member));
        }
      }
      const uncounted = problemBody({ code: 'connection_shared', detail: 'No.', members: { other_tenants: ['b'] } });
      const answer = { method: 'DELETE', path: `/connections/${connectionId}`, status: 409, headers: problemJson };
      rejects({ ...answer, body: uncounted }, /\/other_tenants/);
    });
  });
});
