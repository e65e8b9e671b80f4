import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import {
  decideStoreGrant,
  linkDutyId,
  type NewAuthorization,
  revocationOf,
} from '../../../functions/core/store-grant.ts';
import { aConnection, aGrant, noon } from '../../contract/items.ts';

const shell = aConnection(1);

function authorization(grantId: string, change: Partial<NewAuthorization> = {}): NewAuthorization {
  return {
    connectionId: shell.id,
    app: shell.app,
    orgId: shell.orgId,
    userId: shell.userId,
    flow: 'authorization_code',
    authorizedAt: noon + 1_000,
    begunAt: noon + 500,
    grant: aGrant(grantId),
    link: { sessionId: `session-${grantId}`, tenant: 'acme', integration: 'sync', claim: true },
    fingerprint: '0123456789abcdef',
    ledgerId: 'crm/acme/sync',
    ...change,
  };
}
const linkDuty = (grantId: string, outcome: 'stored' | 'refused' = 'stored') => ({
  kind: 'link',
  sessionId: `session-${grantId}`,
  tenant: 'acme',
  integration: 'sync',
  claim: true,
  grant: {
    id: grantId,
    begunAt: noon + 500,
    authorizedAt: noon + 1_000,
    outcome,
    fingerprint: '0123456789abcdef',
    ledgerId: 'crm/acme/sync',
  },
  since: noon,
  dueAt: noon + 60_000,
  tries: 0,
});
const current = (change: Partial<Connection> = {}) =>
  aConnection(1, {}, { grant: aGrant('m'), revision: 7, ...change });
const decide = (connection: Connection | undefined, incoming: NewAuthorization) =>
  decideStoreGrant(connection, incoming, noon, 0);

test('the first authorization makes the connection, owes its link and is looked at in its cadence', () => {
  const incoming = authorization('z');
  assert.deepEqual(decide(undefined, incoming), {
    kind: 'store',
    after: {
      version: 1,
      revision: 0,
      writeId: '',
      id: shell.id,
      app: 'crm',
      orgId: shell.orgId,
      userId: shell.userId,
      flow: 'authorization_code',
      status: 'active',
      cause: undefined,
      createdAt: noon,
      authorizedAt: noon + 1_000,
      grant: incoming.grant,
      duties: { [linkDutyId('session-z')]: linkDuty('z') },
      nextRefreshAt: noon + 5_400_000,
    },
  });
});

test('a newer authorization takes the connection over and owes the older grant its revocation after a grace', () => {
  const before = current({ createdAt: 5, username: 'u', disconnectedAt: 3, duties: { kept: linkDuty('k') as never } });
  const decision = decide(before, authorization('z'));
  assert.ok(decision.kind === 'store');
  const { after } = decision;
  assert.deepEqual([after.grant?.id, after.authorizedAt, after.createdAt, after.username], ['z', noon + 1_000, 5, 'u']);
  assert.deepEqual([after.disconnectedAt, after.revision, after.status], [3, 7, 'active']);
  assert.deepEqual(Object.keys(after.duties).sort(), ['kept', 'link.session-z', 'revoke.m']);
  assert.deepEqual(after.duties['revoke.m'], revocationOf(before.grant!, noon, noon + 15 * 60_000, 'superseded'));
});

test('an older authorization is revoked and linked, and replaces nothing', () => {
  const before = current({ authorizedAt: noon + 1_001 });
  const decision = decide(before, authorization('z'));
  assert.ok(decision.kind === 'older');
  const revoke = revocationOf(aGrant('z'), noon, noon + 60_000, 'older_authorization');
  const duties = { 'revoke.z': revoke, 'link.session-z': linkDuty('z', 'refused') };
  assert.deepEqual(decision.after, { ...before, duties });
});

test('authorizations of one instant are ordered by grant id', () => {
  const same = { authorizedAt: noon };
  assert.equal(decide(current(same), authorization('z', same)).kind, 'store');
  assert.equal(decide(current(same), authorization('a', same)).kind, 'older');
});

test('the own write is recognised, as the stored grant and as a superseded one', () => {
  const first = decide(current(), authorization('z'));
  assert.ok(first.kind === 'store');
  assert.deepEqual(decide(first.after, authorization('z')), { kind: 'stored' });
  const second = decide(first.after, authorization('zz', { authorizedAt: noon + 2_000 }));
  assert.ok(second.kind === 'store');
  assert.deepEqual(decide(second.after, authorization('z')), { kind: 'stored' });
  const older = decide(second.after, authorization('b', { authorizedAt: noon + 1_500 }));
  assert.ok(older.kind === 'older');
  assert.deepEqual(decide(older.after, authorization('b', { authorizedAt: noon + 1_500 })), { kind: 'stored' });
});

