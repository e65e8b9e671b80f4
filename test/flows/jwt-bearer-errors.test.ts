import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenErrors } from '../../dev/simulator/error-table.ts';
import { classify, type FailureClass } from '../../functions/core/error-table.ts';
import { type Flow, type FlowOptions, jwtOrder, otherUser, startFlow, worksAtSalesforce } from '../support/flow.ts';
import { flowSigningKeys } from '../support/flow-signing-keys.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

async function withFlow(work: (flow: Flow) => Promise<void>, options?: FlowOptions): Promise<void> {
  const flow = await startFlow(options);
  try {
    await work(flow);
  } finally {
    await flow.close();
  }
}

function answerNext(flow: Flow, ...errors: readonly [error: string, error_description: string][]): void {
  flow.simulator.switches.nextErrors = errors.map(([error, error_description]) => ({
    endpoint: 'token',
    error,
    error_description,
  }));
}

/** What who asks for a new connection gets, and who reads an ended token of one that is there. */
const expected: Readonly<Record<Exclude<FailureClass, 'dead'>, { made: [number, string]; read: [number, string?] }>> = {
  admin: { made: [409, 'admin_action_required'], read: [409, 'admin_action_required'] },
  operator: { made: [503, 'app_misconfigured'], read: [503, 'app_misconfigured'] },
  bug: { made: [503, 'app_misconfigured'], read: [503, 'refresh_pending'] },
  // The token that ended may live still, and is served as stale.
  transient: { made: [503, 'refresh_pending'], read: [200] },
  busy: { made: [503, 'refresh_pending'], read: [200] },
  unknown: { made: [503, 'refresh_pending'], read: [200] },
};

describe('each known error, answered to an assertion', { concurrency: 4 }, () => {
  for (const { error, error_description } of tokenErrors) {
    const failureClass = classify(error, error_description, 'jwt_bearer');

    it(`${error}: ${error_description} is ${failureClass}, says what to do, and never kills`, () =>
      withFlow(async (flow) => {
        assert.ok(failureClass !== 'dead', 'nobody could authorize again');
        const { made, read } = expected[failureClass];
        answerNext(flow, [error, error_description]);
        const refused = await flow.introduce();
        assert.deepEqual([refused.status, refused.body.code], made, JSON.stringify(refused.body));
        assert.ok(refused.body.detail.includes(error_description));
        if (made[1] !== 'refresh_pending') assert.ok(refused.body.remedy.length > 20, 'what to do');
        if (refused.status === 503) assert.ok(Number(refused.headers.get('retry-after')) > 0);

        flow.clock.advance(hourMs);
        const { body } = await flow.introduce();
        assert.equal(body.status, 'active', 'it was for now');
        flow.clock.advance(3 * hourMs);
        answerNext(flow, [error, error_description]);
        const answer = await flow.token(body.id);
        assert.deepEqual([answer.status, answer.body.code], [read[0], read[1]], JSON.stringify(answer.body));
        const shown = await flow.api('GET', `/connections/${body.id}`);
        assert.equal(shown.body.status, failureClass === 'admin' ? 'admin_action_required' : 'active');

        flow.clock.advance(2 * hourMs);
        await flow.stack.tick();
        const later = await flow.token(body.id);
        assert.equal(later.status, 200, JSON.stringify(later.body));
        assert.equal(later.body.stale, undefined);
        assert.ok(await worksAtSalesforce(later));
      }));
  }
});

describe('a user whom the administrator has to let in', () => {
  it('is told of once with the remedy, tried by itself, and told of again when it works', () =>
    withFlow(async (flow) => {
      const { body } = await flow.introduce();
      const clientId = 'local-jwt-client';
      flow.simulator.changeApp(clientId, { preauthorized: [otherUser] });
      flow.clock.advance(3 * hourMs);
      const refused = await flow.token(body.id);
      assert.deepEqual([refused.status, refused.body.code], [409, 'admin_action_required']);
      assert.equal(refused.body.cause, 'user_hasn_t_approved_this_consumer');
      assert.match(refused.body.remedy, /Setup/);
      const asked = flow.assertions();
      for (let reads = 0; reads < 5; reads += 1) assert.equal((await flow.token(body.id)).status, 409);
      assert.equal(flow.assertions(), asked, 'Salesforce is not asked for each reader');
      flow.clock.advance(3 * minuteMs);
      await flow.stack.tick();
      flow.clock.advance(2 * hourMs);
      await flow.stack.tick();
      assert.equal(flow.assertions(), asked + 1, 'tried each hour');
      const types = () => flow.stack.alerts().map(({ type }) => type);
      assert.deepEqual(types(), ['admin_action_required']);
      flow.simulator.changeApp(clientId, { preauthorized: 'all' });
      flow.clock.advance(2 * hourMs);
      await flow.stack.tick();
      flow.clock.advance(3 * minuteMs);
      await flow.stack.tick();
      assert.deepEqual(types(), ['admin_action_required', 'connection_recovered']);
      assert.ok(await worksAtSalesforce(await flow.token(body.id)));
    }));

  it('is not made before, and is at once after', () =>
    withFlow(async (flow) => {
      flow.simulator.changeApp('local-jwt-client', { preauthorized: [otherUser] });
      assert.equal((await flow.introduce()).status, 409);
      assert.equal((await flow.introduce({ ...jwtOrder, username: otherUser })).status, 201, 'another one is');
      flow.simulator.changeApp('local-jwt-client', { preauthorized: 'all' });
      assert.equal((await flow.introduce()).status, 201);
    }));

  it('deactivated, keeps the connection, which works again once active', () =>
    withFlow(async (flow) => {
      const { body } = await flow.introduce();
      flow.simulator.deactivateUser(body.user_id);
      flow.clock.advance(3 * hourMs);
      const refused = await flow.token(body.id);
      assert.deepEqual([refused.status, refused.body.code], [409, 'admin_action_required']);
      assert.equal((await flow.api('GET', `/connections/${body.id}`)).body.status, 'admin_action_required');
      assert.ok(flow.simulator.books.reactivateUser(body.user_id));
      flow.clock.advance(2 * hourMs);
      await flow.stack.tick();
      assert.ok(await worksAtSalesforce(await flow.token(body.id)));
    }));
});

