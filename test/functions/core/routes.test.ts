import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackPath, routes } from '../../../functions/core/routes.ts';

test('the routes are those of the contract, and only the two that a browser visits are public', () => {
  assert.deepEqual(
    routes.map((one) => [one.method, one.path, one.function, one.audience].join(' ')),
    [
      'POST /connect-sessions connect service',
      'GET /connect-sessions/{id} connect service',
      'GET /connect/{secret} connect browser',
      'GET /oauth/callback callback browser',
      'GET /connections connections service',
      'GET /connections/{id} connections service',
      'DELETE /connections/{id} connections service',
      'GET /connections/{id}/token token service',
      'POST /connections/{id}/token token service',
    ],
  );
  assert.equal(callbackPath, '/oauth/callback');
});
