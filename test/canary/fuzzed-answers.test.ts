/**
 * Salesforce's answers, fuzzed: tokens in fields where none belongs, pages that repeat the request, hosts with user
 * information. Nothing that we log, store, alert or show may hold what stood in them (`flow.close` fails if it does).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createSalesforceApiHttp } from '../../functions/adapters/salesforce-api-http.ts';
import { createSalesforceHttp } from '../../functions/adapters/salesforce-http.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { type Hostility, hostileAnswer, type Which } from './hostile-salesforce.ts';
import { whileTimePasses } from './while-time-passes.ts';

const hourMs = 3_600_000;

const description = fc.constantFrom(
  'SECRET',
  'expired access/refresh token',
  'expired access/refresh token SECRET',
  'cannot use SECRET for this',
  '<b>SECRET</b>',
  '{"access_token":"SECRET"}',
  'Authorization: Bearer SECRET',
);
const error = fc.constantFrom(
  'invalid_grant',
  'invalid_client',
  'SECRET',
  'unknown_error',
  'invalid_app_access',
  'rate_limit_exceeded',
);

const refusal = fc.record(
  { error, error_description: description, SECRET: fc.constant('SECRET') },
  { requiredKeys: ['error'] },
);

const host = fc.constantFrom(
  'https://SECRET@acme.my.salesforce.com',
  'https://user:SECRET@login.salesforce.com/',
  'ORIGIN/SECRET',
  'ORIGIN?token=SECRET',
  'javascript:SECRET',
  'SECRET',
);
const success = fc.record(
  {
    access_token: fc.constantFrom('SECRET', 'other'),
    refresh_token: fc.constantFrom('SECRET', ''),
    instance_url: host,
    id: fc.oneof(host, fc.constant('ORIGIN/id/00D000000000001AAA/SECRET')),
    issued_at: fc.constantFrom('SECRET', '1795251600000'),
    signature: fc.constant('SECRET'),
    scope: fc.constantFrom('api SECRET', 'SECRET', 'api refresh_token'),
    token_type: fc.constant('SECRET'),
    username: fc.constant('SECRET'),
    display_name: fc.constant('SECRET'),
  },
  { requiredKeys: [] },
);

const json = (body: fc.Arbitrary<object>) =>
  body.map((value) => ({ contentType: 'application/json', body: JSON.stringify(value) }));
const page = fc
  .constantFrom('<html>SECRET</html>', 'Bad_OAuth_Token SECRET', 'SECRET', '{"error":"SECRET', '')
  .map((body) => ({ contentType: 'text/html', body }));

const hostility: fc.Arbitrary<Hostility> = fc
  .record({
    which: fc.constantFrom<Which>('sent', 'access', 'refresh', 'form', 'code_verifier', 'client_secret'),
    status: fc.constantFrom(200, 200, 302, 400, 400, 401, 403, 404, 429, 500, 503),
    content: fc.oneof(
      { weight: 4, arbitrary: json(refusal) },
      { weight: 3, arbitrary: json(success) },
      { weight: 2, arbitrary: page },
    ),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { location: 'https://evil.example/?SECRET' },
      { 'www-authenticate': 'Bearer SECRET' },
      { 'retry-after': 'SECRET' },
    ),
  })
  .map(({ content, which, ...rest }) => {
    // A form for a token would be a secret that is none: it is nearly the same each time, and may be repeated.
    const isForm = which === 'form' && /(?:access|refresh)_token":"SECRET/.test(content.body);
    return { ...rest, ...content, which: isForm ? ('sent' as const) : which };
  });

/** A flow whose Salesforce answers as `queue` says, and as the simulator does where it is empty. */
async function hostileFlow(): Promise<{ flow: Flow; queue: Hostility[]; answered: () => number }> {
  const queue: Hostility[] = [];
  let answered = 0;
  const fetching = async (url: string | URL | Request, init?: RequestInit) => {
    const next = queue.shift();
    if (next === undefined) return fetch(url, init);
    answered += 1;
    const token = new Headers(init?.headers).get('authorization') ?? '';
    return hostileAnswer(next, String(url), init?.body === undefined ? token : String(init.body));
  };
  const flow = await startFlow({
    change: (ports) => ({
      ...ports,
      salesforce: createSalesforceHttp({ fetch: fetching }),
      salesforceApi: createSalesforceApiHttp({ fetch: fetching }),
    }),
  });
  return { flow, queue, answered: () => answered };
}

