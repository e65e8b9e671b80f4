import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorizationError, knownAuthorizationErrors } from '../../../functions/core/authorization-error.ts';

test('each error of the callback has a code of its own, a detail and a remedy', () => {
  for (const error of [
    'access_denied',
    'OAUTH_APP_BLOCKED',
    'OAUTH_APP_ACCESS_DENIED',
    'OAUTH_EC_APP_NOT_FOUND',
    'OAUTH_AUTHORIZATION_BLOCKED',
    'invalid_request',
    'immediate_unsuccessful',
    'invalid_scope',
    'inactive_user',
    'inactive_org',
    'rate_limit_exceeded',
  ]) {
    assert.ok(knownAuthorizationErrors.includes(error), error);
    const { code, detail, remedy } = authorizationError(error);
    assert.equal(code, error);
    assert.doesNotMatch(detail, /do not know/);
    assert.ok(remedy.length > 10, error);
  }
});

test('an unknown error keeps its code, short and printable', () => {
  assert.equal(authorizationError('brand_new').code, 'brand_new');
  assert.equal(authorizationError('<script>').code, '_script_');
  assert.equal(authorizationError('x'.repeat(99)).code.length, 64);
  assert.equal(authorizationError('').code, 'unknown_error');
  assert.match(authorizationError('constructor').detail, /do not know/);
});
