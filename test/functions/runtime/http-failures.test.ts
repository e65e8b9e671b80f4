import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AppMisconfiguredError,
  ConfigurationQueueError,
  LifeboatUnavailableError,
  StoreUnavailableError,
  UnreadableItemError,
} from '../../../functions/core/errors.ts';
import { connectStack, linkSecret, session, throwing } from './connect-stack.ts';
import type { EventOptions } from './lambda-event.ts';

describe('an exception of a handler', () => {
  it('that is the store is answered as 503 with Retry-After', async () => {
    const answer = await throwing(new StoreUnavailableError('table down')).get(session);
    assert.deepEqual(
      [answer.status, answer.json().code, answer.headers['retry-after']],
      [503, 'store_unavailable', '5'],
    );
    assert.ok(!answer.text.includes('table down'));
  });

  it('that is the lifeboat, or the queue of configuration steps, is answered as 503 with Retry-After', async () => {
    for (const [error, detail] of [
      [new LifeboatUnavailableError('put: canaryLifeboat'), /Neither the store nor the lifeboat/],
      [new ConfigurationQueueError('not queued: canaryQueue'), /All is stored.*Repeat the request/],
    ] as const) {
      const { status, headers, json, text } = await throwing(error).get(session);
      assert.equal(status, 503);
      assert.equal(headers['retry-after'], '5');
      assert.equal(json().code, 'store_unavailable');
      assert.match(json().detail, detail);
      assert.doesNotMatch(text, /canary/);
    }
  });

  it('that is an unset client secret says how to set it', async () => {
    const answer = await throwing(new AppMisconfiguredError('crm', 'Run: aws secretsmanager …')).get(session);
    assert.deepEqual([answer.status, answer.json().code], [503, 'app_misconfigured']);
    assert.equal(answer.json().detail, 'Run: aws secretsmanager …');
    const leaking = await throwing(new AppMisconfiguredError('crm', 'sent client_secret=canary')).get(session);
    assert.equal(leaking.json().detail, 'sent client_secret=[redacted]');
  });

  it('that is an item of another release says so, and leaves its key to the log', async () => {
    const stack = throwing(new UnreadableItemError('item C#crm.org.user has version 3; this release reads version 1'));
    const { status, text, json } = await stack.get(session);
    assert.deepEqual([status, json().code], [500, 'internal_error']);
    assert.match(json().detail, /written by another release, or is damaged; .* under request gateway-request-1\.$/);
    assert.ok(!text.includes('C#') && stack.log.text().includes('C#crm.org.user has version 3'));
  });

  it('that nobody foresaw is answered with the request id alone, and logged with its stack, redacted', async () => {
    const stack = throwing(new Error('exploded near code=canary-code and 00D000000000001!canary.token'));
    const answer = await stack.get(session);
    assert.deepEqual([answer.status, answer.json().code], [500, 'internal_error']);
    assert.match(answer.json().detail, /gateway-request-1/);
    assert.ok(!answer.text.includes('exploded'));
    const failure = stack.log.lines.find(({ level }) => level === 'error');
    assert.match(JSON.stringify(failure?.fields), /exploded near .*http-failures\.test\.ts/);
    assert.ok(!stack.log.text().includes('canary'));
  });

  it('that is no Error is answered all the same', async () => {
    for (const thrown of ['text', undefined, null, { code: 'x' }]) {
      assert.equal((await throwing(thrown).get(session)).status, 500);
    }
  });
});

describe('the account of a request', () => {
  it('is one line and one set of metrics that name the pattern, never the path or query', async () => {
    const { get, log, metrics } = connectStack();
    await get({ path: `/connect/${linkSecret}`, query: 'code=canary-code&state=canary-state' });
    assert.equal(log.lines.length, 1);
    const { route, status, request_id } = log.lines[0]?.fields ?? {};
    assert.deepEqual([route, status, request_id], ['GET /connect/{secret}', 200, 'gateway-request-1']);
    assert.deepEqual(metrics.observed[0]?.dimensions, { route: 'GET /connect/{secret}' });
    assert.deepEqual(
      metrics.observed[0]?.values.map(({ name, unit }) => [name, unit]),
      [
        ['Requests', 'Count'],
        ['Errors5xx', 'Count'],
        ['Latency', 'Milliseconds'],
      ],
    );
    assert.equal(metrics.flushes(), 1);
    assert.ok(!(log.text() + JSON.stringify(metrics.observed)).includes('canary'));
  });

  it('leaves paths and queries out where routing or the handler fails', async () => {
    const { get, log, metrics } = connectStack({
      'GET /connect/{secret}': async ({ path }) => {
        throw new TypeError(`cannot read ${path}`);
      },
    });
    const query = 'code=canary-code';
    await get({ path: `/connect/${linkSecret}`, query });
    await get({ path: `/connect/${linkSecret}/more`, query });
    await get({ path: `/connect/${linkSecret}`, method: 'POST', query });
    await get({ path: `/connect/${linkSecret}%zz`, query });
    const statuses = log.lines.filter(({ level }) => level === 'info').map(({ fields }) => fields.status);
    assert.deepEqual(statuses, [500, 404, 405, 400]);
    assert.ok(!(log.text() + JSON.stringify(metrics.observed)).includes('canary'));
  });

  it('counts a 5xx as an error and a 4xx as none', async () => {
    const errorsOf = async (stack: ReturnType<typeof connectStack>, options: EventOptions) => {
      await stack.get(options);
      return stack.metrics.observed[0]?.values.find(({ name }) => name === 'Errors5xx')?.value;
    };
    assert.equal(await errorsOf(throwing(new Error('x')), session), 1);
    assert.equal(await errorsOf(connectStack(), { path: '/nowhere' }), 0);
  });
});