/** Each run on what the one before left: dead, waiting, misconfigured. */
async function fuzz(
  runs: number,
  run: (flow: Flow, answers: Hostility[], queue: Hostility[]) => Promise<unknown>,
): Promise<void> {
  const { flow, queue, answered } = await hostileFlow();
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(hostility, { minLength: 1, maxLength: 3 }), async (answers) => {
        await run(flow, answers, queue);
        queue.length = 0;
      }),
      { numRuns: runs },
    );
    assert.ok(answered() >= runs / 2, `Salesforce was asked ${answered()} times`);
  } finally {
    await flow.close();
  }
}

async function look(flow: Flow): Promise<void> {
  for (const app of ['crm', 'crm-jwt', 'crm-service']) await flow.api('GET', `/connections?app=${app}`);
  await flow.api('GET', '/health');
}

const order = () => ({ app: 'crm', tenant: 'acme', integration: crypto.randomUUID() });

describe('whatever Salesforce answers, no secret gets out', () => {
  it('of a code exchange: its session, its pages and its items', () =>
    fuzz(10, async (flow, answers, queue) => {
      const started = await flow.api('POST', '/connect-sessions', order());
      if (started.status !== 201) return;
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      const back = flow.simulator.authorize(login, { username: 'ada@acme.example', decision: 'allow' });
      queue.push(...answers);
      await person.get(back);
      await flow.api('GET', `/connect-sessions/${started.body.session_id}`);
      queue.length = 0;
      flow.clock.advance(hourMs);
    }));

  it('of a sign-in: the names of its user', () =>
    fuzz(8, async (flow, answers, queue) => {
      const started = await flow.api('POST', '/connect-sessions', { ...order(), app: 'crm-login' });
      if (started.status !== 201) return;
      const person = flow.browser();
      const login = await person.open(started.body.connect_url);
      const back = flow.simulator.authorize(login, { username: 'ada@acme.example', decision: 'allow' });
      // The exchange itself is the simulator's; what comes after, the identity URL first, is not.
      queue.push(...answers);
      await person.get(back);
      await flow.api('GET', `/connect-sessions/${started.body.session_id}`);
      flow.clock.advance(hourMs);
    }));

  for (const rotation of [true, false]) {
    it(`of a refresh with rotation ${rotation ? 'on' : 'off'}: items, problems, alerts, health`, () =>
      fuzz(8, async (flow, answers, queue) => {
        flow.simulator.switches.rotation = rotation;
        queue.length = 0;
        const { connectionId } = await flow.connect({
          integration: crypto.randomUUID(),
          force: true,
          reauthorize: true,
        });
        flow.clock.advance(3 * hourMs);
        queue.push(...answers);
        await whileTimePasses(flow.clock, flow.stack.tick());
        queue.length = 0;
        flow.clock.advance(3 * 60_000);
        await whileTimePasses(flow.clock, flow.stack.tick());
        await flow.api('GET', `/connections/${connectionId}`);
        await look(flow);
        flow.clock.advance(hourMs);
      }));
  }

  it('of a login without a browser: the connection, the app, the answer', () =>
    fuzz(10, async (flow, answers, queue) => {
      queue.push(...answers);
      await flow.introduce();
      queue.push(...answers);
      await flow.api('POST', '/connections', { app: 'crm-service' });
      queue.length = 0;
      await whileTimePasses(flow.clock, flow.stack.tick());
      await look(flow);
      flow.clock.advance(hourMs);
    }));
});
