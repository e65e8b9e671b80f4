import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Simulator } from '../../../dev/simulator/simulator.ts';
import {
  ada,
  callLimits,
  connect,
  get,
  grace,
  minuteMs,
  origin,
  post,
  publicApp,
  read,
  refresh,
  secretApp,
  simulate,
} from './client.ts';

const namedApp = { ...secretApp, name: "Ada's CRM" };
const everything = 'SELECT Id, AppName, LastUsedDate, UseCount, UserId, CreatedDate FROM OauthToken';
const ofAda = `WHERE UserId = '${ada.id}'`;

interface Listed {
  totalSize: number;
  done: boolean;
  records: Record<string, unknown>[];
}

function query(simulator: Simulator, soql: string, token?: string): Promise<Response> {
  return get(simulator, `/services/data/v62.0/query?q=${encodeURIComponent(soql)}`, token);
}

async function listed(simulator: Simulator, soql: string, token: string): Promise<Listed> {
  const response = await query(simulator, soql, token);
  assert.equal(response.status, 200);
  return (await response.json()) as Listed;
}

async function refusal(response: Response): Promise<[status: number, errorCode: string, message: string]> {
  const errors = (await response.json()) as { errorCode: string; message: string }[];
  assert.deepEqual(errors.length, 1);
  return [response.status, errors[0]?.errorCode ?? '', errors[0]?.message ?? ''];
}

