import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenErrors } from '../../dev/simulator/error-table.ts';
import { classify, errorTable, type FailureClass } from '../../functions/core/error-table.ts';
import { Secret } from '../../functions/core/secret.ts';
import { type Flow, startFlow, worksAtSalesforce } from '../support/flow.ts';

const hourMs = 3_600_000;

/** What a reader of an ended token gets, and how the connection stands, after one answer of this class. */
const expected: Readonly<Record<FailureClass, { status: number; code?: string; shown: string }>> = {
  // Once is not a verdict: the second look, five seconds later, gets a token.
  dead: { status: 200, shown: 'active' },
  admin: { status: 409, code: 'admin_action_required', shown: 'admin_action_required' },
  operator: { status: 503, code: 'app_misconfigured', shown: 'active' },
  bug: { status: 503, code: 'refresh_pending', shown: 'active' },
  transient: { status: 200, shown: 'active' },
  busy: { status: 200, shown: 'active' },
  unknown: { status: 200, shown: 'active' },
};

async function readAfter(flow: Flow, connectionId: string, failureClass: FailureClass) {
  const reading = flow.token(connectionId);
  if (failureClass === 'dead') {
    await flow.clock.someoneWaits(5_000);
    flow.clock.advance(5_000);
  }
  return reading;
}

describe('each known error, answered to a refresh', { concurrency: 4 }, () => {
  for (const { error, error_description } of tokenErrors) {
    const failureClass = classify(error, error_description, 'refresh');
    it(`${error}: ${error_description} is ${failureClass}`, async () => {
      const flow = await startFlow();
      try {
        const { connectionId } = await flow.connect();
        flow.clock.advance(3 * hourMs);
        flow.simulator.switches.nextErrors = [{ endpoint: 'token', error, error_description }];
        const answer = await readAfter(flow, connectionId, failureClass);
        const { status, code, shown } = expected[failureClass];
        assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body));
        assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, shown);
        // Whatever it was, the token was kept: once it is over, the connection works.
        flow.clock.advance(2 * hourMs);
        await flow.stack.tick();
        const later = await flow.token(connectionId);
        assert.equal(later.status, 200);
        assert.ok(await worksAtSalesforce(later));
      } finally {
        await flow.close();
      }
    });
  }

  it('every row of the table is played', () => {
    for (const row of errorTable) {
      const played = tokenErrors.some(
        ({ error, error_description }) =>
          error === row.error && (row.description === undefined || row.description === error_description.toLowerCase()),
      );
      assert.ok(played, `${row.error}: ${row.description ?? '(any)'}`);
    }
  });
});

describe('a client secret that was rotated', () => {
  it('is read again before the app is called misconfigured', async () => {
    let rotated = false;
    const flow = await startFlow({
      change: (ports) => ({
        ...ports,
        secrets: {
          async of(app, options) {
            // The cache still holds the old one; only a fresh read sees the new.
            const { current } = await ports.secrets.of(app, options);
            return { current: rotated && options?.fresh !== true ? new Secret('the old secret') : current };
          },
        },
      }),
    });
    try {
      const { connectionId } = await flow.connect();
      rotated = true;
      flow.clock.advance(3 * hourMs);
      const answer = await flow.token(connectionId);
      assert.equal(answer.status, 200);
      assert.ok(await worksAtSalesforce(answer));
      assert.equal(flow.tokenRequests('refresh_token'), 2);
    } finally {
      await flow.close();
    }
  });

  it('opens the app’s circuit where the stored one is wrong too: one alert, and no hammering', async () => {
    const flow = await startFlow({
      change: (ports) => {
        let connected = false;
        return {
          ...ports,
          secrets: {
            async of(app, options) {
              if (connected) return { current: new Secret('a wrong secret') };
              connected = true;
              return ports.secrets.of(app, options);
            },
          },
        };
      },
    });
    try {
      const { connectionId } = await flow.connect();
      flow.clock.advance(3 * hourMs);
      const first = await flow.token(connectionId);
      assert.equal(first.body.code, 'app_misconfigured');
      const asked = flow.tokenRequests('refresh_token');
      for (let reads = 0; reads < 5; reads += 1) await flow.token(connectionId);
      assert.equal(flow.tokenRequests('refresh_token'), asked, 'the circuit is open');
      assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, 'active');
      await flow.stack.tick();
      await flow.stack.tick();
      const alerts = flow.stack.alerts().filter((alert) => alert.type === 'app_misconfigured');
      assert.equal(alerts.length, 1);
      assert.equal(alerts[0]?.app, 'crm');
    } finally {
      await flow.close();
    }
  });
});
