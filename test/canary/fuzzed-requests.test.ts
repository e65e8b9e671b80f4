/**
 * Requests, fuzzed: secrets in places where they belong and where they do not, to every route and every handler. Whatever
 * is wrong with a request, neither the answer, the log nor the table repeats a secret that it held (`flow.close` fails if
 * one does).
 *
 * Left out are the texts that a service may fill as it likes and that are kept as they are: `configuration`, `login_hint`
 * and `return_to`. The threat model says so.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { mark } from '../../dev/canary/canary.ts';
import { routes } from '../../functions/core/routes.ts';
import { type Flow, startFlow } from '../support/flow.ts';

/** None is a name that a tenant may have: such a name would be kept, and rightly so. */
const secret = fc.constantFrom(
  `00D000000000001!AQ${mark}.abcdef_ghijk`,
  `5Aep861${mark}abcdefghijklmnopqrstuvw=`,
  `aPrx${mark}abcdefghijklmnop==`,
  `Bearer 00D000000000001!AQ${mark}`,
  `{"access_token":"00D000000000001!${mark}"}`,
);

const names = [
  'code',
  'state',
  'error',
  'claim',
  'token',
  'access_token',
  'rejected_token',
  'secret',
  'password',
  'x',
] as const;
const known = [
  'app',
  'tenant',
  'integration',
  'limit',
  'cursor',
  'status',
  'org_id',
  'force',
  'expected_org_id',
  'username',
  'login_url',
  'connection_id',
  'rejected_token_sha256',
] as const;
const field = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names, ...known) }, { weight: 1, arbitrary: secret });
const plain = fc.constantFrom('crm', 'acme', 'sync', '', '0', 'true', '00D000000000001AAA');
const value = fc.oneof({ weight: 3, arbitrary: secret }, { weight: 1, arbitrary: plain });

const query = fc.dictionary(field, value, { maxKeys: 4 });
const headers = fc.dictionary(
  fc.constantFrom(
    'authorization',
    'cookie',
    'x-forwarded-for',
    'referer',
    'user-agent',
    'x-amz-security-token',
    'accept',
  ),
  secret.map((text) => `a=${text}`),
  { maxKeys: 3 },
);
const body = fc.oneof(
  fc
    .dictionary(field, fc.oneof(value, fc.array(value, { maxLength: 2 }), fc.dictionary(field, value, { maxKeys: 2 })))
    .map((one) => JSON.stringify(one)),
  secret,
  secret.map((text) => `{"rejected_token":"${text}`),
  secret.map((text) => JSON.stringify([text])),
);
const path = fc.record({
  route: fc.constantFrom(...routes),
  fill: fc.oneof(value, fc.constantFrom('crm.00D000000000001AAA.005000000000001AAA', 'acme', 'none')),
});

describe('whatever a request holds, no secret of it is repeated', () => {
  let flow: Flow;
  let connectionId: string;
  before(async () => {
    flow = await startFlow();
    ({ connectionId } = await flow.connect());
  });
  after(() => flow.close());

  it('by any route: path, query, headers, body', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(path, query, headers, body, fc.boolean(), async ({ route, fill }, asked, more, text, isReal) => {
        const filled = route.path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(isReal ? connectionId : fill));
        const hasBody = route.method === 'POST' || route.method === 'PUT';
        const answer = await flow.send(route.method, `${filled}?${new URLSearchParams(asked)}`, {
          headers: { ...more, ...(hasBody ? { 'content-type': 'application/json' } : {}) },
          ...(hasBody ? { body: text } : {}),
        });
        answered += 1;
        assert.ok(answer.status < 500 || answer.status === 503, `${route.method} ${filled}: ${answer.status}`);
      }),
      { numRuns: 400 },
    );
    assert.ok(answered >= 400);
  });

  it('by a callback with the cookie and state of a session, and a code that is none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('code', 'error', 'error_description', 'x'), secret),
        async (asked) => {
          const order = {
            app: 'crm',
            tenant: 'acme',
            integration: crypto.randomUUID(),
            force: true,
            reauthorize: true,
          };
          const started = await flow.api('POST', '/connect-sessions', order);
          assert.equal(started.status, 201);
          const person = flow.browser();
          const state = new URL(await person.open(started.body.connect_url)).searchParams.get('state') ?? '';
          await person.get(`${flow.stack.url}/oauth/callback?${new URLSearchParams({ ...asked, state })}`);
          await flow.api('GET', `/connect-sessions/${started.body.session_id}`);
          flow.clock.advance(60_000);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('by an event that is none of the function that gets it', async () => {
    const functions = ['refresh', 'configure', 'schedule-refreshes', 'maintain', 'token', 'jwt-bearer'] as const;
    const event = fc.oneof(
      secret,
      fc.dictionary(
        fc.constantFrom('version', 'connectionId', 'generation', 'Records', 'kind', ...names),
        fc.oneof(value, fc.integer()),
      ),
      secret.map((text) => ({
        Records: [{ messageId: 'm', eventSource: 'aws:sqs', body: text, attributes: {}, messageAttributes: {} }],
      })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...functions), event, async (name, given) => {
        await flow.stack.handlers[name](given).catch(() => undefined);
      }),
      { numRuns: 120 },
    );
  });
});
