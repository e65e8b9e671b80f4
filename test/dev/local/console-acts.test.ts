/** What a click on the console does, through a running stack. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Flow, org, otherOrg, startFlow } from '../../support/flow.ts';

describe('a click on the console', () => {
  let flow: Flow;
  before(async () => {
    flow = await startFlow();
  });
  after(() => flow.close());

  async function post(body: unknown): Promise<{ status: number; message: string }> {
    const answer = await fetch(`${flow.stack.url}/local/acts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, message: ((await answer.json()) as { message: string }).message };
  }
  const act = (name: string, id: string) => post({ act: name, id });
  const liveGrants = (orgId: string) => flow.simulator.books.liveGrants({ orgId }).length;

  it('connects each user of an org once, through the connect flow', async () => {
    const first = await act('connect-users', org.id);
    assert.deepEqual(first, { status: 200, message: `${org.name}: 3 connected, 0 had been, 0 could not be.` });
    const again = await act('connect-users', org.id);
    assert.equal(again.message, `${org.name}: 0 connected, 3 had been, 0 could not be.`);
    assert.deepEqual([liveGrants(org.id), liveGrants(otherOrg.id)], [3, 0]);
  });

  it('leaves out a user who may not log in', async () => {
    const [inactive] = otherOrg.users;
    assert.equal((await act('deactivate-user', inactive?.id ?? '')).message, 'The user is inactive.');
    const { message } = await act('connect-users', otherOrg.id);
    assert.equal(message, `${otherOrg.name}: 2 connected, 0 had been, 1 could not be.`);
    await act('reactivate-user', inactive?.id ?? '');
    assert.equal(
      (await act('connect-users', otherOrg.id)).message,
      `${otherOrg.name}: 1 connected, 2 had been, 0 could not be.`,
    );
  });

  it('uses a token: one that lives, one whose session ended, one of a revoked grant', async () => {
    const refreshes = () => flow.tokenRequests('refresh_token');
    assert.equal((await act('use-token', org.id)).message, `${org.name}: 1 × Salesforce answered 200.`);
    assert.equal((await act('use-tokens', org.id)).message, `${org.name}: 3 × Salesforce answered 200.`);
    assert.equal(refreshes(), 0);
    await act('deactivate-org', org.id);
    await act('reactivate-org', org.id);
    const told = 'Salesforce answered 401, and Grantkeeper, told so,';
    assert.equal((await act('use-tokens', org.id)).message, `${org.name}: 3 × ${told} a new token.`);
    assert.equal(refreshes(), 3);

    await act('revoke-org', org.id);
    assert.deepEqual([liveGrants(org.id), liveGrants(otherOrg.id)], [0, 3]);
    const using = act('use-token', org.id);
    // The second sighting makes it a verdict.
    await flow.clock.someoneWaits(5_000);
    flow.clock.advance(5_000);
    assert.equal((await using).message, `${org.name}: 1 × ${told} reauthorization_required.`);
  });

  it('revokes the grants of an app in every org', async () => {
    const { status } = await act('revoke-app', 'local-client');
    assert.deepEqual([status, liveGrants(otherOrg.id)], [200, 0]);
    assert.equal((await act('revoke-app', 'local-client')).status, 404);
  });

  it('is refused where it names nothing that is there, or is no such act', async () => {
    for (const name of ['connect-users', 'use-token', 'use-tokens', 'revoke-org', 'deactivate-user', 'revoke-grant']) {
      const { status, message } = await act(name, 'nobody');
      assert.equal(status, 404, name);
      assert.match(message, /^There is no .*"nobody"/);
    }
    for (const body of [{ act: 'drop', id: org.id }, { act: 'revoke-org' }, { act: 'toString', id: 'x' }, null, []]) {
      const { status, message } = await post(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(message, /one of revoke-org, /);
    }
  });

  it('is taken by POST, as JSON, from the console itself only', async () => {
    const url = `${flow.stack.url}/local/acts`;
    const body = JSON.stringify({ act: 'revoke-org', id: otherOrg.id });
    assert.equal((await fetch(url)).status, 405);
    assert.equal((await fetch(url, { method: 'POST', body })).status, 415);
    const elsewhere = { 'content-type': 'application/json', origin: 'https://elsewhere.example' };
    assert.equal((await fetch(url, { method: 'POST', body, headers: elsewhere })).status, 403);
  });
});
