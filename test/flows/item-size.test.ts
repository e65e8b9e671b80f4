import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startFlow } from '../support/flow.ts';
import { itemBytes } from '../support/item-bytes.ts';
import { storedConnection, withKmsSizedKeys } from '../support/stored-item.ts';

const limitBytes = 2_048;
describe('the stored connection', () => {
  it('stays under 2 KB with no duty open, before and after its first refresh', async () => {
    const flow = await startFlow({ change: withKmsSizedKeys });
    try {
      flow.simulator.switches.rotation = true;
      const { connectionId } = await flow.connect();
      await flow.token(connectionId);
      const fresh = await storedConnection(flow, connectionId);
      assert.deepEqual(fresh.duties?.M, {});
      assert.ok(itemBytes(fresh) < limitBytes, `fresh: ${itemBytes(fresh)} bytes`);
      flow.clock.advance(3 * 3_600_000);
      await flow.token(connectionId);
      const refreshed = await storedConnection(flow, connectionId);
      assert.equal(refreshed.grant?.M?.ownKeys, undefined, 'sealed under the keys of its org');
      assert.ok(itemBytes(refreshed) < limitBytes, `refreshed: ${itemBytes(refreshed)} bytes`);
    } finally {
      await flow.close();
    }
  });
});