describe('the query for OauthToken', () => {
  it('lists each live grant of the user as a row, with the fields that were asked for', async () => {
    const { simulator, clock } = simulate({ apps: [namedApp, publicApp] });
    const first = await connect(simulator);
    clock.advance(minuteMs);
    await refresh(simulator, first.refresh);
    const { access } = await connect(simulator, { clientId: publicApp.clientId });
    const attributes = {
      type: 'OauthToken',
      url: '/services/data/v62.0/sobjects/OauthToken/000000000000000AAA',
    };
    assert.deepEqual(await listed(simulator, `${everything} ${ofAda}`, access), {
      totalSize: 2,
      done: true,
      records: [
        {
          attributes,
          Id: null,
          AppName: "Ada's CRM",
          LastUsedDate: '2026-11-01T08:01:00.000+0000',
          UseCount: 1,
          UserId: ada.id,
          CreatedDate: '2026-11-01T08:00:00.000+0000',
        },
        {
          attributes,
          Id: null,
          AppName: publicApp.clientId,
          LastUsedDate: '2026-11-01T08:01:00.000+0000',
          UseCount: 0,
          UserId: ada.id,
          CreatedDate: '2026-11-01T08:01:00.000+0000',
        },
      ],
    });
    const some = await listed(simulator, `SELECT usecount FROM OAuthToken ${ofAda} LIMIT 1`, access);
    assert.deepEqual(some, { totalSize: 1, done: true, records: [{ attributes, UseCount: 1 }] });
  });

  it('is narrowed to an app by its name, in any case, and by an id of 15 characters', async () => {
    const { simulator } = simulate({ apps: [namedApp, publicApp] });
    const { access } = await connect(simulator);
    await connect(simulator, { clientId: publicApp.clientId });
    const count = async (condition: string) =>
      (await listed(simulator, `SELECT COUNT() FROM OauthToken WHERE ${condition}`, access)).totalSize;
    assert.equal(await count(`UserId = '${ada.id}'`), 2);
    assert.equal(await count(`UserId = '${ada.id.slice(0, 15)}' AND AppName = 'ADA\\'S crm'`), 1);
    assert.equal(await count(`UserId = '${ada.id}' AND AppName = 'another'`), 0);
  });

  it('leaves out what has ended, what has no refresh token, and who is somebody else', async () => {
    const { simulator } = simulate();
    const ended = await connect(simulator);
    const { access } = await connect(simulator);
    await connect(simulator, { scope: 'api' });
    await connect(simulator, { username: grace.username });
    const size = async (soql: string) => (await listed(simulator, soql, access)).totalSize;
    assert.equal(await size(`${everything} ${ofAda}`), 2);
    await post(simulator, '/services/oauth2/revoke', { token: ended.refresh });
    assert.equal(await size(`${everything} ${ofAda}`), 1);
    assert.equal(await size(`${everything} WHERE UserId = '${grace.id}'`), 0);
  });

  it('shows no token, and no field that would hold one', async () => {
    const { simulator } = simulate();
    const { access, refresh: token } = await connect(simulator);
    const text = await (await query(simulator, `${everything} ${ofAda}`, access)).text();
    for (const secret of [access, token, simulator.books.fingerprint(token)])
      assert.equal(text.includes(secret), false);
    for (const field of ['AccessToken', 'DeleteToken', 'RequestToken']) {
      const [status, code, message] = await refusal(
        await query(simulator, `SELECT Id, ${field} FROM OauthToken ${ofAda}`, access),
      );
      assert.deepEqual([status, code], [400, 'INVALID_FIELD']);
      assert.match(message, new RegExp(`ERROR at Row:1:Column:12\nNo such column '${field}' on entity 'OauthToken'`));
    }
  });

  for (const [title, soql, status, code] of [
    ['no query', '', 400, 'MALFORMED_QUERY'],
    ['no condition on the user', everything, 400, 'MALFORMED_QUERY'],
    ['a condition on another field', `${everything} ${ofAda} AND Id = 'x'`, 400, 'MALFORMED_QUERY'],
    ['an unknown field in a condition', `${everything} ${ofAda} AND Colour = 'x'`, 400, 'INVALID_FIELD'],
    ['a field twice', `SELECT Id, id FROM OauthToken ${ofAda}`, 400, 'INVALID_FIELD'],
    ['another object', 'SELECT Id FROM Account', 400, 'INVALID_TYPE'],
    ['a user id that is none', `${everything} WHERE UserId = 'ada'`, 400, 'INVALID_QUERY_FILTER_OPERATOR'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const { simulator } = simulate();
      const { access } = await connect(simulator);
      const told = await refusal(await query(simulator, soql, access));
      assert.deepEqual(told.slice(0, 2), [status, code]);
      assert.equal((await query(simulator, `${everything} ${ofAda}`, access)).status, 200);
    });
  }

  it('needs a live session, GET, and an address that there is', async () => {
    const { simulator } = simulate();
    const { access } = await connect(simulator);
    for (const token of [undefined, 'unknown']) {
      const told = await refusal(await query(simulator, `${everything} ${ofAda}`, token));
      assert.deepEqual(told, [401, 'INVALID_SESSION_ID', 'Session expired or invalid']);
    }
    const request = { method: 'POST', headers: { authorization: `Bearer ${access}` } };
    const posted = await simulator.fetch(new Request(`${origin}/services/data/v62.0/query`, request));
    assert.deepEqual((await refusal(posted)).slice(0, 2), [405, 'METHOD_NOT_ALLOWED']);
    for (const name of ['constructor', 'query/x', 'sobjects']) {
      assert.equal((await get(simulator, `/services/data/v62.0/${name}`, access)).status, 404);
    }
  });

  it('may be what the user must not do, by the switch', async () => {
    const { simulator } = simulate({ switches: { oauthTokenQuery: 'invalid_type' } });
    const { access } = await connect(simulator);
    const ask = async () => refusal(await query(simulator, `${everything} ${ofAda}`, access));
    const [status, code, message] = await ask();
    assert.deepEqual([status, code], [400, 'INVALID_TYPE']);
    assert.match(message, /sObject type 'OauthToken' is not supported/);
    simulator.switches.oauthTokenQuery = 'insufficient_access';
    assert.deepEqual((await ask()).slice(0, 2), [403, 'INSUFFICIENT_ACCESS']);
    assert.equal(await callLimits(simulator, access), 200);
  });

  it('is refused with the whole REST API where that is disabled', async () => {
    const { simulator } = simulate({ switches: { restApi: 'disabled' } });
    const { access } = await connect(simulator);
    const told = await refusal(await query(simulator, `${everything} ${ofAda}`, access));
    assert.deepEqual(told.slice(0, 2), [403, 'API_DISABLED_FOR_ORG']);
    assert.equal(await callLimits(simulator, access), 403);
    assert.equal((await query(simulator, everything, 'unknown')).status, 401);
  });

  it('answers a set error once, in the form of the REST API', async () => {
    const nextErrors = [
      { endpoint: 'rest' as const, error: 'REQUEST_LIMIT_EXCEEDED', error_description: 'too many', status: 403 },
      { endpoint: 'identity' as const, error: 'No_Access', error_description: '', status: 404 },
    ];
    const { simulator } = simulate({ switches: { nextErrors } });
    const { access } = await connect(simulator);
    const told = await refusal(await query(simulator, `${everything} ${ofAda}`, access));
    assert.deepEqual(told, [403, 'REQUEST_LIMIT_EXCEEDED', 'too many']);
    assert.equal((await query(simulator, `${everything} ${ofAda}`, access)).status, 200);
    const identity = await get(simulator, `/id/${ada.id}/x`, access);
    assert.deepEqual([identity.status, await identity.text()], [404, 'No_Access']);
  });

  it('extends the session, and is written in the log without the query', async () => {
    const { simulator, clock } = simulate();
    const { access } = await connect(simulator);
    clock.advance(100 * minuteMs);
    await read(await query(simulator, `${everything} ${ofAda}`, access));
    clock.advance(100 * minuteMs);
    assert.equal(await callLimits(simulator, access), 200);
    const [logged] = simulator.books.requests({ endpoint: 'rest' });
    assert.deepEqual([logged?.outcome, logged?.clientId, logged?.grantId], ['ok', secretApp.clientId, 'grant-1']);
    assert.equal(JSON.stringify(simulator.snapshot()).includes('OauthToken'), false);
  });
});
