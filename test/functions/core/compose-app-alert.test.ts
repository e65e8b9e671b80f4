import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideOperatorFailure } from '../../../functions/core/circuit.ts';
import { composeAppAlert } from '../../../functions/core/compose-app-alert.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { anApp, noon } from '../../contract/items.ts';

function refused(error: string, description: string) {
  const state = decideOperatorFailure(undefined, 'crm', { error, description }, noon, 0, 'alert-1')!;
  return { state, duty: state.duties['alert.alert-1'] as AlertDuty };
}

test('an alert of an app says what Salesforce refuses and what the operator must do, by the error table', () => {
  const { state, duty } = refused('invalid_client', 'invalid client credentials');
  const alert = composeAppAlert(state, duty);
  assert.deepEqual([alert.id, alert.type, alert.severity], ['alert-1', 'app_misconfigured', 'critical']);
  assert.deepEqual([alert.app, alert.org_id, alert.connection_ids], ['crm', '', []]);
  assert.deepEqual([alert.cause, alert.opened_at], ['invalid_client', '2026-11-21T12:00:00.000Z']);
  assert.deepEqual(alert.evidence, [
    '2026-11-21T12:00:00.000Z invalid_client: invalid client credentials',
    'The client secret is wrong, or was rotated.',
  ]);
  assert.match(alert.remedy, /Secrets Manager.*nothing is to be authorized again/);
  assert.deepEqual(composeAppAlert(state, duty), alert);
});

test('where the table knows no remedy, the operator is sent to the configuration', () => {
  const { state, duty } = refused('never_heard_of', '');
  assert.match(composeAppAlert(state, duty).remedy, /configuration/);
  assert.deepEqual(composeAppAlert(anApp('crm'), duty).evidence, []);
});
