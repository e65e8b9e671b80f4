import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppMisconfiguredError } from '../../../functions/core/errors.ts';
import { hmacSha256Base64 } from '../../../functions/core/hash.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { functionTimeNeededMs } from '../../../functions/core/time-limits.ts';
import { createAskConnection } from '../../../functions/flows/ask-connection.ts';
import type { ConnectionOrder } from '../../../functions/flows/introduce-connection.ts';
import { next } from '../../contract/items.ts';
import {
  acme,
  browserlessWorld,
  jwtConnectionId,
  loginUrl,
  myDomain,
  orgB,
  problemOf,
  serviceConnectionId,
} from '../../support/browserless-world.ts';
import { clientSecret, orgA, remaining, stored, unsealed, userA, usernameA } from '../../support/memory-ports.ts';
import { json, refused, timedOut } from '../../support/token-server.ts';

function setUp(overrides: Partial<Ports> = {}) {
  const world = browserlessWorld(overrides);
  const ask = createAskConnection(world.ports);
  // Each id sorts before the one before it: ties are broken by them, and there must be none.
  let asked = 0;
  return {
    ...world,
    ask: (order: ConnectionOrder = world.jwtOrder(), timeoutMs?: number) => {
      asked += 1;
      return world.ports.clock.run(
        ask(order, `attempt-${10 - asked}`, { logins: undefined }, remaining(world.ports.clock, timeoutMs)),
      );
    },
  };
}

describe('the first token of a connection without a browser', () => {
  it('is stored before anything else, with who it is of and where it is asked for again', async () => {
    const { ask, ports } = setUp();
    await ask();
    const { grant, ...connection } = await stored(ports, jwtConnectionId);
    assert.deepEqual(
      [connection.app, connection.flow, connection.orgId, connection.userId, connection.username, connection.status],
      ['crm-jwt', 'jwt_bearer', orgA, userA, usernameA, 'active'],
    );
    assert.deepEqual([grant.id, grant.loginUrl, grant.refreshToken], ['attempt-9', loginUrl, undefined]);
    assert.equal(unsealed(grant.accessToken), 'login-1');
    assert.equal(await ports.store.inner.connectionOfUsername('crm-jwt', usernameA), jwtConnectionId);
    const writes = [...ports.store.calls.keys()].filter((name) => /create|replace|remember|add/.test(name));
    assert.equal(writes[0], 'connections.create');
  });

  it('is served from then on, and asked for again when it ends', async () => {
    const { ask, ports } = setUp();
    ports.server.sessionMs = 4 * 3_600_000;
    await ask();
    const { grant, nextRefreshAt } = await stored(ports, jwtConnectionId);
    assert.equal(grant.session?.lengthMs, 4 * 3_600_000, 'learnt by introspection');
    assert.equal(grant.expiresAt - ports.clock.now(), 4 * 3_600_000);
    assert.ok(nextRefreshAt !== undefined && nextRefreshAt <= grant.refreshAfter);
  });

  it('of a client is of the user whom Salesforce chose, at its My Domain', async () => {
    const { ask, serviceOrder, ports } = setUp();
    await ask(serviceOrder());
    const { flow, username, grant } = await stored(ports, serviceConnectionId);
    assert.deepEqual([flow, username, grant.loginUrl], ['client_credentials', undefined, myDomain]);
  });

  it('links the integration that it is for, with its configuration', async () => {
    const { ask, jwtOrder, ports } = setUp();
    await ask(jwtOrder({ use: { ...acme, configuration: '{"a":1}' } }));
    const integration = await ports.store.inner.integrations.read(acme);
    assert.deepEqual([integration?.connectionId, integration?.configuration], [jwtConnectionId, '{"a":1}']);
    assert.deepEqual((await stored(ports, jwtConnectionId)).duties, {});
    assert.equal(ports.configurationRequests.length, 1);
  });

  it('owes the link where that fails: the token is there, and maintain does it', async () => {
    const { ask, jwtOrder, ports } = setUp();
    ports.store.disturb('addUse', 'unavailable');
    const made = await ask(jwtOrder({ use: acme }));
    assert.deepEqual(made, { kind: 'connection', connectionId: jwtConnectionId, created: true });
    const [duty] = Object.values((await stored(ports, jwtConnectionId)).duties);
    assert.deepEqual([duty?.kind, duty?.kind === 'link' && duty.integration], ['link', 'sync']);
  });

  it('keeps no refresh token, also where one comes', async () => {
    const { ask, ports } = setUp();
    ports.server.extra = { refresh_token: 'unwanted' };
    await ask();
    assert.equal((await stored(ports, jwtConnectionId)).grant.refreshToken, undefined);
    assert.doesNotMatch(
      JSON.stringify(ports.store.inner.dump()),
      new RegExp(Buffer.from('unwanted').toString('base64')),
    );
  });

  it('takes the place of the one before, which is not revoked: it may be the very same', async () => {
    const { ask, ports } = setUp();
    ports.server.sameTokenAgain = true;
    await ask();
    ports.clock.advance(1_000);
    await ask();
    const { grant, duties } = await stored(ports, jwtConnectionId);
    assert.equal(grant.id, 'attempt-8');
    assert.equal(unsealed(grant.accessToken), 'login-1');
    assert.deepEqual(duties, {});
    assert.equal(ports.server.count('revoke'), 0);
  });

  it('recovers a connection that an administrator has mended, and says so', async () => {
    for (const sameTokenAgain of [false, true]) {
      const { ask, ports } = setUp();
      ports.server.sameTokenAgain = sameTokenAgain;
      await ask();
      const broken = await stored(ports, jwtConnectionId);
      const change = { status: 'admin_action_required', cause: 'inactive_user' } as const;
      await ports.store.inner.connections.replace(broken, next({ ...broken, ...change }));
      ports.clock.advance(60_000);
      await ask();
      const { status, duties } = await stored(ports, jwtConnectionId);
      assert.equal(status, 'active');
      const [alert] = Object.values(duties);
      assert.ok(alert?.kind === 'alert' && alert.type === 'connection_recovered');
    }
  });
});

