import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppMisconfiguredError, StoreUnavailableError } from '../../../functions/core/errors.ts';
import { generationOf } from '../../../functions/core/grant.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { decideRejection } from '../../../functions/core/read-decision.ts';
import { createRefreshConnection } from '../../../functions/flows/refresh-connection.ts';
import { next } from '../../contract/items.ts';
import { dueMs, dueRefresh } from '../../support/due-refresh.ts';
import { asSealed, memoryPorts, remaining, stored, storedConnection, unsealed } from '../../support/memory-ports.ts';

test('an undisturbed refresh costs one read, two writes and one request, once the org’s keys are in the process', async () => {
  const { ports, refresh, request } = await dueRefresh();
  assert.equal((await refresh()).outcome, 'refreshed');
  assert.deepEqual(Object.fromEntries(ports.store.calls), {
    'connections.read': 1,
    // Once per app and process in half a minute, as the keys are once per org and process.
    'apps.read': 1,
    readDataKey: 2,
    'connections.replace': 2,
  });
  const before = await stored(ports);
  const rejected = decideRejection(before, before.grant.accessTokenSha256, ports.clock.now());
  assert.ok(rejected.kind === 'reject');
  await ports.store.inner.connections.replace(before, next({ ...before, ...rejected.after }));
  ports.store.resetCalls();
  assert.equal((await refresh({ ...request(), generation: generationOf(before.grant) })).outcome, 'refreshed');
  assert.deepEqual(Object.fromEntries(ports.store.calls), { 'connections.read': 1, 'connections.replace': 2 });
  assert.deepEqual([ports.server.count('refresh'), ports.server.count('introspect')], [2, 0]);
});

test('a refresh keeps the rotated token, forgets the old access token, and takes the instance over', async () => {
  const { ports, refresh } = await dueRefresh();
  const before = await stored(ports);
  ports.server.rotation = true;
  ports.server.extra = { instance_url: 'https://moved.my.salesforce.com/x' };
  assert.equal((await refresh()).outcome, 'refreshed');
  const { grant, status, nextRefreshAt } = await stored(ports);
  assert.equal(unsealed(grant.refreshToken), 'refresh-1-1');
  assert.equal(unsealed(grant.accessToken), 'access-1-1');
  const forgotten = asSealed(['access-1-0']).slice(0, 16);
  assert.equal(before.grant?.accessToken?.slice(0, 16), forgotten);
  assert.ok(!JSON.stringify(ports.store.inner.dump()).includes(forgotten));
  assert.deepEqual([grant.refreshes, grant.rotates, status], [2, true, 'active']);
  assert.equal(grant.instanceUrl, 'https://moved.my.salesforce.com');
  assert.deepEqual([grant.lease, grant.attempts], [undefined, []]);
  assert.ok((nextRefreshAt ?? 0) > ports.clock.now());
});

test('an answer without a refresh token keeps the one that was sent', async () => {
  const { ports, refresh } = await dueRefresh();
  await refresh();
  assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-0');
});

test('a foreign instance is not taken over, its tokens are kept', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.server.rotation = true;
  ports.server.extra = { instance_url: 'https://my.salesforce.com.evil.org' };
  assert.equal((await refresh()).outcome, 'refreshed');
  const { grant } = await stored(ports);
  assert.equal(grant.instanceUrl, 'https://example.my.salesforce.com');
  assert.equal(unsealed(grant.refreshToken), 'refresh-1-1');
});

test('the answer of another user is kept for its token, and is an administrator’s matter', async () => {
  for (const id of [
    'https://login.salesforce.com/id/00D000000000002AAA/005000000000001AAA',
    'https://login.salesforce.com/id/00D000000000001AAA/005000000000002AAA',
    'https://evil.org/id/00D000000000001AAA/005000000000001AAA',
  ]) {
    const { ports, refresh } = await dueRefresh();
    ports.server.rotation = true;
    ports.server.extra = { id };
    assert.equal((await refresh()).outcome, 'admin_action_required');
    const { grant, cause, duties } = await stored(ports);
    assert.deepEqual([cause, unsealed(grant.refreshToken)], ['identity_changed', 'refresh-1-1']);
    assert.equal(Object.values(duties).filter(({ kind }) => kind === 'alert').length, 1);
  }
});

