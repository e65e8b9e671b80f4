import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrongSignature } from '../../../functions/core/check-code-answer.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Grant } from '../../../functions/core/grant.ts';
import type { Problem } from '../../../functions/core/problem.ts';
import { decideRead, refreshPending } from '../../../functions/core/read-decision.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const lastFailure = { at: noon, class: 'admin', error: 'inactive_org', description: 'org locked' };

function problemOf(status: Connection['status'], grant: Partial<Grant>, change: Partial<Connection> = {}): Problem {
  const held = aGrant('g', { expiresAt: noon, ...grant });
  const decision = decideRead(aConnection(1, { status }, { grant: held, ...change }), noon);
  assert.ok(decision.kind === 'problem');
  return decision.problem;
}

test('a dead grant says what Salesforce answered, and its cause', () => {
  const { detail, members } = problemOf('reauthorization_required', { lastFailure }, { cause: 'lost_response' });
  assert.match(detail, /^Salesforce refuses .* for good \(inactive_org: org locked\)\. Begin a connect session/);
  assert.deepEqual(members, { cause: 'lost_response' });
  const bare = problemOf('reauthorization_required', {});
  assert.match(bare.detail, /for good\. Begin/);
  assert.deepEqual(bare.members, { cause: 'revoked_or_unknown' });
});

test('where the administrator must act, the remedy is the error table’s', () => {
  const { detail, members } = problemOf('admin_action_required', { lastFailure }, { cause: 'inactive_org' });
  assert.match(detail, /^The org's settings keep .* out\. inactive_org: org locked\. It is tried again by itself/);
  assert.deepEqual(members, { cause: 'inactive_org', remedy: 'Reactivate the org with Salesforce.' });
  const bare = problemOf('admin_action_required', {});
  assert.match(bare.detail, /out\. It is tried again/);
  assert.equal(bare.members?.cause, 'unknown');
  assert.match(String(bare.members?.remedy), /look the code up in Salesforce Help/);
});

test('a changed identity says so', () => {
  const { detail, members } = problemOf('admin_action_required', { identityChanged: true });
  assert.match(detail, /another org or user; that token is not handed out/);
  assert.equal(members?.cause, 'identity_changed');
  assert.match(String(members?.remedy), /^Connect the integration again/);
});

test('a tombstone says since when, where that is known', () => {
  const { detail } = problemOf('disconnected', {}, { disconnectedAt: noon });
  assert.match(detail, / was disconnected at 2026-11-21T12:00:00\.000Z\. Begin a connect session/);
  assert.match(problemOf('disconnected', {}).detail, / was disconnected\. Begin a connect session/);
});

test('a pending refresh says how the last one failed, or that it is still under way', () => {
  const connection = aConnection(1);
  assert.match(refreshPending(connection, aGrant('g'), noon).detail, /still under way\. Ask again in 1 s\./);
  const failed = refreshPending(connection, aGrant('g', { lastFailure }), noon).detail;
  assert.match(
    failed,
    /^The last refresh failed at 2026-11-21T12:00:00\.000Z \(inactive_org: org locked\); the refresh/,
  );
});

test('a wrong signature says what to compare', () => {
  assert.equal(wrongSignature.code, 'wrong_signature');
  assert.match(wrongSignature.detail, /none of the client secrets/);
  assert.match(wrongSignature.remedy, /Compare the client secret/);
});

test('without a browser nobody is sent to a connect session, and no refresh token is spoken of', () => {
  const flow = { flow: 'jwt_bearer' } as const;
  const gone = problemOf('disconnected', {}, flow);
  assert.match(gone.detail, /was disconnected\. POST \/connections to connect it again\./);
  const failed = { at: noon, class: 'admin', error: 'invalid_grant', description: 'authentication failure' };
  const { members } = problemOf('admin_action_required', { lastFailure: failed }, flow);
  assert.match(String(members?.remedy), /Setup > Users/);
  const pending = refreshPending(aConnection(1, {}, flow), aGrant('g', { lastFailure: failed }), noon).detail;
  assert.match(pending, /; a new login is tried\. Ask again/);
});
