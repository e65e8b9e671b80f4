/** Scenes of verdicts: grants that Salesforce calls dead, apps that it refuses, incidents of the keeper's own. */
import assert from 'node:assert/strict';
import type { Flow } from '../../test/support/flow.ts';
import type { Scene } from './scene.ts';
import { confirmMs, dueConnection, minuteMs, refreshOf } from './scene-acts.ts';
import { grantOf, withheldConnection } from './scene-writes.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

export const verdictScenes = {
  'dead-once': {
    leaves: 'a grant that was called dead once, its process killed before it asked again',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      flow.simulator.revokeGrant(onlyGrant(world));
      world.onWrite((after) => (grantOf(after).deadSince === undefined ? undefined : 'die'));
      await flow.stack.tick();
      return { connection };
    },
  },
  'dead-alert-owed': {
    leaves: 'a dead connection whose alert is owed',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      flow.simulator.revokeGrant(onlyGrant(world));
      world.onWrite((after) => (after.status === 'reauthorization_required' ? 'die' : undefined));
      await tickUntilConfirmed(flow);
      return { connection };
    },
  },
  'dead-told': {
    leaves: 'a dead connection whose alert was published',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      flow.simulator.revokeGrant(onlyGrant(world));
      await tickUntilConfirmed(flow);
      flow.clock.advance(3 * minuteMs);
      await flow.stack.tick();
      assert.equal(flow.stack.alerts().filter(({ type }) => type === 'reauthorization_required').length, 1);
      return { connection };
    },
  },
  admin: {
    leaves: 'a connection that waits for its administrator, its alert owed',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'invalid_grant', error_description: 'ip restricted' },
      ];
      world.onWrite((after) => (after.status === 'admin_action_required' ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  circuit: {
    leaves: 'an app that Salesforce refuses, its circuit open and its alert owed',
    async act(world) {
      const { flow } = world;
      const connection = await dueConnection(flow);
      flow.simulator.switches.nextErrors = [
        { endpoint: 'token', error: 'invalid_client_id', error_description: 'client identifier invalid' },
      ];
      world.onWrite((after) => (after.openedAt !== undefined ? 'die' : undefined));
      await flow.stack.tick();
      return { connection };
    },
  },
  incident: {
    leaves: 'an incident of the lifeboat that is open, its alert owed',
    async act(world) {
      const { flow } = world;
      const connection = await withheldConnection(world);
      await refreshOf(world, connection);
      world.onWrite((after) => (after.finding === undefined ? undefined : 'die'));
      await flow.stack.handlers.maintain({});
      return { connection };
    },
  },
  'incident-quiet': {
    leaves: 'an incident that was told and is not seen any more',
    async act(world) {
      const { flow } = world;
      const connection = await withheldConnection(world);
      await refreshOf(world, connection);
      world.onWrite(undefined);
      for (let rounds = 0; rounds < 3; rounds += 1) {
        await flow.stack.tick();
        flow.clock.advance(minuteMs);
      }
      const incident = await flow.stack.ports.store.incidents.read('tokens_in_lifeboat');
      assert.notEqual(incident?.quietSince, undefined, 'told, and over');
      return { connection };
    },
  },
} as const satisfies Record<string, Scene>;

/** One round in which a grant is called dead, and called dead again. */
async function tickUntilConfirmed(flow: Flow): Promise<void> {
  const ticking = flow.stack.tick();
  await flow.clock.someoneWaits(confirmMs);
  flow.clock.advance(confirmMs);
  await ticking;
}

function onlyGrant({ flow }: UpgradeWorld): string {
  const [grant, ...others] = flow.simulator.books.liveGrants();
  assert.ok(grant);
  assert.deepEqual(others, []);
  return grant.id;
}
