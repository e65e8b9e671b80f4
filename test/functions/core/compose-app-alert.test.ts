import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideCertificates } from '../../../functions/core/certificate-expiry.ts';
import { decideOperatorFailure } from '../../../functions/core/circuit.ts';
import { composeAppAlert } from '../../../functions/core/compose-app-alert.ts';
import type { AlertDuty } from '../../../functions/core/duty.ts';
import { decideSecretAge } from '../../../functions/core/secret-age.ts';
import { anApp, noon } from '../../contract/items.ts';

function refused(error: string, description: string) {
  const state = decideOperatorFailure(undefined, 'crm', { error, description }, noon, 0, 'alert-1')!;
  return { state, duty: state.duties['alert.alert-1'] as AlertDuty };
}

test('an alert of an app says what Salesforce refuses and what the operator must do, by the error table', () => {
  const { state, duty } = refused('invalid_client', 'invalid client credentials');
  const alert = composeAppAlert(state, duty, 'authorization_code');
  assert.deepEqual([alert.id, alert.type, alert.severity], ['alert-1', 'app_misconfigured', 'critical']);
  assert.deepEqual([alert.app, alert.org_id, alert.connection_ids], ['crm', '', []]);
  assert.deepEqual([alert.cause, alert.opened_at], ['invalid_client', '2026-11-21T12:00:00.000Z']);
  assert.deepEqual(alert.evidence, [
    '2026-11-21T12:00:00.000Z invalid_client: invalid client credentials',
    'The client secret is wrong, or was rotated.',
  ]);
  assert.match(alert.remedy, /Secrets Manager.*nothing is to be authorized again/);
  assert.deepEqual(composeAppAlert(state, duty, 'authorization_code'), alert);
});

test('where the table knows no remedy, the operator is sent to the configuration', () => {
  const { state, duty } = refused('never_heard_of', '');
  assert.match(composeAppAlert(state, duty, 'authorization_code').remedy, /configuration/);
  assert.deepEqual(composeAppAlert(anApp('crm'), duty, 'authorization_code').evidence, []);
});

test('what Salesforce refuses of an assertion is mended where assertions are set up', () => {
  const { state, duty } = refused('unsupported_grant_type', '');
  assert.match(
    composeAppAlert(state, duty, 'jwt_bearer').remedy,
    /Enable JWT Bearer Flow.*nothing is to be authorized/,
  );
  assert.match(composeAppAlert(state, duty, 'client_credentials').remedy, /Enable Client Credentials Flow.*Run As/);
  const behind = refused('invalid_grant', 'expired authorization code');
  assert.match(composeAppAlert(behind.state, behind.duty, 'jwt_bearer').remedy, /clock/);
});

const dayMs = 86_400_000;

function ending(inMs: number) {
  const state = decideCertificates(undefined, 'crm-jwt', [{ id: '2', endsAt: noon + inMs }], noon);
  const [duty] = Object.values(state.duties) as AlertDuty[];
  return composeAppAlert(state, duty!, 'jwt_bearer');
}

test('the end of a certificate says of which key, when, and what to run', () => {
  const alert = ending(13 * dayMs);
  assert.deepEqual(
    [alert.type, alert.severity, alert.cause],
    ['expiry_approaching', 'warning', 'signing_certificate_ends'],
  );
  assert.deepEqual([alert.app, alert.org_id, alert.connection_ids], ['crm-jwt', '', []]);
  assert.match(alert.summary, /^crm-jwt: the certificate of signing key 2 ends at 2026-12-04T12:00:00\.000Z;/);
  assert.match(alert.remedy, /npx grantkeeper signing-key crm-jwt .*Setup > .*rotate-signing-key\.md/);
  assert.match(alert.evidence[0] ?? '', /13 days/);
  assert.deepEqual(alert.counts, { hours_left: 312 });
});

test('the last alert of a certificate is critical, and one that has ended says so', () => {
  const last = ending(47 * 3_600_000);
  assert.deepEqual([last.severity, last.counts.hours_left], ['critical', 47]);
  assert.match(last.evidence[0] ?? '', /47 hours/);
  const ended = ending(-dayMs);
  assert.match(ended.summary, / ended at 2026-11-20/);
  assert.deepEqual([ended.severity, ended.counts.hours_left], ['critical', 0]);
});

test('a client secret of long ago says since when, what is allowed, and that tokens may hang on it', () => {
  const changedAt = noon - 364 * dayMs;
  const state = decideSecretAge(undefined, 'crm', { set: true, changedAt }, 365, noon);
  const [duty] = Object.values(state.duties) as AlertDuty[];
  const alert = composeAppAlert(state, duty!, 'authorization_code');
  assert.deepEqual(
    [alert.id, alert.type, alert.severity, alert.cause],
    [`crm.client-secret.${changedAt}`, 'expiry_approaching', 'warning', 'client_secret_old'],
  );
  assert.match(alert.summary, /^crm: The client secret was not changed for long/);
  assert.deepEqual(alert.evidence, [
    'The client secret was changed at 2025-11-22T12:00:00.000Z, 364 days before this was noticed.',
    'The configuration allows 365 days (apps.crm.clientSecretMaxAgeDays): until 2026-11-22T12:00:00.000Z.',
  ]);
  assert.match(alert.remedy, /Consumer Key and Secret.*put-secret-value/);
  assert.deepEqual(alert.counts, { days_old: 364 });
  assert.doesNotMatch(JSON.stringify(alert), /certificate/);
});
