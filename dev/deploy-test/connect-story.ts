/**
 * The first chapter, on the stack as `bin/grantkeeper.ts` deploys it: an unset secret, connect, callback, claim, read, a
 * refresh by a reader, another authorization of the same user, a sign-in, and what lies in the table meanwhile.
 */
import assert from 'node:assert/strict';
import { type Return, returnTo } from './customer.ts';
import { integrationStatus } from './integration-status.ts';
import { until } from './poll.ts';
import { signInApp, testApp } from './recording-simulator.ts';
import { assertNoneStored, assertOrgKeys, assertOwnKeys, storedGrant } from './stored-tokens.ts';
import { ada, first, type Story, tokenPathOf } from './story.ts';
import { readToken, rejectToken } from './working-token.ts';

const logsWithinMs = 10_000;

/** @returns the id of the connection that was made */
export async function tellOfConnecting(story: Story): Promise<string> {
  await refuseStrangers(story);
  await waitForTheSecret(story);
  const connectionId = await connectAndClaim(story);
  await readAndRefresh(story, connectionId);
  await authorizeAgain(story, connectionId);
  await signIn(story);
  return connectionId;
}

async function refuseStrangers({ api, stranger, step }: Story): Promise<void> {
  await step('unsigned and unauthorized requests get 403', async () => {
    const forged = { ...stranger, secretAccessKey: 'forged' };
    const answers = [
      await api.unsigned('POST', '/connect-sessions', first),
      await api.unsigned('GET', '/connections?app=crm'),
      await api.signed(stranger, 'GET', '/connections?app=crm'),
      await api.signed(forged, 'GET', '/connections?app=crm'),
      await api.signed(stranger, 'PUT', '/integrations/acme/crm-sync/configuration', { configuration: {} }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403, 403, 403],
    );
  });
}

async function waitForTheSecret({ api, customer, simulator, administration, secretId, logs, step }: Story) {
  await step('while the client secret is unset, the session fails and says so, and no code is spent', async () => {
    const back = await customer.authorize(ada, await customer.invite(first));
    assert.equal(back.status, 'failed');
    assert.equal(back.claim, undefined);
    const { error } = await api.call(200, 'GET', `/connect-sessions/${back.session}`);
    assert.equal((error as { code: string }).code, 'app_misconfigured');
    await until('the log names the secret to set', logsWithinMs, async () =>
      /The client secret of app crm is not set\./.test(await logs()) ? true : undefined,
    );
    assert.deepEqual(simulator.books.grants(), []);
    assert.equal(simulator.issued.length, 0);
  });
  await step('the client secret is set', () => administration.putSecret(secretId, `${testApp.clientSecret}\n`));
}

async function connectAndClaim({ api, customer, simulator, step }: Story): Promise<string> {
  const back = await step('connect: invitation, link, Salesforce, callback; the browser brings the claim', async () => {
    const returned = await customer.authorize(ada, await customer.invite(first));
    assert.equal(returned.status, 'authorized');
    assert.ok(returned.claim, 'the browser came back with a claim');
    return returned;
  });
  await step('before the claim the tenant reads nothing: 404; a wrong claim: 400', () => assertUnclaimed(back));
  const id = await step(
    'claimed: connected',
    async () => {
      const claimed = await customer.claim(back);
      assert.equal(claimed.status, 'connected');
      assert.deepEqual(await customer.claim(back), claimed, 'a claim may be repeated');
      return String(claimed.connection_id);
    },
    (connectionId) => connectionId,
  );
  await step('the built-in step of the configure Lambda: the integration is configured', async () => {
    const shown = await integrationStatus(api, first, 1);
    assert.equal(shown.status, 'configured', String(shown.reason));
    assert.equal(shown.connection_id, id);
  });
  return id;

  async function assertUnclaimed({ session, claim }: Return): Promise<void> {
    const shown = await api.call(200, 'GET', `/connect-sessions/${session}`);
    assert.equal(shown.status, 'authorized');
    assert.equal(shown.connection_id, undefined);
    const [grant] = simulator.books.liveGrants();
    assert.ok(grant, 'Salesforce has given the grant');
    const believed = `crm.${grant.orgId}.${grant.userId}`;
    for (const path of [tokenPathOf(believed), `/connections/${believed}?tenant=${first.tenant}`]) {
      assert.equal((await api.call(404, 'GET', path)).code, 'unknown_connection');
    }
    assert.equal((await api.call(404, 'GET', '/integrations/acme/crm-sync')).code, 'unknown_integration');
    const wrong = `${claim?.startsWith('A') ? 'B' : 'A'}${claim?.slice(1)}`;
    const refused = await api.call(400, 'POST', `/connect-sessions/${session}/claim`, { claim: wrong });
    assert.deepEqual([refused.code, refused.field], ['invalid_request', 'claim']);
    assert.equal((await api.call(200, 'GET', `/connect-sessions/${session}`)).status, 'authorized');
  }
}