describe('an answer that must not be kept', () => {
  const foreign = [
    ['foreign_identity', { id: `https://evil.org/id/${orgA}/${userA}` }],
    ['foreign_identity', { id: undefined }],
    ['foreign_instance', { instance_url: 'https://my.salesforce.com.evil.org' }],
  ] as const;
  for (const [cause, extra] of foreign) {
    it(`is refused: ${cause} of ${JSON.stringify(extra)}`, async () => {
      const { ask, ports } = setUp();
      ports.server.extra = extra;
      const { code, members } = problemOf(await ask());
      assert.deepEqual([code, members?.cause], ['app_misconfigured', cause]);
      assert.ok(members?.remedy);
      assert.equal(await ports.store.inner.connections.read(jwtConnectionId), undefined);
    });
  }

  it('is one of another org than expected: nothing is kept or linked', async () => {
    const { ask, jwtOrder, ports } = setUp();
    const { code, field, detail } = problemOf(await ask(jwtOrder({ expectedOrgId: orgB, use: acme })));
    assert.deepEqual([code, field], ['invalid_request', 'expected_org_id']);
    assert.match(detail, /Nothing was kept or linked/);
    assert.equal(await ports.store.inner.connections.read(jwtConnectionId), undefined);
    assert.equal(await ports.store.inner.integrations.read(acme), undefined);
    assert.equal((await ask(jwtOrder({ expectedOrgId: orgA, use: acme }))).kind, 'connection');
  });

  it('is one with a wrong signature, where the app has a secret', async () => {
    const { ask, serviceOrder, ports } = setUp();
    ports.server.extra = { signature: 'wrong' };
    assert.equal(problemOf(await ask(serviceOrder())).members?.cause, 'wrong_signature');
    const id = `https://login.salesforce.com/id/${orgA}/${userA}`;
    ports.server.extra = { signature: hmacSha256Base64(clientSecret, `${id}${ports.clock.now()}`) };
    assert.equal((await ask(serviceOrder())).kind, 'connection');
  });

  it('says nothing of a signature where the app has no secret to make one with', async () => {
    const { ask, ports } = setUp();
    ports.server.extra = { signature: 'anything' };
    assert.equal((await ask()).kind, 'connection');
  });
});

