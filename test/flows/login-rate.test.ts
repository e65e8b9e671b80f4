import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sha256Hex } from '../../functions/core/hash.ts';
import type { Ports } from '../../functions/core/ports.ts';
import { type Flow, startFlow, worksAtSalesforce } from '../support/flow.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const limit = 10;

function withLogins(loginsPerHour: number): (ports: Ports) => Ports {
  return (ports) => {
    const apps = Object.entries(ports.config.apps).map(([name, app]) => [name, { ...app, loginsPerHour }]);
    return { ...ports, config: { ...ports.config, apps: Object.fromEntries(apps) } };
  };
}

/** Somebody who objects to each token as soon as he has it, each four minutes, for three hours. */
async function insatiable(flow: Flow, order: Record<string, unknown>): Promise<{ refreshed: number }> {
  flow.simulator.switches.loginsPerHour = limit;
  const { body } = await flow.introduce(order);
  let tokens = 0;
  for (let elapsed = 0; elapsed < 3 * hourMs; elapsed += 4 * minuteMs) {
    const token = await flow.token(body.id);
    if (token.status === 200 && token.body.stale === undefined) {
      tokens += 1;
      assert.ok(await worksAtSalesforce(token));
      const rejected_token_sha256 = sha256Hex(token.body.access_token);
      await flow.api('POST', `/connections/${body.id}/token`, { rejected_token_sha256 });
    } else {
      assert.equal(token.body.code, 'refresh_pending');
      assert.ok(Number(token.headers.get('retry-after')) > 0);
    }
    flow.clock.advance(4 * minuteMs);
    await flow.stack.tick();
  }
  return { refreshed: tokens };
}

function refusedForRate(flow: Flow): number {
  const seen = flow.simulator.books.requests({ endpoint: 'token' });
  return seen.filter(({ outcome }) => outcome.includes('login rate exceeded')).length;
}

describe('the logins that Salesforce takes of a user in an hour', () => {
  for (const [flowName, order] of [
    ['an assertion', undefined],
    ['client credentials', { app: 'crm-service' }],
  ] as const) {
    it(`are never used up by ${flowName}: refreshes are put off before, and go on after`, async () => {
      const flow = await startFlow({ change: withLogins(limit) });
      try {
        const { refreshed } = await insatiable(flow, order ?? { app: 'crm-jwt', username: 'ada@acme.example' });
        assert.equal(refusedForRate(flow), 0);
        assert.ok(refreshed >= limit, `${refreshed} in three hours`);
      } finally {
        await flow.close();
      }
    });
  }

  it('are used up where the configuration believes in more', async () => {
    const flow = await startFlow({ change: withLogins(3_600) });
    try {
      await insatiable(flow, { app: 'crm-jwt', username: 'ada@acme.example' });
      assert.ok(refusedForRate(flow) > 0);
    } finally {
      await flow.close();
    }
  });

  it('are counted for POST too: who asks too often is told when to ask again', async () => {
    const flow = await startFlow({ change: withLogins(limit) });
    try {
      flow.simulator.switches.loginsPerHour = limit;
      flow.simulator.changeApp('local-jwt-client', { preauthorized: [] });
      const statuses: number[] = [];
      for (let asked = 0; asked < 6; asked += 1) statuses.push((await flow.introduce()).status);
      assert.equal(statuses[0], 409);
      const last = await flow.introduce();
      assert.deepEqual([last.status, last.body.code], [429, 'rate_limited']);
      flow.simulator.changeApp('local-jwt-client', { preauthorized: 'all' });
      flow.clock.advance(Number(last.headers.get('retry-after')) * 1_000);
      assert.equal((await flow.introduce()).status, 201);
    } finally {
      await flow.close();
    }
  });

  it('are not spent by those who find the connection there', async () => {
    const flow = await startFlow({ change: withLogins(limit) });
    try {
      await flow.introduce();
      for (let asked = 0; asked < 3 * limit; asked += 1) assert.equal((await flow.introduce()).status, 200);
      assert.equal(flow.assertions(), 1);
    } finally {
      await flow.close();
    }
  });
});
