import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeAlert } from '../../../functions/core/compose-alert.ts';
import type { Diagnosis } from '../../../functions/core/diagnosis.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { revocationGivenUp } from '../../../functions/core/revocation.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const lastFailure = { at: noon, class: 'dead', error: 'invalid_grant', description: 'expired access/refresh token' };
const connection = aConnection(1, {}, { grant: aGrant('g', { lastFailure }) });
const duty = (type: AlertDuty['type']): AlertDuty => ({
  kind: 'alert',
  alertId: 'alert-1',
  type,
  cause: 'lost_response',
  since: noon,
  dueAt: noon + 5,
  tries: 2,
});

test('an alert says who, since when, why, and what to do', () => {
  const alert = composeAlert(connection, duty('reauthorization_required'));
  assert.equal(alert.version, 1);
  assert.equal(alert.id, 'alert-1');
  assert.equal(alert.type, 'reauthorization_required');
  assert.equal(alert.severity, 'critical');
  assert.deepEqual([alert.app, alert.org_id, alert.connection_ids], ['crm', connection.orgId, [connection.id]]);
  assert.equal(alert.opened_at, '2026-11-21T12:00:00.000Z');
  assert.equal(alert.cause, 'lost_response');
  assert.deepEqual(alert.evidence, ['2026-11-21T12:00:00.000Z invalid_grant: expired access/refresh token']);
  assert.deepEqual(alert.counts, { connections: 1 });
  assert.match(alert.summary, new RegExp(connection.id));
  assert.match(alert.remedy, /authorize again/);
});

test('each type has its severity, and good news no evidence', () => {
  assert.equal(composeAlert(connection, duty('admin_action_required')).severity, 'warning');
  const recovered = composeAlert(connection, duty('connection_recovered'));
  assert.deepEqual([recovered.severity, recovered.evidence], ['info', []]);
  assert.deepEqual(composeAlert(aConnection(1, {}, { grant: undefined }), duty('admin_action_required')).evidence, []);
});

test('an alert that is composed twice is the same, and holds no token', () => {
  const once = composeAlert(connection, duty('reauthorization_required'));
  assert.deepEqual(composeAlert(connection, duty('reauthorization_required')), once);
  assert.doesNotMatch(JSON.stringify(once), /sealed/);
});

const diagnosis: Diagnosis = {
  cause: 'grant_limit',
  confidence: 'likely',
  evidence: ['5 newer authorizations are in the ledger.'],
  actor: 'user',
  remedy: 'Authorize once.',
  page: 'docs/causes/grant_limit.md',
};

test('an alert of a connection that does not work has its diagnosis, how sure it is first, and its page last', () => {
  for (const type of ['reauthorization_required', 'admin_action_required'] as const) {
    const { cause, evidence, remedy, severity } = composeAlert(connection, duty(type), diagnosis);
    assert.equal(cause, 'grant_limit');
    assert.deepEqual(evidence, ['Confidence: likely.', '5 newer authorizations are in the ledger.']);
    assert.equal(remedy, 'For the user who authorized: Authorize once. More: docs/causes/grant_limit.md');
    assert.equal(severity, composeAlert(connection, duty(type)).severity);
  }
});

test('another identity is told as such: no setting keeps it out, and its tokens are not served', () => {
  const changed = composeAlert(connection, { ...duty('admin_action_required'), cause: 'identity_changed' }, diagnosis);
  assert.equal(changed.severity, 'critical');
  assert.match(changed.summary, /another org or user; its access tokens are not served/);
  const kept = composeAlert(connection, { ...duty('admin_action_required'), cause: 'ip_restricted' }, diagnosis);
  assert.equal(kept.severity, 'warning');
  assert.match(kept.summary, /keeps the app or the user out/);
});

test('good news, and a revocation that was given up, have none', () => {
  const recovered = composeAlert(connection, duty('connection_recovered'), diagnosis);
  assert.deepEqual([recovered.cause, recovered.evidence], ['lost_response', []]);
  const givenUp = { ...duty('admin_action_required'), cause: revocationGivenUp };
  assert.deepEqual(composeAlert(connection, givenUp, diagnosis), composeAlert(connection, givenUp));
});