test('an exchange that was begun before a disconnect does not revive the connection', () => {
  const gone = current({ status: 'disconnected', grant: undefined, disconnectedAt: noon + 500 });
  assert.deepEqual(decide(gone, authorization('z')), { kind: 'disconnected' });
  assert.deepEqual(decide(gone, authorization('z', { begunAt: noon - 1 })), { kind: 'disconnected' });
  const revived = decide(gone, authorization('z', { begunAt: noon + 501 }));
  assert.ok(revived.kind === 'store');
  assert.deepEqual([revived.after.status, revived.after.disconnectedAt], ['active', noon + 500]);
  assert.equal(revived.after.duties['revoke.z'], undefined);
});

test('whoever was told of a trouble is told of its end, and nobody else', () => {
  for (const status of ['admin_action_required', 'reauthorization_required'] as const) {
    const decision = decide(current({ status, cause: 'because' }), authorization('z'));
    assert.ok(decision.kind === 'store');
    assert.equal(decision.after.cause, undefined);
    assert.deepEqual(decision.after.duties['alert.z'], {
      kind: 'alert',
      type: 'connection_recovered',
      alertId: 'z',
      cause: 'because',
      since: noon,
      dueAt: noon,
      tries: 0,
    });
  }
  const calm = decide(current(), authorization('z'));
  assert.ok(calm.kind === 'store' && calm.after.duties['alert.z'] === undefined);
});

test('a revocation takes the grant as it is at that instant, and waits for its lease', () => {
  const attempts = [{ id: 'a', begunAt: noon, refreshes: 4 }];
  const ownKeys = { session: 's', access: 'x', refresh: 'y' };
  const grant = aGrant('g', { refreshes: 4, attempts, ownKeys, lease: { attempt: 'a', until: noon + 70_000 } });
  assert.deepEqual(revocationOf(grant, noon, noon + 60_000, 'refused'), {
    kind: 'revoke',
    grantId: 'g',
    refreshes: 4,
    token: 'sealed-refresh',
    tokenPurpose: 'refresh',
    ownKeys,
    loginUrl: grant.loginUrl,
    lease: { attempt: 'a', until: noon + 70_000 },
    attempts,
    reason: 'refused',
    since: noon,
    dueAt: noon + 70_000,
    tries: 0,
  });
  assert.equal(revocationOf(grant, noon, noon + 900_000, 'superseded').dueAt, noon + 900_000);
});

test('a grant without a refresh token is revoked by its access token', () => {
  const duty = revocationOf(aGrant('g', { refreshToken: undefined }), noon, noon, 'refused');
  assert.deepEqual([duty.token, duty.tokenPurpose], ['sealed-access', 'access']);
  assert.equal(revokeDutyId('g'), 'revoke.g');
});

test('a login counts in the hour of its connection, and an authorization does not', () => {
  const logins = { since: noon, count: 2 };
  const uncounted = { since: noon + 400, count: 2 };
  const login = (change: Partial<NewAuthorization>) =>
    authorization('z', { flow: 'jwt_bearer', logins: uncounted, ...change });
  const first = decide(undefined, login({}));
  assert.deepEqual(first.kind === 'store' && first.after.logins, uncounted);
  const joined = decide(current({ logins }), login({}));
  assert.deepEqual(joined.kind === 'store' && joined.after.logins, { since: noon + 400, count: 4 });
  const older = decide(current({ logins }), login({ authorizedAt: 1 }));
  assert.deepEqual(older.kind === 'older' && older.after.logins, { since: noon + 400, count: 4 });
  const counted = decide(current({ logins }), login({ logins: undefined }));
  assert.deepEqual(counted.kind === 'store' && counted.after.logins, logins, 'its connection counted it before');
  const browser = decide(current({ logins }), authorization('z'));
  assert.deepEqual(browser.kind === 'store' && browser.after.logins, logins);
});

test('a login that brings the rejected token again brings it as rejected, and another one as good', () => {
  const rejected = { ...aGrant('m'), rejectedRefreshes: aGrant('m').refreshes, accessTokenSha256: 'same' };
  const incoming = (accessTokenSha256: string) =>
    authorization('z', { flow: 'jwt_bearer', grant: { ...aGrant('z'), refreshes: 0, accessTokenSha256 } });
  const again = decide(current({ grant: rejected }), incoming('same'));
  assert.equal(again.kind === 'store' && again.after.grant?.rejectedRefreshes, 0);
  const fresh = decide(current({ grant: rejected }), incoming('other'));
  assert.equal(fresh.kind === 'store' && fresh.after.grant?.rejectedRefreshes, undefined);
  const good = decide(current({ grant: { ...rejected, rejectedRefreshes: undefined } }), incoming('same'));
  assert.equal(good.kind === 'store' && good.after.grant?.rejectedRefreshes, undefined);
  const none = decide(undefined, incoming('same'));
  assert.equal(none.kind === 'store' && none.after.grant?.rejectedRefreshes, undefined);
});
