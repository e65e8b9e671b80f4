import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideDisconnect } from '../../../functions/core/disconnect.ts';
import { introductionIdOf } from '../../../functions/core/introduction.ts';
import { next } from '../../contract/items.ts';
import {
  browserlessConfig,
  browserlessWorld,
  jwtConnectionId,
  loginUrl,
  orgB,
  problemOf,
  serviceConnectionId,
  userB,
  usernameB,
} from '../../support/browserless-world.ts';
import { stored, usernameA } from '../../support/memory-ports.ts';
import { normal, refused, timedOut } from '../../support/token-server.ts';

const notApproved = refused('invalid_grant', "user hasn't approved this consumer");
const jwtIntroduction = introductionIdOf('crm-jwt', loginUrl, usernameA);

describe('the logins of an hour', () => {
  const config = browserlessConfig(10);

  it('are counted, refused ones too, and the next one is put off before Salesforce would refuse it', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld({ config });
    ports.server.next('exchangeAssertion', notApproved, notApproved, notApproved);
    for (const code of ['admin_action_required', 'admin_action_required', 'rate_limited']) {
      assert.equal(problemOf(await introduce(jwtOrder())).code, code);
    }
    const { retryAfterSeconds } = problemOf(await introduce(jwtOrder()));
    assert.equal(retryAfterSeconds, 20 * 60);
    assert.equal(assertions(), 2);
    ports.clock.advance((retryAfterSeconds ?? 0) * 1_000);
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'admin_action_required');
    assert.equal(assertions(), 3);
  });

  it('are counted at the connection that is known, also where they bring nothing: its refreshes see them', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld({ config });
    await introduce(jwtOrder());
    const made = await stored(ports, jwtConnectionId);
    assert.equal(made.logins?.count, 1);
    await ports.store.inner.connections.replace(made, next(decideDisconnect(made, ports.clock.now())));
    ports.clock.advance(1_000);
    ports.server.next('exchangeAssertion', notApproved);
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'admin_action_required');
    const gone = await ports.store.inner.connections.read(jwtConnectionId);
    assert.deepEqual([gone?.status, gone?.logins?.count], ['disconnected', 2]);
    assert.equal((await ports.store.inner.introductions.read(jwtIntroduction))?.logins, undefined);
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'rate_limited');
    assert.equal(assertions(), 2);
    ports.clock.advance(20 * 60_000);
    assert.equal((await introduce(jwtOrder())).kind, 'connection');
    assert.equal((await stored(ports, jwtConnectionId)).logins?.count, 3, 'counted once');
  });

  it('of an introduction are its connection’s from then on, those before the first token too', async () => {
    const { introduce, jwtOrder, ports } = browserlessWorld({ config });
    ports.server.next('exchangeAssertion', () => timedOut);
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'refresh_pending');
    assert.equal((await ports.store.inner.introductions.read(jwtIntroduction))?.logins?.count, 1);
    assert.equal((await introduce(jwtOrder())).kind, 'connection');
    assert.equal((await stored(ports, jwtConnectionId)).logins?.count, 2);
    assert.equal((await ports.store.inner.introductions.read(jwtIntroduction))?.logins, undefined);
  });

  it('that another request of this connection has filled meanwhile are not exceeded', async () => {
    const { introduce, jwtOrder, assertions, ports } = browserlessWorld({ config });
    await introduce(jwtOrder());
    const made = await stored(ports, jwtConnectionId);
    const gone = next(decideDisconnect(made, ports.clock.now()));
    await ports.store.inner.connections.replace(made, gone);
    ports.clock.advance(1_000);
    ports.store.disturb('introductions.replace', async () => {
      const logins = { since: ports.clock.now(), count: 4 };
      await ports.store.inner.connections.replace(gone, next(gone, { logins }));
    });
    assert.equal(problemOf(await introduce(jwtOrder())).code, 'rate_limited');
    assert.equal(assertions(), 1);
    assert.equal((await ports.store.inner.introductions.read(jwtIntroduction))?.lease, undefined);
  });

  it('of another user than was known are counted at his connection', async () => {
    const { introduce, serviceOrder, ports } = browserlessWorld({ config });
    await introduce(serviceOrder());
    const made = await stored(ports, serviceConnectionId);
    await ports.store.inner.connections.replace(made, next(decideDisconnect(made, ports.clock.now())));
    ports.clock.advance(1_000);
    ports.server.runAs = { orgId: orgB, userId: userB };
    assert.equal((await introduce(serviceOrder())).kind, 'connection');
    assert.equal((await stored(ports, `crm-service.${orgB}.${userB}`)).logins?.count, 1);
  });

  it('are each user’s own', async () => {
    const { introduce, jwtOrder, ports } = browserlessWorld({ config });
    ports.server.next('exchangeAssertion', notApproved, notApproved, normal);
    for (let asked = 0; asked < 3; asked += 1) await introduce(jwtOrder());
    assert.equal((await introduce(jwtOrder({ username: usernameB }))).kind, 'connection');
  });

  it('keep nobody from a connection that is there', async () => {
    const { introduce, jwtOrder, ports } = browserlessWorld({ config });
    ports.server.next('exchangeAssertion', notApproved);
    await introduce(jwtOrder());
    for (let asked = 0; asked < 20; asked += 1) {
      assert.equal((await introduce(jwtOrder())).kind, 'connection');
    }
  });
});
