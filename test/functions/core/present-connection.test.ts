import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentConnection, presentConnectionInFull } from '../../../functions/core/present-connection.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, anIntegration, noon } from '../../contract/items.ts';

const at = '2026-11-21T12:00:00.000Z';
const lastFailure = { at: noon, class: 'busy', error: 'invalid_grant', description: 'd' };
const ownKeys = { session: 's', access: 'wrapped', refresh: 'wrapped' };
const book = { ledger: undefined, limit: 5, now: noon };
const connection = aConnection(
  1,
  {},
  {
    username: 'ada@example.com',
    status: 'admin_action_required',
    cause: 'ip_restricted',
    nextRefreshAt: noon,
    grant: aGrant('g', { lastFailure, ownKeys, expiresAt: noon }),
    duties: { 'revoke.old': revocationOf(aGrant('old', { refreshes: 3 }), noon, noon, 'superseded') },
  },
);

test('a connection is shown with its state, times and reasons', () => {
  assert.deepEqual(presentConnection(connection), {
    id: connection.id,
    app: 'crm',
    flow: 'authorization_code',
    org_id: connection.orgId,
    user_id: connection.userId,
    username: 'ada@example.com',
    status: 'admin_action_required',
    cause: 'ip_restricted',
    authorized_at: at,
    instance_url: 'https://example.my.salesforce.com',
    scopes: ['api', 'refresh_token'],
    refreshed_at: at,
    expires_at: at,
    last_failure: { at, class: 'busy', error: 'invalid_grant', description: 'd' },
    next_refresh_at: at,
  });
});

test('what is not known is left out', () => {
  const bare = presentConnection(aConnection(1, { status: 'disconnected' }, { grant: undefined }));
  assert.deepEqual(Object.keys(bare).sort(), ['app', 'authorized_at', 'flow', 'id', 'org_id', 'status', 'user_id']);
  assert.deepEqual(presentConnectionInFull(aConnection(1, {}, { grant: undefined }), [], book).grants, []);
});

test('in full, it is shown with its integrations and the grants that we know of', () => {
  const integrations = [
    anIntegration('acme', 'sync', { status: 'configuration_failed', reason: 'why' }),
    anIntegration('b', 'c'),
  ];
  const { integrations: shown, grants, grant_budget } = presentConnectionInFull(connection, integrations, book);
  assert.deepEqual(shown, [
    { tenant: 'acme', integration: 'sync', status: 'configuration_failed', reason: 'why', configuration_version: 1 },
    { tenant: 'b', integration: 'c', status: 'linked', configuration_version: 1 },
  ]);
  assert.deepEqual(
    (grants as { id: string; current: boolean }[]).map(({ id, current }) => [id, current]),
    [
      ['g', true],
      ['old', false],
    ],
  );
  assert.deepEqual(grant_budget, { limit: 5, believed: 2 });
});

test('no token, hash or key is shown, sealed or not', () => {
  const text = JSON.stringify(presentConnectionInFull(connection, [], book));
  for (const secret of ['sealed', 'wrapped', 'abab', 'accessToken', 'refreshToken'])
    assert.ok(!text.includes(secret), secret);
});
