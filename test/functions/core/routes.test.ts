import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackPath, namesConnection, routes, serviceRoutes } from '../../../functions/core/routes.ts';

test('the routes are those of the contract, and only the two that a browser visits are public', () => {
  assert.deepEqual(
    routes.map((one) => [one.method, one.path, one.function, one.audience].join(' ')),
    [
      'POST /connect-sessions connect service',
      'GET /connect-sessions/{id} connect service',
      'POST /connect-sessions/{id}/claim connect service',
      'GET /connect/{secret} connect browser',
      'GET /oauth/callback callback browser',
      'GET /connections connections service',
      'POST /connections jwt-bearer service',
      'GET /connections/{id} connections service',
      'DELETE /connections/{id} connections service',
      'GET /connections/{id}/token token service',
      'POST /connections/{id}/token token service',
      'GET /integrations/{tenant}/{integration} connections service',
      'DELETE /integrations/{tenant}/{integration} connections service',
      'PUT /integrations/{tenant}/{integration}/configuration connections service',
      'GET /health connections service',
    ],
  );
  assert.equal(callbackPath, '/oauth/callback');
});

test('what deletes is an administrator’s, what begins or configures the connecting service’s, the rest is reading', () => {
  const expected = { DELETE: ['admin'], PUT: ['connect'], POST: ['connect', 'read'], GET: ['connect', 'read'] };
  for (const [method, capabilities] of Object.entries(expected)) {
    const found = serviceRoutes.filter((route) => route.method === method).map(({ capability }) => capability);
    assert.deepEqual([...new Set(found)].toSorted(), capabilities, method);
  }
  for (const { method, path, capability } of serviceRoutes) {
    const begins = path.startsWith('/connect-sessions') || `${method} ${path}` === 'POST /connections';
    assert.equal(begins || path.endsWith('/configuration'), capability === 'connect', `${method} ${path}`);
  }
});

test('the app stands in a path that names a connection, and in no other', () => {
  assert.deepEqual(
    routes.filter(namesConnection).map(({ method, path }) => `${method} ${path}`),
    [
      'GET /connections/{id}',
      'DELETE /connections/{id}',
      'GET /connections/{id}/token',
      'POST /connections/{id}/token',
    ],
  );
});
