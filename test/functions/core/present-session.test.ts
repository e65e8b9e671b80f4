import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presentSession } from '../../../functions/core/present-session.ts';
import { lostResponse } from '../../../functions/core/session-step.ts';
import { aSession, noon } from '../../contract/items.ts';

const session = aSession(1, {
  configuration: '{"secret":"configured"}',
  binding: { cookieSha256: 'hash', stateSha256: 'hash', verifierSalt: 'salt' },
});

test('a session is shown by its place and status, and without its binding or configuration', () => {
  assert.deepEqual(presentSession(session, noon), {
    session_id: session.id,
    status: 'pending',
    app: 'crm',
    tenant: 'acme',
    integration: 'sync',
    created_at: '2026-11-21T12:00:00.000Z',
    expires_at: '2026-11-21T12:15:00.000Z',
  });
});

test('a session is shown as time has made it', () => {
  assert.equal(presentSession(session, noon + 900_000).status, 'expired');
  const lost = presentSession(
    { ...session, status: 'exchanging', attempt: { id: 'a', begunAt: noon } },
    noon + 900_000,
  );
  assert.deepEqual([lost.status, lost.error], ['failed', lostResponse]);
});

test('an end is shown with what came of it', () => {
  const connected = presentSession({ ...session, status: 'connected', connectionId: 'id' }, noon);
  assert.deepEqual([connected.status, connected.connection_id], ['connected', 'id']);
  const error = { code: 'wrong_org', detail: 'd', remedy: 'r' };
  assert.deepEqual(presentSession({ ...session, status: 'failed', error }, noon).error, error);
});
