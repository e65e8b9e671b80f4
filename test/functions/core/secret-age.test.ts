import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppState } from '../../../functions/core/circuit.ts';
import type { SecretAge } from '../../../functions/core/ports.ts';
import { decideSecretAge, hasClientSecret } from '../../../functions/core/secret-age.ts';
import { anAlertDuty, anApp, noon } from '../../contract/items.ts';

const dayMs = 86_400_000;
const changedAt = noon - 363 * dayMs;
const old: SecretAge = { set: true, changedAt };
const look = (state: AppState | undefined, age: SecretAge, now = noon) => decideSecretAge(state, 'crm', age, 365, now);
const alertsOf = ({ duties }: AppState) => Object.keys(duties);
/** As once the duties are done. */
const published = (state: AppState): AppState => ({ ...state, duties: {} });

test('what was seen is kept, and a secret that is young owes no alert', () => {
  const state = look(undefined, { set: true, changedAt: changedAt + 1 });
  assert.deepEqual(state.secret, { lookedAt: noon, set: true, changedAt: changedAt + 1, alerted: undefined });
  assert.deepEqual([state.id, state.failures, state.duties], ['crm', 0, {}]);
});

test('48 hours before the age that is allowed one alert is owed, in the same write as its record', () => {
  const state = look(anApp('crm', { failures: 2 }), old);
  const alertId = `crm.client-secret.${changedAt}`;
  assert.deepEqual(state.secret?.alerted, { alertId, changedAt, oldAt: noon + 2 * dayMs });
  assert.deepEqual(state.duties, {
    [`alert.${alertId}`]: {
      kind: 'alert',
      alertId,
      type: 'expiry_approaching',
      cause: 'client_secret_old',
      since: noon,
      dueAt: noon,
      tries: 0,
    },
  });
  assert.equal(state.failures, 2);
});

test('it is owed once, however old the secret becomes and whatever age is allowed later', () => {
  let state = published(look(undefined, old));
  for (const [now, maxAgeDays] of [
    [noon + 3_600_000, 365],
    [noon + 400 * dayMs, 365],
    [noon + 400 * dayMs, 30],
  ] as const) {
    state = decideSecretAge(state, 'crm', old, maxAgeDays, now);
    assert.deepEqual(alertsOf(state), []);
    assert.equal(state.secret?.lookedAt, now);
  }
});

test('one that is open stays as it is, and those of others too', () => {
  const first = look(anApp('crm', { duties: { other: anAlertDuty(noon) } }), old);
  const again = look(first, old, noon + 3_600_000);
  assert.deepEqual(again.duties, first.duties);
  assert.equal(alertsOf(again).length, 2);
});

test('a new secret takes back what was not published, and is alerted in its own time', () => {
  const duties = { other: anAlertDuty(noon) };
  const renewed = look(look(anApp('crm', { duties }), old), { set: true, changedAt: noon });
  assert.deepEqual([renewed.duties, renewed.secret?.alerted], [duties, undefined]);
  const next = look(published(renewed), { set: true, changedAt: noon }, noon + 363 * dayMs);
  assert.deepEqual(alertsOf(next), [`alert.crm.client-secret.${noon}`]);
});

test('one that is not set, or of no known age, owes none', () => {
  for (const age of [{ set: false }, { set: true }, { set: false, changedAt }]) {
    const state = look(undefined, age);
    assert.deepEqual([state.duties, state.secret?.set, state.secret?.alerted], [{}, age.set, undefined]);
  }
  assert.deepEqual(alertsOf(look(look(undefined, old), { set: false })), []);
});

test('an app has a client secret unless it is public, or signs', () => {
  assert.ok(hasClientSecret({ flow: 'authorization_code', clientAuthentication: 'secret' }));
  assert.ok(hasClientSecret({ flow: 'client_credentials', clientAuthentication: 'secret' }));
  assert.ok(!hasClientSecret({ flow: 'authorization_code', clientAuthentication: 'none' }));
  assert.ok(!hasClientSecret({ flow: 'jwt_bearer', clientAuthentication: 'secret' }));
  assert.ok(!hasClientSecret(undefined));
});
