import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenErrors } from '../../../dev/simulator/error-table.ts';
import type { Simulator } from '../../../dev/simulator/simulator.ts';
import { defaultSwitches, parseSwitches } from '../../../dev/simulator/switches.ts';
import { ada, assertRefused, connect, origin, read, refresh, simulate } from './client.ts';

async function send(simulator: Simulator, path: string, body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = new Request(origin + path, { method: 'POST', body: text, headers: { 'content-type': type } });
  return read(await simulator.fetch(request));
}

describe('the faults', () => {
  it('answer every error of the table in order, without processing', async () => {
    const nextErrors = tokenErrors.map((row) => ({ endpoint: 'token' as const, ...row }));
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    simulator.switches.nextErrors = nextErrors;
    for (const { error, error_description } of tokenErrors) {
      assertRefused(await refresh(simulator, token), error, error_description);
    }
    assert.equal(simulator.books.grants()[0]?.refreshes, 0);
    assert.equal((await refresh(simulator, token)).status, 200);
  });

  it('answer a set error with its status, and only at its endpoint', async () => {
    const limited = { endpoint: 'revoke' as const, error: 'server_error', error_description: 'later', status: 429 };
    const { simulator } = simulate({ switches: { nextErrors: [limited] } });
    const { refresh: token } = await connect(simulator);
    const body = new URLSearchParams({ token });
    const request = new Request(`${origin}/services/oauth2/revoke`, { method: 'POST', body });
    assert.equal((await simulator.fetch(request)).status, 429);
    assert.ok(simulator.books.isLiveRefreshToken(token));
  });

  it('answer an HTML page with 503, and one with 200 during maintenance', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
    const ask = () => simulator.fetch(new Request(`${origin}/services/oauth2/token`, { method: 'POST', body }));
    simulator.switches.html503 = true;
    const down = await ask();
    assert.deepEqual([down.status, down.headers.get('content-type')], [503, 'text/html; charset=utf-8']);
    simulator.switches.html503 = false;
    simulator.switches.maintenance = true;
    const maintained = await ask();
    assert.deepEqual([maintained.status, maintained.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
    assert.match(await maintained.text(), /maintenance/);
    assert.equal(simulator.books.grants()[0]?.useCount, 0);
  });

  it('process a request and then reset the connection', async () => {
    const { simulator } = simulate({ switches: { rotation: true } });
    const { refresh: token } = await connect(simulator);
    simulator.switches.resetAfterProcessing = true;
    await assert.rejects(refresh(simulator, token), (error: TypeError) => {
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, 'fetch failed');
      return (error.cause as { code: string }).code === 'ECONNRESET';
    });
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
    assert.equal(simulator.books.liveGrants()[0]?.refreshes, 1);
    const [logged] = simulator.books.requests({ grantType: 'refresh_token' });
    assert.deepEqual([logged?.outcome, logged?.answerLost], ['ok', true]);
  });

  it('are slow before and after processing', async () => {
    const seen: [ms: number, refreshes: number | undefined][] = [];
    const wait = async (ms: number) => {
      seen.push([ms, simulator.books.grants()[0]?.refreshes]);
    };
    const { simulator } = simulate({ wait });
    const { refresh: token } = await connect(simulator);
    Object.assign(simulator.switches, { slowMs: 10, slowAfterMs: 20 });
    await refresh(simulator, token);
    assert.deepEqual(seen, [
      [10, 0],
      [20, 1],
    ]);
  });

  it('process a request whose client gave up waiting', async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const settled = Promise.withResolvers<void>();
    const wait = () => {
      arrived.resolve();
      return gate.promise;
    };
    const onChange = () => {
      if (simulator.books.requests({ grantType: 'refresh_token' })[0]?.outcome === 'ok') settled.resolve();
    };
    const { simulator } = simulate({ wait, onChange, switches: { rotation: true } });
    const { refresh: token } = await connect(simulator);
    simulator.switches.slowMs = 1;
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: 'local-client',
      client_secret: 'local-secret',
    });
    const giveUp = new AbortController();
    const { signal } = giveUp;
    const answer = simulator.fetch(new Request(`${origin}/services/oauth2/token`, { method: 'POST', body, signal }));
    await arrived.promise;
    giveUp.abort(new Error('timed out'));
    await assert.rejects(answer, /timed out/);
    assert.equal(simulator.books.isLiveRefreshToken(token), true);
    gate.resolve();
    await settled.promise;
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
  });
});

