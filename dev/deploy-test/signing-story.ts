/**
 * A chapter without a browser: the command line makes a key in the emulator's KMS and the certificate for Salesforce, one
 * request makes the connection, and every refresh is a new assertion that KMS signs.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultSigningKeyPrefix, signingKeyAlias } from '../../functions/adapters/signing-key-names.ts';
import { administrator } from './aws-environment.ts';
import type { Json } from './deployed-api.ts';
import { grantkeeperCommand, type Workplace } from './grantkeeper-command.ts';
import { integrationStatus } from './integration-status.ts';
import { until } from './poll.ts';
import { signingApp } from './recording-simulator.ts';
import { assertAccessKey, assertNoneStored, storedGrant } from './stored-tokens.ts';
import { ada, first, grace, type Story } from './story.ts';
import { readToken, rejectToken } from './working-token.ts';

const app = 'crm-jwt';
const use = { tenant: first.tenant, integration: 'nightly-export' } as const;
const alias = signingKeyAlias(defaultSigningKeyPrefix, app, '1');
/** The schedule ticks once a minute; then queue and worker. */
const scheduledWithinMs = 120_000;

/** @returns the id of the connection that was made */
export async function tellOfSigning(story: Story, workplace: Workplace): Promise<string> {
  await makeKey(story, workplace);
  const connectionId = await connectWithoutBrowser(story);
  await refreshByAssertion(story, connectionId);
  return connectionId;
}

async function makeKey({ api, administration, simulator, step }: Story, workplace: Workplace): Promise<void> {
  await step(
    'while there is no key, POST /connections names the command that makes one; Salesforce is not asked',
    async () => {
      const refused = await api.call(503, 'POST', '/connections', { app, username: ada });
      assert.equal(refused.code, 'app_misconfigured');
      assert.match(String(refused.detail), /npx grantkeeper signing-key crm-jwt/);
      assert.deepEqual(simulator.assertions, []);
    },
  );

  await step(
    'npx grantkeeper signing-key: a key in KMS, and the certificate that it signed itself; uploaded for one user',
    async () => {
      const file = join(workplace.directory, 'crm-jwt.crt');
      await grantkeeperCommand(['signing-key', app, '--out', file], workplace);
      const pem = readFileSync(file, 'utf8');
      const { publicKey } = new X509Certificate(pem);
      const inKms = Buffer.from(await administration.publicKeyOf(alias));
      assert.deepEqual(publicKey.export({ type: 'spki', format: 'der' }), inKms);
      simulator.changeApp(signingApp.clientId, { certificates: [pem], preauthorized: [ada] });
    },
    () => alias,
  );
}

async function connectWithoutBrowser({ api, stranger, administration, simulator, step }: Story): Promise<string> {
  const order = { app, username: ada, ...use };
  await step(
    'refused: unauthorized (403), a user who is not pre-authorized (409), a tenant without its org (400)',
    async () => {
      assert.equal((await api.signed(stranger, 'POST', '/connections', order)).status, 403);
      const refused = await api.call(409, 'POST', '/connections', { app, username: grace });
      assert.deepEqual([refused.code, refused.cause], ['admin_action_required', 'user_hasn_t_approved_this_consumer']);
      assert.equal((await api.call(400, 'POST', '/connections', order)).field, 'expected_org_id');
      assert.equal(simulator.assertions.length, 1);
      assert.deepEqual(simulator.books.grants(signingApp), []);
    },
  );

  const connectionId = await step(
    'POST /connections twice at once: 201 and 200, one connection by one assertion',
    async () => {
      const org = simulator.books.orgs.find(({ users }) => users.some(({ username }) => username === ada));
      const ordered = { ...order, expected_org_id: org?.id };
      const [one, other] = await Promise.all([post(ordered), post(ordered)]);
      assert.deepEqual([one.status, other.status].toSorted(), [200, 201], `${one.body}\n${other.body}`);
      const { id, flow, status, username } = JSON.parse(one.body);
      assert.equal(JSON.parse(other.body).id, id);
      assert.deepEqual({ flow, status, username }, { flow: 'jwt_bearer', status: 'active', username: ada });
      assert.equal(simulator.assertions.length, 2);
      return String(id);
    },
    (id) => id,
  );

  await step(
    'linked and configured as any other; another method of the path is answered for both of its routes',
    async () => {
      assert.equal((await integrationStatus(api, use, 1)).connection_id, connectionId);
      // Whom IAM lets call any method.
      const wrong = await api.signed(administrator, 'DELETE', '/connections');
      assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET, POST']);
    },
  );

  await step('stored: no refresh token, the access token sealed under a key of its own', async () => {
    const grant = await storedGrant(administration, connectionId);
    assert.equal(grant.refreshToken, undefined);
    assert.ok(grant.ownKeys, 'the grant carries its own keys');
    assertNoneStored(await administration.allItems(), [...simulator.issued, ...simulator.assertions]);
  });
  return connectionId;

  function post(body: Json) {
    return api.asService('POST', '/connections', body);
  }
}

async function refreshByAssertion(
  { api, administration, simulator, step }: Story,
  connectionId: string,
): Promise<void> {
  await step(
    'read; expired at Salesforce and rejected: a new assertion, signed by KMS, and the next token works',
    async () => {
      const token = await readToken(api, connectionId);
      assert.equal(simulator.expireSession(token), true);
      await rejectToken(api, connectionId, token);
      assert.equal(simulator.assertions.length, 3);
      assert.equal(new Set(simulator.assertions).size, 3);
      const grant = await storedGrant(administration, connectionId);
      assert.equal(grant.refreshes, 1);
      await assertAccessKey(administration, grant, connectionId.split('.')[1] ?? '');
    },
  );
}

/** @returns how often it was refreshed before */
export async function makeLoginDue({ administration, step }: Story, connectionId: string): Promise<number> {
  const { refreshes } = await storedGrant(administration, connectionId);
  await step('the connection without a browser is made due, for the schedule', () =>
    administration.makeDue(connectionId),
  );
  return refreshes;
}

export async function tellOfScheduledLogin(
  { api, administration, simulator, logs, step }: Story,
  connectionId: string,
  before: number,
): Promise<void> {
  await step('it was refreshed by the schedule, with the key that outlived the other deployment', async () => {
    await until('the scheduled login is in the table', scheduledWithinMs, async () =>
      (await storedGrant(administration, connectionId)).refreshes > before ? true : undefined,
    );
    await readToken(api, connectionId);
    assert.equal(simulator.assertions.length, 4);
  });

  await step('its private key is nowhere, and no assertion is in the logs or the table', async () => {
    const [text, items, names] = [await logs(), await administration.allItems(), await administration.secretNames()];
    for (const where of [text, JSON.stringify(items)]) assert.doesNotMatch(where, /PRIVATE KEY/);
    assert.ok(names.includes('Grantkeeper/crm/client-secret'));
    assert.deepEqual(
      names.filter((name) => name.includes(app)),
      [],
    );
    for (const assertion of simulator.assertions) assert.equal(text.includes(assertion), false);
    assertNoneStored(items, simulator.assertions);
  });
}
