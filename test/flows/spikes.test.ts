import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Flow, org, startFlow } from '../support/flow.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const users = org.users.map(({ username }) => username);

/** Those of the simulator's first org, each a connection of its own. */
async function connectAll(flow: Flow, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, username] of users.slice(0, count).entries()) {
    const { connectionId } = await flow.connect({ tenant: `t${index}` }, username);
    ids.push(connectionId);
  }
  return ids;
}

async function minutes(flow: Flow, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) {
    const ended = flow.stack.tick().then(() => 'ended');
    // What is refused is looked at again five seconds later.
    while ((await Promise.race([ended, flow.clock.someoneWaits(5_000)])) !== 'ended') flow.clock.advance(5_000);
    flow.clock.advance(minuteMs);
  }
}

describe('an org that dies, through the local stack', () => {
  it('is one spike on the topic, with the cause; a new authorization is told by itself', async () => {
    const flow = await startFlow();
    try {
      assert.ok(users.length >= 3, 'the simulator has three users');
      const ids = await connectAll(flow, 3);
      for (const grant of flow.simulator.books.liveGrants()) flow.simulator.revokeGrant(grant.id);
      flow.clock.advance(3 * hourMs);
      await minutes(flow, 6);
      const spikes = flow.stack.alerts();
      assert.deepEqual(
        spikes.map(({ type }) => type),
        ['invalid_grant_spike'],
      );
      assert.deepEqual(spikes[0]?.counts.failed, 3);
      for (const id of ids) {
        const shown = (await flow.api('GET', `/connections/${id}`)).body;
        assert.equal(shown.status, 'reauthorization_required');
      }
      const cured = await flow.connect({ tenant: 't0', reauthorize: true }, users[0]);
      assert.equal(cured.connectionId, ids[0]);
      await minutes(flow, 2);
      const recovered = flow.stack.alerts().at(-1);
      assert.equal(recovered?.type, 'connection_recovered');
      assert.deepEqual(recovered?.connection_ids, [ids[0]]);
      await minutes(flow, 20);
      const resolved = flow.stack.alerts().at(-1);
      assert.equal(resolved?.type, 'invalid_grant_spike_resolved');
      assert.deepEqual(resolved?.counts, { failed: 3, recovered: 1, left: 2 });
      assert.equal(flow.stack.alerts().length, 3);
    } finally {
      await flow.close();
    }
  });
});