async function readAndRefresh({ api, administration, simulator, step }: Story, connectionId: string): Promise<void> {
  const [, orgId = ''] = connectionId.split('.');
  const token = await step('read: the token works at Salesforce', () => readToken(api, connectionId));

  await step('stored: the first pair is sealed under keys of its own, nothing in the clear', async () => {
    const grant = await storedGrant(administration, connectionId);
    assert.equal(grant.refreshes, 0);
    await assertOwnKeys(administration, grant);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });

  await step('a rejected token: the reader invokes the refresh itself and gets the next one', async () => {
    await rejectToken(api, connectionId, token);
    const grant = await storedGrant(administration, connectionId);
    assert.equal(grant.refreshes, 1);
    await assertOrgKeys(administration, grant, orgId);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });
}

async function authorizeAgain({ api, customer, simulator, step }: Story, connectionId: string): Promise<void> {
  await step('the integration is connected already: no link, no grant', async () => {
    const spared = await api.call(200, 'POST', '/connect-sessions', { ...first, return_to: returnTo });
    assert.deepEqual(spared, { status: 'connected', connection_id: connectionId });
  });

  await step('reauthorized: the same connection; the grant before has its grace', async () => {
    assert.equal(await customer.connected(ada, { ...first, reauthorize: true }), connectionId);
    const { grants, grant_budget: budget } = await api.call(200, 'GET', `/connections/${connectionId}`);
    const [current, superseded, ...others] = grants as Record<string, unknown>[];
    assert.deepEqual(others, []);
    assert.deepEqual([current?.outcome, current?.current], ['stored', true]);
    assert.deepEqual([superseded?.outcome, superseded?.current], ['stored', false]);
    assert.ok(superseded?.superseded_at, 'it was superseded');
    assert.ok(superseded?.revocation_due_at, 'its revocation is owed');
    assert.equal(superseded?.revoked_at, undefined);
    assert.deepEqual(budget, { limit: 5, believed: 2 });
    assert.equal(simulator.books.liveGrants().length, 2);
  });
}

async function signIn({ api, customer, simulator, administration, step }: Story): Promise<void> {
  await step('a sign-in app: the identity after the claim, no connection, and its token is revoked', async () => {
    const invitation = { app: 'crm-login', tenant: 'acme', integration: 'login' };
    const back = await customer.authorize(ada, await customer.invite(invitation));
    assert.equal(back.status, 'authorized');
    assert.equal((await api.call(200, 'GET', `/connect-sessions/${back.session}`)).identity, undefined);
    const { status, identity } = await customer.claim(back);
    assert.equal(status, 'signed_in');
    assert.equal((identity as { username: string }).username, ada);
    assert.deepEqual((await api.call(200, 'GET', '/connections?app=crm-login')).connections, []);
    assert.deepEqual(simulator.books.liveGrants(signInApp), []);
    assert.equal(simulator.books.isLiveAccessToken(simulator.issued.at(-1) ?? ''), false, 'its token is revoked');
    assertNoneStored(await administration.allItems(), simulator.issued);
  });
}