describe('the switches over HTTP', () => {
  it('are read, and merged from JSON', async () => {
    const { simulator } = simulate();
    const before = await read(await simulator.fetch(new Request(`${origin}/simulator/switches`)));
    assert.deepEqual(before.body, defaultSwitches());
    const after = await send(simulator, '/simulator/switches', { rotation: true, grantLimit: 4 });
    assert.deepEqual(after, { status: 200, body: { ...defaultSwitches(), rotation: true, grantLimit: 4 } });
    assert.equal(simulator.switches.rotation, true);
  });

  for (const [title, input, problem] of [
    ['another limit', { grantLimit: 6 }, /"grantLimit" refused: must be one of 4, 5, got 6/],
    ['a word for a number', { slowMs: 'long' }, /"slowMs" refused: must be a number, got "long"/],
    ['a negative wait', { slowMs: -1 }, /"slowMs" refused: must be a whole number from 0 to 600000, got -1/],
    ['another status', { restWithoutApiScope: 404 }, /"restWithoutApiScope" refused: must be one of 401, 403, got 404/],
    ['a query that is off', { oauthTokenQuery: 'off' }, /"oauthTokenQuery" refused: must be one of on, invalid_type/],
    ['an unknown switch', { speed: 1 }, /speed.*The switches are: grantLimit, /],
    [
      'a wrong endpoint in a list',
      { nextErrors: [{ endpoint: 'x' }] },
      /"nextErrors\.0\.endpoint" refused: must be one of/,
    ],
    ['a list', [], /refused/],
    ['malformed JSON', '{', /not JSON/],
  ] as const) {
    it(`refuse ${title}, and change nothing`, async () => {
      const { simulator } = simulate();
      const { status, body } = await send(simulator, '/simulator/switches', input);
      assert.equal(status, 400);
      assert.match(String(body.error), problem);
      assert.deepEqual(simulator.switches, defaultSwitches());
    });
  }

  it('must come as JSON', async () => {
    const { simulator } = simulate();
    assert.equal((await send(simulator, '/simulator/switches', '{"rotation":true}', 'text/plain')).status, 415);
    assert.equal(simulator.switches.rotation, false);
  });

  it('are checked against a schema that knows each of them', () => {
    assert.deepEqual(parseSwitches(defaultSwitches()), { ok: true, switches: defaultSwitches() });
  });
});

describe('the administrator over HTTP', () => {
  it('revokes a grant and deactivates a user', async () => {
    const { simulator } = simulate();
    const { refresh: token } = await connect(simulator);
    assert.equal((await send(simulator, '/simulator/deactivate-user', { user_id: ada.id })).status, 200);
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
    assert.equal((await send(simulator, '/simulator/reactivate-user', { user_id: ada.id })).status, 200);
    assert.equal(simulator.books.isLiveRefreshToken(token), true);
    assert.equal((await send(simulator, '/simulator/revoke-grant', { grant_id: 'grant-1' })).status, 200);
    assert.equal(simulator.books.isLiveRefreshToken(token), false);
  });

  it('hears what does not exist, and what is missing', async () => {
    const { simulator } = simulate();
    assert.equal((await send(simulator, '/simulator/revoke-grant', { grant_id: 'grant-9' })).status, 404);
    assert.equal((await send(simulator, '/simulator/deactivate-user', { user_id: 'x' })).status, 404);
    assert.equal((await send(simulator, '/simulator/revoke-grant', {})).status, 400);
    assert.equal((await send(simulator, '/simulator/revoke-grant', null)).status, 400);
    assert.equal((await simulator.fetch(new Request(`${origin}/simulator/revoke-grant`))).status, 405);
  });
});
