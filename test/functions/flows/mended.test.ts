/** Each of these was found by attacking the flows; each failed before its mend. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf, cookieName, stateOf } from '../../../functions/core/browser-binding.ts';
import { generationOf } from '../../../functions/core/grant.ts';
import { judgeTokenAnswer } from '../../../functions/core/judge-token-answer.ts';
import { decideRead } from '../../../functions/core/read-decision.ts';
import { Secret } from '../../../functions/core/secret.ts';
import { decideCommit } from '../../../functions/core/settle-commit.ts';
import { decideNoAnswer } from '../../../functions/core/settle-no-answer.ts';
import { revokeDutyId } from '../../../functions/core/settle-superseded.ts';
import { revocationOf } from '../../../functions/core/store-grant.ts';
import { createFinishConnect } from '../../../functions/flows/finish-connect.ts';
import { linkDoer } from '../../../functions/flows/link-duty.ts';
import { linkIntegration } from '../../../functions/flows/link-integration.ts';
import { createRefreshConnection } from '../../../functions/flows/refresh-connection.ts';
import { aConnection, aGrant, anIntegration, aSession, noon } from '../../contract/items.ts';
import { memoryPorts, orgA, remaining, stored, storedConnection, unsealed, userA } from '../../support/memory-ports.ts';
import { refused } from '../../support/token-server.ts';

test('the token of another user is not served after an administrator’s refusal either', async () => {
  const ports = memoryPorts();
  await storedConnection(ports, { grant: { readRefreshes: 1 } });
  const refresh = createRefreshConnection(ports);
  const run = async () => {
    const { grant, id } = await stored(ports);
    return ports.clock.run(
      refresh({ version: 1, connectionId: id, generation: generationOf(grant), reason: 'due' }, remaining(ports.clock)),
    );
  };
  ports.clock.advance(5_400_000);
  ports.server.extra = { id: `https://login.salesforce.com/id/${orgA}/005000000000002AAA` };
  assert.equal((await run()).outcome, 'admin_action_required');
  ports.clock.advance(((await stored(ports)).nextRefreshAt ?? 0) - ports.clock.now());
  ports.server.next('refresh', refused('invalid_grant', 'ip restricted'));
  await run();
  const decision = decideRead(await stored(ports), ports.clock.now());
  assert.notEqual(decision.kind, 'serve', `cause is now ${(await stored(ports)).cause}`);
});

test('a 429 is transient, whatever its JSON says', () => {
  const body = new Secret('{"error":"invalid_grant","error_description":"expired access/refresh token"}');
  const judged = judgeTokenAnswer({ kind: 'answer', status: 429, contentType: '', body }, 'refresh');
  assert.ok(
    judged.kind === 'no_answer' || (judged.kind === 'refused' && judged.class === 'transient'),
    JSON.stringify(judged),
  );
});

test('the time rule holds the instant before a code is sent', async () => {
  const ports = memoryPorts();
  const id = 's'.repeat(43);
  await ports.store.inner.sessions.create(aSession(1, { id, binding: bindingOf(id, 'cookie', 'salt') }));
  const code = new Secret(ports.server.code(orgA, userA));
  ports.store.disturb('sessions.replace', () => ports.clock.advance(20_000));
  await ports.clock.run(
    createFinishConnect(ports)(
      { state: stateOf(id, 'cookie'), code },
      { [cookieName(id)]: 'cookie' },
      remaining(ports.clock),
    ),
  );
  assert.equal(ports.server.count('exchangeCode'), 0, 'a code was sent with 40 s of function time left');
});

test('a commit is not given up for conflicts while its lease lives', async () => {
  const ports = memoryPorts();
  await storedConnection(ports);
  ports.server.rotation = true;
  ports.clock.advance(5_400_000);
  const { grant, id } = await stored(ports);
  ports.store.disturb('connections.replace', () => undefined, ...Array<'refused'>(10).fill('refused'));
  await ports.clock.run(
    createRefreshConnection(ports)(
      { version: 1, connectionId: id, generation: generationOf(grant), reason: 'due' },
      remaining(ports.clock),
    ),
  );
  assert.equal(unsealed((await stored(ports)).grant.refreshToken), 'refresh-1-1');
});

test('a link that died after its write takes the former use back when it is done again', async () => {
  const ports = memoryPorts();
  const now = ports.clock.now();
  const key = { tenant: 'acme', integration: 'sync' };
  await ports.store.inner.integrations.create(
    anIntegration('acme', 'sync', { connectionId: 'former', linkedAt: now - 1 }),
  );
  await ports.store.inner.addUse('former', key);
  const duty = { kind: 'link', sessionId: 's1', ...key, since: now, dueAt: now, tries: 0 } as const;
  const holder = aConnection(1);
  ports.store.disturb('removeUse', 'unavailable');
  await assert.rejects(linkDoer(ports)(holder, duty));
  await linkDoer(ports)(holder, duty);
  assert.deepEqual(await ports.store.inner.usesOf('former', 10), [], 'the tenant still reads its former connection');
});

const attempt = { id: 'a', generation: { grantId: 'g', refreshes: 4 }, loginUrl: 'https://login.salesforce.com' };
const made = {
  accessToken: 'x',
  accessTokenSha256: 'y',
  refreshToken: 'z',
  issuedAt: noon,
  expiresAt: noon + 7_200_000,
  refreshAfter: noon + 5_400_000,
  instanceUrl: 'i',
  rotated: false,
  identityChanged: false,
};

test('an answer ends no lease of another attempt in a duty', () => {
  const grant = aGrant('g', {
    refreshes: 4,
    lease: { attempt: 'b', until: noon + 70_000 },
    attempts: [
      { id: 'a', begunAt: noon - 80_000, refreshes: 4 },
      { id: 'b', begunAt: noon, refreshes: 4 },
    ],
  });
  const duties = { [revokeDutyId('g')]: revocationOf(grant, noon, noon + 900_000, 'superseded') };
  const decision = decideCommit(aConnection(1, {}, { grant: aGrant('newer'), duties }), attempt, made, noon, 0);
  assert.ok(decision.kind === 'superseded');
  const duty = decision.after.duties[revokeDutyId('g')];
  assert.equal(duty?.kind === 'revoke' && duty.lease?.until, noon + 70_000);
});

test('a silence is recorded once', () => {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const before = aConnection(
    1,
    {},
    { grant: aGrant('g', { refreshes: 4, lease, attempts: [{ id: 'a', begunAt: noon, refreshes: 4 }] }) },
  );
  const after = decideNoAnswer(before, attempt, 'timeout', noon + 40_000, 0.5);
  assert.ok(after);
  const again = decideNoAnswer(after, attempt, 'timeout', noon + 40_000, 0.5);
  assert.equal((again ?? after).grant?.failures, 1);
});

test('a connection whose administrator’s matter ends by a refresh says so', () => {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const before = aConnection(
    1,
    {},
    {
      status: 'admin_action_required',
      cause: 'ip_restricted',
      grant: aGrant('g', { refreshes: 4, lease, attempts: [] }),
    },
  );
  const decision = decideCommit(before, attempt, made, noon, 0);
  assert.ok(decision.kind === 'commit');
  assert.ok(
    Object.values(decision.after.duties).some((duty) => duty.kind === 'alert' && duty.type === 'connection_recovered'),
  );
});

test('tokens that are old when they come do not make their connection due at once, for ever', () => {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const before = aConnection(1, {}, { grant: aGrant('g', { refreshes: 4, readRefreshes: 4, lease, attempts: [] }) });
  const old = { ...made, issuedAt: noon - 7_200_000, expiresAt: noon, refreshAfter: noon - 1_800_000 };
  const decision = decideCommit(before, attempt, old, noon, 0);
  assert.ok(decision.kind === 'commit');
  assert.ok((decision.after.nextRefreshAt ?? 0) > noon, 'due again in the past');
});

test('a refusal whose write is refused by the store for a moment still settles its attempt', async () => {
  const ports = memoryPorts();
  await storedConnection(ports);
  ports.clock.advance(5_400_000);
  const { grant, id } = await stored(ports);
  ports.server.next('refresh', refused('invalid_grant', 'token request is already being processed'));
  ports.store.disturb('connections.replace', () => undefined, 'unavailable');
  await ports.clock
    .run(
      createRefreshConnection(ports)(
        { version: 1, connectionId: id, generation: generationOf(grant), reason: 'due' },
        remaining(ports.clock),
      ),
    )
    .catch(() => undefined);
  assert.deepEqual((await stored(ports)).grant.attempts, []);
});

test('an integration that moves there and back leaves no use where it is not', async () => {
  const ports = memoryPorts();
  const key = { tenant: 'acme', integration: 'sync' };
  const link = (connectionId: string, by: string, at: number) =>
    linkIntegration(ports, { ...key, connectionId, by, at, configuration: undefined });
  await link('X', 'first', 1);
  // The move to Y is overtaken, before it takes back the record for X, by a move back to X.
  ports.store.disturb('removeUse', async () => void (await link('X', 'third', 3)));
  await link('Y', 'second', 2);
  assert.equal((await ports.store.inner.integrations.read(key))?.connectionId, 'X');
  assert.deepEqual(await ports.store.inner.usesOf('X', 10), [key]);
  assert.deepEqual(await ports.store.inner.usesOf('Y', 10), []);
});

test('a token that Salesforce gives again after its rejection stays rejected', () => {
  const lease = { attempt: 'a', until: noon + 75_000 };
  const grant = aGrant('g', { refreshes: 4, rejectedRefreshes: 4, accessTokenSha256: made.accessTokenSha256, lease });
  const decision = decideCommit(aConnection(1, {}, { grant }), attempt, made, noon, 0.5);
  assert.ok(decision.kind === 'commit');
  assert.equal(decideRead(decision.after, noon).kind, 'problem');
  assert.ok((decision.after.nextRefreshAt ?? 0) > noon, 'it is asked anew later');
});

test('a consume whose answer was lost goes on to the exchange', async () => {
  const ports = memoryPorts();
  const id = 's'.repeat(43);
  await ports.store.inner.sessions.create(aSession(1, { id, binding: bindingOf(id, 'cookie', 'salt') }));
  const code = new Secret(ports.server.code(orgA, userA));
  ports.store.disturb('sessions.replace', 'answer_lost');
  const cookies = { [cookieName(id)]: 'cookie' };
  await ports.clock.run(
    createFinishConnect(ports)({ state: stateOf(id, 'cookie'), code }, cookies, remaining(ports.clock)),
  );
  assert.equal(ports.server.count('exchangeCode'), 1);
  assert.equal((await ports.store.inner.sessions.read(id))?.status, 'connected');
});
