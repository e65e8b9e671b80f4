/** Scenes of what ends: grants that newer ones superseded, connections that were disconnected, uses unlinked. */
import assert from 'node:assert/strict';
import type { Scene } from './scene.ts';
import { freshConnection, minuteMs, revokedLater } from './scene-acts.ts';
import { owes } from './scene-writes.ts';

export const endingScenes = {
  superseded: {
    leaves: 'a connection that was authorized again, its older grant to be revoked after the grace',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      flow.clock.advance(minuteMs);
      await flow.connect({ reauthorize: true });
      await flow.stack.tick();
      return { connection };
    },
  },
  'budget-spent': {
    leaves: 'four older grants in their grace, as many as Salesforce bears beside the newest',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      for (let round = 0; round < 5; round += 1) {
        flow.clock.advance(1_000);
        await flow.connect({ reauthorize: true });
      }
      return { connection };
    },
  },
  disconnected: {
    leaves: 'a disconnected connection whose grant Salesforce did not yet revoke',
    async act({ flow }) {
      const { connectionId: connection } = await flow.connect();
      flow.simulator.switches.html503 = true;
      assert.equal((await flow.api('DELETE', `/connections/${connection}`)).status, 204);
      await flow.stack.tick();
      flow.simulator.switches.html503 = false;
      return { connection };
    },
  },
  unlinking: {
    leaves: 'an unlink whose process died behind the write that owes it',
    async act(world) {
      const { flow } = world;
      const connection = await freshConnection(flow);
      world.onWrite((after) => (owes(after, 'unlink') ? 'die' : undefined));
      await flow.api('DELETE', '/integrations/acme/sync');
      return { connection };
    },
  },
  'access-token-kept': {
    leaves: 'a connection without a browser that was disconnected, its access token to be revoked by another Lambda',
    unknownTo: '8ee7e62',
    async act(world) {
      const { flow } = world;
      const { id: connection } = (await flow.introduce()).body;
      await flow.stack.tick();
      flow.simulator.switches.nextErrors = [revokedLater, revokedLater];
      assert.equal((await flow.api('DELETE', `/connections/${connection}`)).status, 204);
      await flow.stack.tick();
      return { connection };
    },
  },
} as const satisfies Record<string, Scene>;