test('a claim whose answer was lost is recognised: exactly one request', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.store.disturb('connections.replace', 'retried');
  assert.equal((await refresh()).outcome, 'refreshed');
  assert.equal(ports.server.count('refresh'), 1);
});

test('a claim whose outcome is unknown sends nothing, and strands nothing', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.store.disturb('connections.replace', 'answer_lost');
  await assert.rejects(refresh(), StoreUnavailableError);
  assert.equal(ports.server.count('refresh'), 0);
  const { nextRefreshAt, grant } = await stored(ports);
  assert.equal(nextRefreshAt, grant.lease?.until);
  assert.equal((await refresh()).outcome, 'in_flight');
  ports.clock.advance(75_000);
  assert.equal((await refresh()).outcome, 'refreshed');
  assert.equal(ports.server.count('refresh'), 1);
});

for (const disturbance of ['retried', 'answer_lost'] as const) {
  test(`a commit whose answer was lost (${disturbance}) is committed once`, async () => {
    const { ports, refresh } = await dueRefresh();
    ports.server.rotation = true;
    ports.store.disturb('connections.replace', () => undefined, disturbance);
    assert.equal((await refresh()).outcome, 'refreshed');
    const { grant, revision } = await stored(ports);
    assert.deepEqual([grant.refreshes, unsealed(grant.refreshToken), revision], [2, 'refresh-1-1', 3]);
    assert.equal(ports.server.count('refresh'), 1);
  });
}

test('a store that is down after the response is tried until it answers', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.server.rotation = true;
  const back = ports.clock.now() + 45_000;
  ports.store.disturbWhile(
    'connections.replace',
    'unavailable',
    () => ports.server.count('refresh') > 0 && ports.clock.now() < back,
  );
  assert.equal((await refresh()).outcome, 'refreshed');
  assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-1');
});

for (const fault of ['unavailable', 'hangs'] as const) {
  test(`the tries of a commit end while the lifeboat has its seconds: the store ${fault}`, async () => {
    const { ports, refresh } = await dueRefresh();
    ports.server.rotation = true;
    const start = ports.clock.now();
    const hang = () => new Promise<never>(() => {});
    const answered = () => ports.server.count('refresh') > 0;
    ports.store.disturbWhile('connections.replace', fault === 'hangs' ? hang : fault, answered);
    assert.equal((await refresh()).outcome, 'in_lifeboat');
    const tookMs = ports.clock.now() - start;
    assert.ok(tookMs > 45_000 && tookMs <= 51_000, `${tookMs} ms`);
    const [entry] = ports.lifeboat.all();
    assert.ok(entry?.kind === 'refresh');
    assert.equal(unsealed(entry.made.refreshToken), 'refresh-1-1');
  });
}

test('an answer without a rotated token is not worth the lifeboat', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.store.disturbWhile('connections.replace', 'unavailable', () => ports.server.count('refresh') > 0);
  await assert.rejects(refresh(), StoreUnavailableError);
  assert.deepEqual(ports.lifeboat.all(), []);
});

test('with too little function time left nothing is sent, and the claim is withdrawn', async () => {
  const { ports, refreshConnection, request } = await dueRefresh();
  const before = await stored(ports);
  const report = await ports.clock.run(refreshConnection(request(), () => 44_999));
  assert.equal(report.outcome, 'in_flight');
  assert.equal(ports.server.count('refresh'), 0);
  const { grant, nextRefreshAt } = await stored(ports);
  assert.deepEqual([grant.lease, grant.attempts, grant.failures], [undefined, [], 0]);
  assert.ok((nextRefreshAt ?? Number.POSITIVE_INFINITY) <= ports.clock.now());
  assert.deepEqual(grant.refreshToken, before.grant.refreshToken);
  assert.equal((await ports.clock.run(refreshConnection(request(), () => 45_000))).outcome, 'refreshed');
});

test('with too little lease left nothing is sent: the claim’s own write may have taken long', async () => {
  for (const [tookMs, sent] of [
    [15_001, 0],
    [15_000, 1],
  ] as const) {
    const { ports, refreshConnection, request } = await dueRefresh();
    ports.store.disturb('connections.replace', () => ports.clock.advance(tookMs));
    await ports.clock.run(refreshConnection(request(), () => 60_000));
    assert.equal(ports.server.count('refresh'), sent);
    assert.deepEqual((await stored(ports)).grant.attempts, []);
  }
});

