import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orgsOfSalesforceOnly, salesforceOnly } from '../../../functions/adapters/salesforce-only.ts';
import type { RawAnswer, Salesforce, SalesforceApi } from '../../../functions/core/ports.ts';
import { Secret } from '../../../functions/core/secret.ts';

const answer: RawAnswer = { kind: 'no_answer', reason: 'connection' };
const extra = 'http://127.0.0.1:4000';
const client = { clientId: 'c' };
const token = new Secret('t');
const exchange = { code: token, redirectUri: 'https://g.example/oauth/callback', codeVerifier: token };
const user = { orgId: '00D5e000001abcdEAA', userId: '0055e000001abcdEAA' };

/** Both ports over ones that record where they were asked. */
function held(extraOrigin?: string) {
  const asked: string[] = [];
  const recording = (method: string) => async (url: string) => {
    asked.push(`${method} ${url}`);
    return answer;
  };
  const port = new Proxy({}, { get: (_target, name) => recording(String(name)) });
  const salesforce = salesforceOnly(port as Salesforce, extraOrigin);
  const api = orgsOfSalesforceOnly(port as SalesforceApi, extraOrigin);
  const calls: Readonly<Record<string, (url: string) => Promise<RawAnswer>>> = {
    exchangeCode: (url) => salesforce.exchangeCode(url, client, exchange, 1),
    refresh: (url) => salesforce.refresh(url, client, token, 1),
    exchangeAssertion: (url) => salesforce.exchangeAssertion(url, token, 1),
    askAsClient: (url) => salesforce.askAsClient(url, client, 1),
    revoke: (url) => salesforce.revoke(url, token, 1),
    introspect: (url) => salesforce.introspect(url, client, token, 1),
    identity: (url) => api.identity(url, user, token, 1),
    query: (url) => api.query(url, 'SELECT Id', token, 1),
  };
  return { asked, calls };
}

const foreign = [
  'https://evil.example',
  'https://login.salesforce.com.evil.example',
  'https://evil-salesforce.com',
  'https://user:password@login.salesforce.com',
  'http://login.salesforce.com',
  'http://127.0.0.1:4001',
  '',
];

describe('every request to Salesforce', () => {
  for (const name of Object.keys(held().calls)) {
    it(`${name} goes to its hosts and the extra origin, and nowhere else`, async () => {
      const { asked, calls } = held(extra);
      const call = calls[name];
      assert.ok(call);
      for (const url of foreign) await assert.rejects(call(url), { name: 'ForeignHostError' }, url);
      assert.deepEqual(asked, []);
      for (const url of ['https://acme.my.salesforce.com', extra]) assert.deepEqual(await call(url), answer);
      assert.equal(asked.length, 2);
    });

    it(`${name} goes to no extra origin where there is none`, async () => {
      const { asked, calls } = held();
      await assert.rejects(calls[name]?.(extra) ?? Promise.resolve(), { name: 'ForeignHostError' });
      assert.deepEqual(asked, []);
    });
  }

  it('that is refused says which origin, and nothing of what follows it', async () => {
    const { calls } = held();
    await assert.rejects(
      calls.refresh?.('https://evil.example/secret?token=x') ?? Promise.resolve(),
      (error: Error) => {
        assert.match(error.message, /the login host https:\/\/evil\.example, .*leaked-secret\.md/);
        return !/secret\?|token=/.test(error.message);
      },
    );
  });
});
