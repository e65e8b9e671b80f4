import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acme, ada, callLimits, connect, get, post, redirectUri, secretApp, simulate } from './client.ts';

const signInApp = {
  clientId: 'login-client',
  clientSecret: 'local-secret',
  redirectUris: [redirectUri],
  scopes: ['id'],
};
const apps = [secretApp, signInApp];
const asSignIn = { clientId: signInApp.clientId, scope: 'id' };
const path = `/id/${acme.id}/${ada.id}`;

describe('a client that only signs users in', () => {
  it('gets no refresh token, and may read the identity URL', async () => {
    const { simulator } = simulate({ apps });
    const { access, refresh } = await connect(simulator, asSignIn);
    assert.equal(refresh, 'undefined');
    assert.equal((await get(simulator, path, access)).status, 200);
    assert.deepEqual(simulator.books.liveGrants(), []);
    assert.equal(simulator.books.authorizations({ clientId: signInApp.clientId }), 1);
  });

  it('counts to no limit, and evicts none', async () => {
    const { simulator } = simulate({ apps, switches: { grantLimit: 4 } });
    for (let count = 0; count < 6; count += 1) await connect(simulator, asSignIn);
    for (let count = 0; count < 4; count += 1) await connect(simulator);
    assert.deepEqual(simulator.books.evictions(), []);
    await connect(simulator);
    assert.equal(simulator.books.evictions().length, 1);
  });

  it('may not use the REST API', async () => {
    const { simulator } = simulate({ apps });
    const { access } = await connect(simulator, asSignIn);
    const refusal = await get(simulator, '/services/data/v62.0/limits', access);
    assert.deepEqual(
      [refusal.status, await refusal.json()],
      [403, [{ message: 'This session is not valid for use with the REST API', errorCode: 'INSUFFICIENT_ACCESS' }]],
    );
    simulator.switches.restWithoutApiScope = 401;
    const other = await get(simulator, '/services/data/v62.0/limits', access);
    const [error] = (await other.json()) as { errorCode: string }[];
    assert.deepEqual([other.status, error?.errorCode], [401, 'INVALID_SESSION_ID']);
  });

  it('is not given more than it is registered with', () => {
    const { simulator } = simulate({ apps });
    return assert.rejects(connect(simulator, { ...asSignIn, scope: 'id refresh_token' }), /the redirect brings a code/);
  });

  it('is over with its access token, which it revokes', async () => {
    const { simulator } = simulate({ apps });
    const { access } = await connect(simulator, asSignIn);
    await post(simulator, '/services/oauth2/revoke', { token: access });
    assert.equal((await get(simulator, path, access)).status, 403);
    const [grant] = simulator.books.grants();
    assert.equal(grant?.endedBy, 'revoked');
    assert.deepEqual(
      simulator.books
        .revocations()
        .map(({ revoked, grantId, clientId, outcome }) => [revoked, grantId, clientId, outcome]),
      [['access_token', 'grant-1', signInApp.clientId, 'ok']],
    );
  });

  it('reads no identity with scopes that do not hold it', async () => {
    const { simulator } = simulate({ apps: [{ ...signInApp, scopes: ['chatter_api', 'id'] }] });
    const { access } = await connect(simulator, { ...asSignIn, scope: 'chatter_api' });
    const refused = await get(simulator, path, access);
    assert.deepEqual([refused.status, await refused.text()], [403, 'Bad_OAuth_Token']);
    assert.equal((await get(simulator, path, (await connect(simulator, asSignIn)).access)).status, 200);
  });

  it('leaves the tokens of an app with purpose api as they are', async () => {
    const { simulator } = simulate({ apps });
    const { access } = await connect(simulator);
    const signedIn = await connect(simulator, asSignIn);
    await post(simulator, '/services/oauth2/revoke', { token: signedIn.access });
    assert.equal(await callLimits(simulator, access), 200);
  });
});
