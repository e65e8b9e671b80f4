/**
 * The story that the deployed stack must live through, step by step: an unset secret, connect, callback, read, a
 * refresh by the schedule, a refresh by a reader, and what lies in the table meanwhile.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Administration } from './administration.ts';
import type { DeployedApi, Json } from './deployed-api.ts';
import { until } from './poll.ts';
import { type RecordingSimulator, testApp } from './recording-simulator.ts';
import type { Credentials } from './signed-request.ts';
import { assertNoneStored, assertOrgKeys, assertOwnKeys, storedGrant } from './stored-tokens.ts';

export interface Story {
  readonly api: DeployedApi;
  readonly administration: Administration;
  readonly simulator: RecordingSimulator;
  /** A user without any policy. */
  readonly stranger: Credentials;
  readonly secretId: string;
  /** What the functions logged so far. */
  readonly logs: () => Promise<string>;
  readonly step: Step;
}

/** Runs one step and reports it; what `act` answers is printed beside its title. */
export type Step = <T>(title: string, act: () => Promise<T>, say?: (result: T) => string) => Promise<T>;

const user = 'ada@acme.example';
/** The schedule ticks once a minute; then queue and worker. */
const scheduledWithinMs = 120_000;
const logsWithinMs = 10_000;

/** @returns the id of the connection that was made */
export async function tellStory(story: Story): Promise<string> {
  const { api, administration, simulator, stranger, secretId, logs, step } = story;
  await step('unsigned and unauthorized requests get 403', async () => {
    const forged = { ...stranger, secretAccessKey: 'forged' };
    const answers = [
      await api.unsigned('POST', '/connect-sessions', invitation),
      await api.unsigned('GET', '/connections?app=crm'),
      await api.signed(stranger, 'GET', '/connections?app=crm'),
      await api.signed(forged, 'GET', '/connections?app=crm'),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403, 403],
    );
  });

  await step('while the client secret is unset, the callback says so, and no code is spent', async () => {
    const { status, page } = await connect(api, simulator, await invite(api));
    assert.equal(status, 503, page);
    assert.match(page, /app_misconfigured/);
    assert.match(page, /client secret/i);
    await until('the log names the secret to set', logsWithinMs, async () =>
      /The client secret of app crm is not set\./.test(await logs()) ? true : undefined,
    );
    assert.deepEqual(simulator.books.grants(), []);
    assert.equal(simulator.issued.length, 0);
  });

  await step('the client secret is set', () => administration.putSecret(secretId, `${testApp.clientSecret}\n`));

  const connectionId = await step(
    'connect: invitation, link, Salesforce, callback, connected',
    async () => {
      const session = await invite(api);
      const { status, page } = await connect(api, simulator, session);
      assert.equal(status, 200, page);
      const { status: state, connection_id: id } = await api.call(
        200,
        'GET',
        `/connect-sessions/${session.session_id}`,
      );
      assert.equal(state, 'connected');
      assert.equal(typeof id, 'string');
      return String(id);
    },
    (id) => id,
  );
  const [, orgId = ''] = connectionId.split('.');
  const tokenPath = tokenPathOf(connectionId);
  const read = () => api.call(200, 'GET', tokenPath);

  const first = await step('read: the token works at Salesforce', () => workingToken(read));

  await step('stored: the first pair is sealed under keys of its own, nothing in the clear', async () => {
    const grant = await storedGrant(administration, connectionId);
    assert.equal(grant.refreshes, 0);
    await assertOwnKeys(administration, grant);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });

  await step('scheduled refresh: due index, one-minute schedule, FIFO queue, worker', async () => {
    await administration.makeDue(connectionId);
    await until('the scheduled refresh is in the table', scheduledWithinMs, async () => {
      const { refreshes } = await storedGrant(administration, connectionId);
      return refreshes > 0 ? true : undefined;
    });
  });

  const second = await step('read: the new token, and it works', async () => {
    const token = await workingToken(read);
    assert.notEqual(token, first);
    return token;
  });

  await step('stored: generation 1 under the keys of the org, nothing in the clear', async () => {
    const grant = await storedGrant(administration, connectionId);
    assert.equal(grant.refreshes, 1);
    await assertOrgKeys(administration, grant, orgId);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });

  await step('a rejected token: the reader invokes the refresh itself and gets the next one', async () => {
    const token = await workingToken(() => api.call(200, 'POST', tokenPath, rejectionOf(second)));
    assert.notEqual(token, second);
    assert.equal((await storedGrant(administration, connectionId)).refreshes, 2);
    assertNoneStored(await administration.allItems(), simulator.issued);
  });

  await step(
    "Salesforce's books: one live grant, one exchange, two refreshes",
    async () => {
      assert.equal(simulator.books.liveGrants().length, 1);
      assert.equal(simulator.books.grants().length, 1);
      // Each answer brought an access token and, with rotation, a refresh token.
      assert.equal(simulator.issued.length, 6);
      return simulator.books.requestCounts();
    },
    (counts) => JSON.stringify(counts),
  );

  await step('logs: every function logged, and no token or secret is in it', async () => {
    const text = await logs();
    for (const name of ['connect', 'callback', 'token', 'schedule-refreshes', 'refresh', 'maintain']) {
      assert.match(text, new RegExp(`"service":"${name}"`));
    }
    for (const secret of [...simulator.issued, testApp.clientSecret]) assert.equal(text.includes(secret), false);
  });
  return connectionId;
}

/** After another deployment: the client secret that was set and the connection that was made are still there. */
export async function tellAgain({ api, step }: Pick<Story, 'api' | 'step'>, connectionId: string): Promise<void> {
  await step('the secret and the connection outlived it: read, reject, refresh', async () => {
    const path = tokenPathOf(connectionId);
    const before = await workingToken(() => api.call(200, 'GET', path));
    const after = await workingToken(() => api.call(200, 'POST', path, rejectionOf(before)));
    assert.notEqual(after, before);
  });
}

function tokenPathOf(connectionId: string): string {
  return `/connections/${connectionId}/token?tenant=${invitation.tenant}`;
}

function rejectionOf(token: string): Json {
  return { rejected_token_sha256: createHash('sha256').update(token).digest('hex') };
}

const invitation = { app: 'crm', tenant: 'acme', integration: 'crm-sync' } as const;

async function invite(api: DeployedApi): Promise<Json> {
  const session = await api.call(201, 'POST', '/connect-sessions', invitation);
  assert.equal(session.status, 'pending');
  return session;
}

/** As a browser and its user do. */
async function connect(api: DeployedApi, simulator: RecordingSimulator, { connect_url: link }: Json) {
  const opened = await api.visit(String(link));
  assert.equal(opened.status, 302, opened.body);
  const cookie = (opened.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
  assert.match(cookie, /^__Host-/);
  const callback = simulator.authorize(String(opened.headers.location), { username: user, decision: 'allow' });
  const { status, body } = await api.visit(callback, cookie);
  return { status, page: body };
}

/** Reads a token and uses it at Salesforce's REST API. */
async function workingToken(read: () => Promise<Json>): Promise<string> {
  const { access_token: token, token_type: type, instance_url: instanceUrl } = await read();
  assert.equal(type, 'Bearer');
  const used = await fetch(`${instanceUrl}/services/data/v62.0/limits`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(10_000),
  });
  assert.equal(used.status, 200, await used.text());
  return String(token);
}
