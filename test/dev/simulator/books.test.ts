import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { caseSafeId } from '../../../dev/simulator/orgs.ts';
import { RequestLog, requestsKept } from '../../../dev/simulator/request-log.ts';
import { defaultOrgs, Simulator } from '../../../dev/simulator/simulator.ts';
import {
  acme,
  ada,
  allow,
  assertRefused,
  callLimits,
  connect,
  expiredToken,
  get,
  grace,
  origin,
  post,
  read,
  refresh,
  secretApp,
  simulate,
  startOfTests,
  tokensOf,
} from './client.ts';

describe('the books', () => {
  it('tell of a grant who has it, and how it was used', async () => {
    const { simulator, clock } = simulate();
    const { refresh: token } = await connect(simulator);
    clock.advance(1000);
    await refresh(simulator, token);
    assert.deepEqual(simulator.books.grants({ userId: ada.id }), [
      {
        id: 'grant-1',
        clientId: secretApp.clientId,
        orgId: acme.id,
        userId: ada.id,
        scopes: ['api', 'refresh_token'],
        createdAt: startOfTests,
        lastUsedAt: startOfTests + 1000,
        useCount: 1,
        refreshes: 1,
        refreshTokenFingerprint: simulator.books.fingerprint(token),
        firstRefreshTokenFingerprint: simulator.books.fingerprint(token),
      },
    ]);
    assert.deepEqual(simulator.books.grants({ userId: grace.id }), []);
    assert.deepEqual(simulator.books.liveGrants({ clientId: 'other' }), []);
  });

  it('tell which requests came, and what became of them', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    await refresh(simulator, token);
    await refresh(simulator, 'unknown');
    const asked = simulator.books.requests({ endpoint: 'token' });
    assert.deepEqual(
      asked.map(({ grantType, outcome, grantId }) => [grantType, outcome, grantId]),
      [
        ['authorization_code', 'ok', 'grant-1'],
        ['refresh_token', 'ok', 'grant-1'],
        ['refresh_token', 'invalid_grant: expired access/refresh token', undefined],
      ],
    );
    assert.equal(simulator.books.requests({ grantType: 'refresh_token' }).length, 2);
    assert.equal(simulator.books.requestCounts()['token refresh_token'], 2);
    assert.equal(simulator.books.requestCounts()['token refresh_token → ok'], 1);
  });

  it('show a request that is in flight', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const wait = () => {
      arrived.resolve();
      return promise;
    };
    const { simulator } = simulate({ wait });
    const { refresh: token } = await connect(simulator);
    simulator.switches.slowMs = 1;
    const answer = refresh(simulator, token);
    await arrived.promise;
    assert.equal(simulator.books.requests({ grantType: 'refresh_token' })[0]?.outcome, 'pending');
    resolve();
    await answer;
    assert.equal(simulator.books.requests({ grantType: 'refresh_token' })[0]?.outcome, 'ok');
  });

  it('keep a bounded list of requests, and count all', () => {
    const log = new RequestLog();
    for (let count = 0; count < requestsKept + 10; count += 1) {
      log.settled(log.arrived('token', count, `type-${count}`), { outcome: 'ok' });
    }
    assert.equal(log.list().length, requestsKept);
    assert.equal(log.list()[0]?.number, 11);
    assert.ok(Object.keys(log.counts()).length <= 501);
    assert.equal(
      Object.values(log.counts()).reduce((sum, count) => sum + count),
      2 * (requestsKept + 10),
    );
  });

  it('show no token over HTTP, nor in a snapshot', async () => {
    const { simulator } = simulate();
    const form = allow(simulator);
    const { access, refresh: token } = tokensOf(await post(simulator, '/services/oauth2/token', form));
    const answer = await read(await get(simulator, '/simulator/books'));
    for (const text of [JSON.stringify(answer.body), JSON.stringify(simulator.snapshot())]) {
      for (const secret of [access, token, form.code]) assert.equal(text.includes(secret), false);
      assert.ok(text.includes(simulator.books.fingerprint(token)) || text.includes('grant-1'));
    }
    assert.deepEqual(Object.keys(answer.body), ['orgs', 'grants', 'sessions', 'requests', 'requestCounts']);
  });

  it('report each change when it is done', async () => {
    const live: number[] = [];
    const { simulator } = simulate({ onChange: () => live.push(simulator.books.liveGrants().length) });
    await connect(simulator);
    simulator.revokeGrant('grant-1');
    assert.equal(live.at(-1), 0);
    assert.ok(live.includes(1));
  });
});

describe('a snapshot', () => {
  it('brings everything back', async () => {
    const { simulator, clock } = simulate({ switches: { rotation: true } });
    const first = await connect(simulator);
    const second = tokensOf(await refresh(simulator, first.refresh));
    const gone = await connect(simulator, { username: grace.username });
    simulator.revokeGrant('grant-2');
    const code = allow(simulator);
    simulator.deactivateUser(grace.id);

    const state = JSON.parse(JSON.stringify(simulator.snapshot()));
    const resumed = new Simulator({ origin, now: clock.now, apps: [secretApp], state });
    assert.deepEqual(resumed.snapshot(), simulator.snapshot());
    assert.equal(resumed.switches.rotation, true);
    assert.equal(await callLimits(resumed, second.access), 200);
    assertRefused(await refresh(resumed, gone.refresh), ...expiredToken);
    assert.equal(resumed.books.person(grace.id)?.user.active, false);
    assert.equal((await post(resumed, '/services/oauth2/token', code)).status, 200);
    assert.deepEqual(
      resumed.books.liveGrants().map((grant) => grant.id),
      ['grant-1', 'grant-3'],
    );
    assertRefused(await refresh(resumed, first.refresh), ...expiredToken);
    assert.equal(resumed.books.grants()[0]?.endedBy, 'replay');
  });

  it('of another version is refused', () => {
    assert.throws(() => simulate({ state: { version: 2 } }), /has version 2; it reads version 1/);
  });
});

describe('the people', () => {
  it('have ids whose last three characters are Salesforce’s checksum', () => {
    assert.equal(caseSafeId('001A0000006Vm9r'), '001A0000006Vm9rIAC');
    assert.throws(() => caseSafeId('001A'), /15 letters and digits, got "001A"/);
    assert.ok(defaultOrgs.length >= 2 && defaultOrgs.every((org) => org.users.length >= 3));
  });

  it('must have ids of 18 characters', () => {
    assert.throws(() => simulate({ orgs: [{ id: '00D1', name: 'Short', users: [] }] }), /18 characters, got "00D1"/);
  });

  it('are a copy: deactivation does not reach the default', () => {
    simulate().simulator.deactivateUser(ada.id);
    assert.equal(simulate().simulator.books.person(ada.id)?.user.active, true);
  });
});

describe('chance', () => {
  it('is the caller’s where one is given', async () => {
    const sequence = () => {
      let next = 0;
      return (size: number) => {
        next += 1;
        return new Uint8Array(size).fill(next);
      };
    };
    const one = await connect(simulate({ random: sequence() }).simulator);
    const same = await connect(simulate({ random: sequence() }).simulator);
    const other = await connect(simulate().simulator);
    assert.deepEqual(one, same);
    assert.notDeepEqual(one, other);
  });
});
