import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Switches } from '../../dev/simulator/simulator.ts';
import { AppMisconfiguredError } from '../../functions/core/errors.ts';
import { otherOrg, startFlow, worksAtSalesforce } from '../support/flow.ts';

describe('grants that are refused', () => {
  const cases: [string, Partial<Switches>, Record<string, unknown>, string][] = [
    ['a wrong signature', { wrongSignature: true }, {}, 'wrong_signature'],
    ['a foreign instance', { foreignInstanceUrl: 'https://evil.example' }, {}, 'foreign_instance'],
    ['a foreign identity host', { foreignIdHost: 'https://login.salesforce.com.evil.example' }, {}, 'foreign_identity'],
    ['another org than expected', {}, { expected_org_id: otherOrg.id }, 'wrong_org'],
  ];
  for (const [what, switches, more, code] of cases) {
    it(`refuses ${what}, stores nothing and revokes the grant`, async () => {
      const flow = await startFlow();
      try {
        Object.assign(flow.simulator.switches, switches);
        const { session, callback } = await flow.connect(more);
        assert.equal(callback.status, 400);
        assert.equal(session.status, 'failed');
        assert.equal(session.error.code, code);
        assert.equal(flow.simulator.books.grants().length, 1);
        assert.equal(flow.simulator.books.liveGrants().length, 0, 'no grant is left orphaned');
        assert.deepEqual((await flow.api('GET', '/connections')).body.connections, []);
      } finally {
        await flow.close();
      }
    });
  }

  it('revokes a refused grant later where Salesforce does not take the revocation at once', async () => {
    const flow = await startFlow();
    try {
      flow.simulator.switches.wrongSignature = true;
      flow.simulator.switches.nextErrors = [
        { endpoint: 'revoke', error: 'server_error', error_description: 'try later', status: 500 },
      ];
      await flow.connect();
      assert.equal(flow.simulator.books.liveGrants().length, 1);
      flow.clock.advance(3 * 60_000);
      await flow.stack.tick();
      assert.equal(flow.simulator.books.liveGrants().length, 0);
    } finally {
      await flow.close();
    }
  });

  it('accepts a response without signature', async () => {
    const flow = await startFlow();
    try {
      flow.simulator.switches.omitSignature = true;
      assert.equal((await flow.connect()).session.status, 'connected');
    } finally {
      await flow.close();
    }
  });

  it('says that a secret is unset, spends nothing at Salesforce, and works once it is set', async () => {
    let unset = true;
    const flow = await startFlow({
      change: (ports) => ({
        ...ports,
        secrets: {
          of: async (app, options) => {
            if (unset) throw new AppMisconfiguredError(app, `The client secret of app ${app} is unset: set it.`);
            return ports.secrets.of(app, options);
          },
        },
      }),
    });
    try {
      const { session, callback } = await flow.connect();
      assert.equal(callback.status, 503);
      assert.equal(session.error.code, 'app_misconfigured');
      assert.equal(flow.simulator.books.grants().length, 0);
      unset = false;
      const { connectionId } = await flow.connect();
      unset = true;
      flow.clock.advance(3 * 3_600_000);
      const answer = await flow.token(connectionId);
      assert.equal(answer.status, 503);
      assert.equal(answer.body.code, 'app_misconfigured');
      assert.match(answer.body.detail, /unset/);
      assert.equal((await flow.api('GET', `/connections/${connectionId}`)).body.status, 'active');
      unset = false;
      assert.ok(await worksAtSalesforce(await flow.token(connectionId)));
    } finally {
      await flow.close();
    }
  });
});