const failing: [string, Partial<Ports>][] = [
  [
    'an unset client secret',
    {
      secrets: {
        of: async () => {
          throw new AppMisconfiguredError('crm', 'The secret is unset.');
        },
      },
    },
  ],
  [
    'a secret store that is down',
    {
      secrets: {
        of: async () => {
          throw new Error('down');
        },
      },
    },
  ],
  [
    'a key service that is down',
    {
      keys: {
        generateDataKey: async () => {
          throw new Error('down');
        },
        unwrapDataKey: async () => {
          throw new Error('down');
        },
      },
    },
  ],
  [
    'a seal that is broken',
    {
      sealer: {
        seal: async () => '',
        open: async () => {
          throw new Error('broken');
        },
        keyIdOf: () => undefined,
      },
    },
  ],
];
for (const [what, broken] of failing) {
  test(`${what} leaves the grant as it is: nothing is claimed, nothing sent`, async () => {
    const whole = memoryPorts();
    const { connection } = await storedConnection(whole);
    whole.clock.advance(dueMs);
    const refresh = createRefreshConnection({ ...whole, ...broken });
    const request = {
      version: 1,
      connectionId: connection.id,
      generation: generationOf(connection.grant),
      reason: 'due',
    } as const;
    const outcome = await refresh(request, () => 60_000).then(
      (report) => report.outcome,
      () => 'threw',
    );
    assert.ok(outcome === 'threw' || outcome === 'app_misconfigured', outcome);
    assert.deepEqual((await stored(whole)).grant, connection.grant);
    assert.equal(whole.server.count('refresh'), 0);
  });
}

test('the same message twice, at once or later, is one request', async () => {
  const { ports, refreshConnection, refresh, request } = await dueRefresh();
  const both = Promise.all([1, 2, 3].map(() => refreshConnection(request(), remaining(ports.clock))));
  const outcomes = (await ports.clock.run(both)).map(({ outcome }) => outcome).sort();
  assert.equal(outcomes.filter((outcome) => outcome === 'refreshed').length, 1);
  assert.equal(ports.server.count('refresh'), 1);
  assert.equal((await refresh()).outcome, 'not_needed');
  ports.clock.advance(86_400_000);
  assert.equal((await refresh()).outcome, 'not_needed', 'a late message refreshed a generation that has passed');
  assert.equal(ports.server.count('refresh'), 1);
});

test('a claim that would land on another refresh token than the opened one is not made', async () => {
  const { ports, refresh } = await dueRefresh();
  ports.store.disturb('connections.replace', async () => {
    const before = await stored(ports);
    const grant = { ...before.grant, refreshToken: 'sealed anew' };
    await ports.store.inner.connections.replace(before, next({ ...before, grant }));
  });
  assert.equal((await refresh()).outcome, 'not_needed');
  assert.equal(ports.server.count('refresh'), 0);
  assert.equal((await stored(ports)).grant.lease, undefined);
});

test('a message for a connection that is not there does nothing', async () => {
  const { refresh, request } = await dueRefresh();
  assert.equal((await refresh({ ...request(), connectionId: 'crm.x.y' })).outcome, 'unknown_connection');
});

test('a connection of an app that is configured no more is put off, and else left alone', async () => {
  const { ports, connection, refresh } = await dueRefresh({ config: { ...memoryPorts().config, apps: {} } });
  assert.equal((await refresh()).outcome, 'app_misconfigured');
  const after = await stored(ports);
  assert.deepEqual(after.grant, connection.grant);
  assert.ok((after.nextRefreshAt ?? 0) > ports.clock.now());
});

test('a session’s length is learnt once, by introspection after the commit', async () => {
  const { ports, refresh } = await dueRefresh({}, { grant: { session: undefined } });
  ports.server.sessionMs = 3_600_000;
  await refresh();
  const { grant } = await stored(ports);
  assert.deepEqual(grant.session, { lengthMs: 3_600_000, source: 'introspection' });
  assert.equal(grant.expiresAt, grant.issuedAt + 3_600_000);
  ports.clock.advance(86_400_000);
  await refresh({ version: 1, connectionId: (await stored(ports)).id, generation: generationOf(grant), reason: 'due' });
  assert.equal(ports.server.count('introspect'), 1);
  assert.equal((await stored(ports)).grant.expiresAt, (await stored(ports)).grant.issuedAt + 3_600_000);
});
