import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GrantBook, type GrantBookState } from '../../../dev/simulator/grant-book.ts';
import { Simulator } from '../../../dev/simulator/simulator.ts';
import {
  acme,
  ada,
  connect,
  grace,
  origin,
  post,
  publicApp,
  refresh,
  secretApp,
  simulate,
  startOfTests,
  tokensOf,
} from './client.ts';

describe('the books of evictions', () => {
  it('name each evicted grant by the fingerprint of its first refresh token, whatever was rotated since', async () => {
    const { simulator } = simulate({ switches: { rotation: true } });
    const first = await connect(simulator);
    tokensOf(await refresh(simulator, first.refresh));
    const fingerprint = simulator.books.fingerprint(first.refresh);
    assert.equal(simulator.books.grantOfFingerprint(fingerprint)?.id, 'grant-1');
    for (let count = 0; count < 4; count += 1) await connect(simulator);
    assert.deepEqual(simulator.books.evictions(), []);
    await connect(simulator);
    assert.deepEqual(simulator.books.evictions(), [
      {
        grantId: 'grant-1',
        clientId: secretApp.clientId,
        userId: ada.id,
        at: startOfTests,
        byGrantId: 'grant-6',
        fingerprint,
      },
    ]);
    assert.deepEqual(simulator.books.evictions({ userId: grace.id }), []);
    assert.deepEqual(simulator.books.evictions({ clientId: publicApp.clientId }), []);
    assert.equal(simulator.books.grantOfFingerprint('0'.repeat(16)), undefined);
  });

  it('count as evicted neither what was revoked, nor what an administrator ended', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    await connect(simulator);
    await post(simulator, '/services/oauth2/revoke', { token });
    simulator.revokeOrg(acme.id);
    assert.deepEqual(
      simulator.books.grants().map(({ endedBy }) => endedBy),
      ['revoked', 'admin'],
    );
    assert.deepEqual(simulator.books.evictions(), []);
  });

  it('count every authorization, whatever became of it', async () => {
    const { simulator } = simulate();
    for (let count = 0; count < 7; count += 1) await connect(simulator);
    await connect(simulator, { username: grace.username, scope: 'api' });
    assert.equal(simulator.books.authorizations(), 8);
    assert.equal(simulator.books.authorizations({ userId: ada.id }), 7);
    assert.equal(simulator.books.authorizations({ userId: ada.id, clientId: publicApp.clientId }), 0);
  });

  it('list the requests to revoke, and what each ended', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    for (const one of [access, token, token]) await post(simulator, '/services/oauth2/revoke', { token: one });
    assert.deepEqual(
      simulator.books.revocations().map(({ outcome, revoked, grantId }) => [outcome, revoked, grantId]),
      [
        ['ok', 'access_token', 'grant-1'],
        ['ok', 'refresh_token', 'grant-1'],
        ['invalid_token: invalid token', undefined, 'grant-1'],
      ],
    );
  });

  it('survive a restart', async () => {
    const { simulator, clock } = simulate({ switches: { rotation: true } });
    const { refresh: token } = await connect(simulator);
    await refresh(simulator, token);
    for (let count = 0; count < 5; count += 1) await connect(simulator);
    await post(simulator, '/services/oauth2/revoke', { token });
    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    const resumed = new Simulator({ origin, now: clock.now, apps: [secretApp], state });
    assert.equal(resumed.books.evictions().length, 1);
    assert.deepEqual(resumed.books.evictions(), simulator.books.evictions());
    assert.deepEqual(resumed.books.revocations(), simulator.books.revocations());
    assert.equal(resumed.books.authorizations(), 6);
  });

  it('know the first token when it was rotated out so long ago that it is forgotten', () => {
    const book = new GrantBook();
    const who = { clientId: 'c', orgId: acme.id, userId: ada.id, scopes: [], refreshToken: 'first' };
    const { grant } = book.open(who, 1, { limit: 5, eviction: 'oldest' });
    for (let count = 0; count < 1_001; count += 1) book.refreshed(grant.id, `token ${count}`);
    assert.equal(book.ofRefreshToken('first'), undefined);
    const kept = new GrantBook(book.state()).find(grant.id)?.firstRefreshTokenFingerprint;
    assert.ok(kept);
    assert.equal(kept, grant.firstRefreshTokenFingerprint);
  });

  it('read a state of the release before, which kept no first fingerprint', () => {
    const book = new GrantBook();
    const who = { clientId: 'c', orgId: acme.id, userId: ada.id, scopes: [], refreshToken: 'first' };
    const { grant } = book.open(who, 1, { limit: 5, eviction: 'oldest' });
    book.refreshed(grant.id, 'second');
    const state = book.state() as GrantBookState & { records: { firstRefreshTokenFingerprint?: string }[] };
    for (const record of state.records) delete record.firstRefreshTokenFingerprint;
    const fingerprint = new GrantBook(state).find(grant.id)?.firstRefreshTokenFingerprint;
    assert.equal(fingerprint, grant.firstRefreshTokenFingerprint);
    assert.notEqual(fingerprint, undefined);
    assert.notEqual(fingerprint, new GrantBook(state).find(grant.id)?.refreshTokenFingerprint);
  });
});