describe('an app that Salesforce refuses', () => {
  it('opens its circuit: one alert, no hammering, other apps not touched, and by itself again', () =>
    withFlow(async (flow) => {
      const { body } = await flow.introduce();
      const { certificatePem } = await flowSigningKeys();
      flow.simulator.changeApp('local-jwt-client', { certificates: [] });
      flow.clock.advance(3 * hourMs);
      const refused = await flow.token(body.id);
      assert.deepEqual([refused.status, refused.body.code], [503, 'app_misconfigured']);
      const asked = flow.assertions();
      for (let reads = 0; reads < 5; reads += 1) await flow.token(body.id);
      const other = await flow.introduce({ ...jwtOrder, username: otherUser });
      assert.deepEqual([other.status, other.body.code], [503, 'app_misconfigured']);
      assert.equal(flow.assertions(), asked, 'the circuit is open');
      assert.equal((await flow.introduce({ app: 'crm-service' })).status, 201);
      assert.equal((await flow.api('GET', `/connections/${body.id}`)).body.status, 'active');
      await flow.stack.tick();
      await flow.stack.tick();
      const alerts = flow.stack.alerts();
      assert.deepEqual(
        alerts.map(({ type, app }) => [type, app]),
        [['app_misconfigured', 'crm-jwt']],
      );
      flow.simulator.changeApp('local-jwt-client', { certificates: [certificatePem] });
      flow.clock.advance(hourMs);
      await flow.stack.tick();
      assert.ok(await worksAtSalesforce(await flow.token(body.id)));
    }));

  it('for its audience, says so', () =>
    withFlow(
      async (flow) => {
        const { status, body } = await flow.introduce();
        assert.deepEqual([status, body.code], [503, 'app_misconfigured']);
        assert.match(body.detail, /audience is invalid/);
        assert.ok(body.remedy.length > 20);
      },
      { change: (ports) => withAudience(ports, 'https://test.salesforce.com') },
    ));

  it('takes an audience of another host where Salesforce knows it', () =>
    withFlow(
      async (flow) => {
        flow.simulator.switches.audiences = ['https://acme.my.site.com'];
        assert.equal((await flow.introduce()).status, 201);
      },
      { change: (ports) => withAudience(ports, 'https://acme.my.site.com') },
    ));
});

describe('Salesforce, failing', () => {
  it('by a login rate, backs off and does not ask for each reader', () =>
    withFlow(async (flow) => {
      const { body } = await flow.introduce();
      flow.clock.advance(3 * hourMs);
      answerNext(flow, ...Array<[string, string]>(10).fill(['rate_limit_exceeded', 'login rate exceeded']));
      const first = await flow.token(body.id);
      assert.deepEqual([first.status, first.body.stale], [200, true]);
      const asked = flow.assertions();
      for (let reads = 0; reads < 5; reads += 1) await flow.token(body.id);
      assert.equal(flow.assertions(), asked);
      const shown = (await flow.api('GET', `/connections/${body.id}`)).body;
      assert.equal(shown.status, 'active');
      assert.equal(shown.last_failure.class, 'transient');
      assert.ok(Date.parse(shown.next_refresh_at) > flow.clock.now());
    }));

  it('by no answer at all, is asked again by itself', () =>
    withFlow(async (flow) => {
      flow.simulator.switches.html503 = true;
      const down = await flow.introduce();
      assert.deepEqual([down.status, down.body.code], [503, 'refresh_pending']);
      flow.simulator.switches.html503 = false;
      const { body } = await flow.introduce();
      flow.clock.advance(3 * hourMs);
      flow.simulator.switches.html503 = true;
      assert.equal((await flow.token(body.id)).body.stale, true);
      flow.simulator.switches.html503 = false;
      flow.clock.advance(hourMs);
      await flow.stack.tick();
      assert.ok(await worksAtSalesforce(await flow.token(body.id)));
    }));

  it('after the login, costs another login and nothing else', () =>
    withFlow(async (flow) => {
      flow.simulator.switches.resetAfterProcessing = true;
      assert.equal((await flow.introduce()).status, 503);
      flow.simulator.switches.resetAfterProcessing = false;
      const made = await flow.introduce();
      assert.deepEqual([made.status, flow.assertions()], [201, 2]);
      assert.ok(await worksAtSalesforce(await flow.token(made.body.id)));
    }));
});

function withAudience(ports: Parameters<NonNullable<FlowOptions['change']>>[0], audience: string): typeof ports {
  const app = ports.config.apps['crm-jwt'];
  assert.ok(app);
  return { ...ports, config: { ...ports.config, apps: { ...ports.config.apps, 'crm-jwt': { ...app, audience } } } };
}