describe('a refusal', () => {
  const asked = [
    ["user hasn't approved this consumer", 'admin_action_required'],
    ['inactive user', 'admin_action_required'],
    ['ip restricted', 'admin_action_required'],
    // Nobody could authorize again: whoever has to act is the administrator.
    ['authentication failure', 'admin_action_required'],
    ['expired access/refresh token', 'admin_action_required'],
    ['audience is invalid', 'app_misconfigured'],
    ['invalid assertion', 'app_misconfigured'],
    ['token request is already being processed', 'refresh_pending'],
    ['something new', 'refresh_pending'],
  ] as const;
  for (const [description, code] of asked) {
    it(`${description} is ${code}, and says what to do`, async () => {
      const { ask, ports } = setUp();
      ports.server.next('exchangeAssertion', refused('invalid_grant', description));
      const problem = problemOf(await ask());
      assert.equal(problem.code, code);
      assert.ok(problem.detail.includes(description));
      const retried = code !== 'admin_action_required';
      assert.equal(problem.retryAfterSeconds !== undefined, retried);
      assert.equal(problem.members?.remedy !== undefined, code !== 'refresh_pending');
      assert.equal(await ports.store.inner.connections.read(jwtConnectionId), undefined);
    });
  }

  it('of the app itself opens its circuit, and a login that is taken closes it', async () => {
    const { ask, assertions, ports } = setUp();
    ports.server.certified = [];
    assert.equal(problemOf(await ask()).code, 'app_misconfigured');
    const waiting = problemOf(await ask());
    assert.deepEqual([waiting.code, assertions()], ['app_misconfigured', 1]);
    assert.match(waiting.detail, /invalid assertion/);
    ports.server.certified = ['1'];
    ports.clock.advance(60_000);
    assert.equal((await ask()).kind, 'connection');
    assert.equal((await ports.store.inner.apps.read('crm-jwt'))?.openUntil, undefined);
  });

  it('at a host that the caller named does not open it: others go on', async () => {
    const { ask, jwtOrder, ports } = setUp();
    ports.server.next('exchangeAssertion', refused('invalid_client_id', 'client identifier invalid'));
    const elsewhere = await ask(jwtOrder({ loginUrl: 'https://test.salesforce.com' }));
    assert.equal(problemOf(elsewhere).code, 'app_misconfigured');
    assert.equal((await ports.store.inner.apps.read('crm-jwt'))?.openUntil, undefined);
    assert.equal((await ask()).kind, 'connection');
  });

  it('of one user does not open it', async () => {
    const { ask, assertions, ports } = setUp();
    ports.server.next('exchangeAssertion', refused('invalid_grant', 'inactive user'));
    await ask();
    assert.equal((await ask()).kind, 'connection');
    assert.equal(assertions(), 2);
  });

  it('for now, and a silence, are asked for again', async () => {
    const { ask, ports } = setUp();
    for (const turn of [refused('rate_limit_exceeded', 'login rate exceeded'), () => timedOut, () => json(503, 'x')]) {
      ports.server.next('exchangeAssertion', turn);
      const { code, retryAfterSeconds } = problemOf(await ask());
      assert.equal(code, 'refresh_pending');
      assert.ok((retryAfterSeconds ?? 0) >= 30);
    }
    assert.equal((await ask()).kind, 'connection');
  });
});

describe('what is missing before anything is sent', () => {
  it('is a key: the app is misconfigured', async () => {
    const { ask, assertions, ports } = setUp();
    ports.signing.ids = [];
    const { code, detail } = problemOf(await ask());
    assert.deepEqual([code, assertions()], ['app_misconfigured', 0]);
    assert.match(detail, /no signing key/);
  });

  it('is a client secret: likewise', async () => {
    const secrets = { of: () => Promise.reject(new AppMisconfiguredError('crm-service', 'Its secret is unset.')) };
    const { ask, serviceOrder, ports } = setUp({ secrets });
    assert.equal(problemOf(await ask(serviceOrder())).code, 'app_misconfigured');
    assert.equal(ports.server.requests.length, 0);
  });

  it('is time', async () => {
    const { ask, jwtOrder, assertions } = setUp();
    assert.equal(problemOf(await ask(jwtOrder(), functionTimeNeededMs - 1)).code, 'refresh_pending');
    assert.equal(assertions(), 0);
    assert.equal((await ask(jwtOrder(), functionTimeNeededMs)).kind, 'connection');
  });

  it('is a newer client secret, which is read before the app is called misconfigured', async () => {
    let fresh = false;
    const secrets: Ports['secrets'] = {
      async of(_app, options) {
        fresh ||= options?.fresh === true;
        return { current: new Secret(fresh ? 'new secret' : 'old secret') };
      },
    };
    const { ask, serviceOrder, ports } = setUp({ secrets });
    ports.server.next('askAsClient', refused('invalid_client', 'invalid client credentials'));
    assert.equal((await ask(serviceOrder())).kind, 'connection');
    assert.equal(ports.server.count('askAsClient'), 2);
  });
});
