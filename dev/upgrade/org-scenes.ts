/** Scenes of an org whose connections die together: counted, and not told of yet. */
import assert from 'node:assert/strict';
import { org } from '../../test/support/flow.ts';
import type { Scene } from './scene.ts';
import { confirmMs, dueMs, minuteMs } from './scene-acts.ts';
import { owes, type Written } from './scene-writes.ts';
import type { UpgradeWorld } from './upgrade-world.ts';

export const orgScenes = {
  'org-failing': {
    leaves: 'three connections of an org that died, and a look at their org that is owed',
    unknownTo: '8ee7e62',
    act: (world) => deadOrg(world, (after) => after.activeAt !== undefined && owes(after, 'watch')),
  },
  'org-dead': {
    leaves: 'an org’s incident that was opened, its alert owed',
    unknownTo: '8ee7e62',
    act: (world) => deadOrg(world, (after) => after.activeAt !== undefined && after.incident !== undefined),
  },
} as const satisfies Record<string, Scene>;

/** Three of one org are refused for good; the process dies behind the write that `judge` names. */
async function deadOrg(world: UpgradeWorld, judge: (after: Written) => boolean): Promise<Record<string, string>> {
  const { flow } = world;
  const ids: string[] = [];
  for (const [index, { username }] of org.users.slice(0, 3).entries()) {
    ids.push((await flow.connect({ tenant: `t${index}` }, username)).connectionId);
  }
  await flow.stack.tick();
  for (const { id } of flow.simulator.books.liveGrants()) flow.simulator.revokeGrant(id);
  flow.clock.advance(dueMs);
  let died = false;
  world.onWrite((after) => {
    if (!judge(after)) return undefined;
    died = true;
    return 'die';
  });
  for (let round = 0; round < 10 && !died; round += 1) {
    const ticking = flow.stack.tick().then(() => 'ended');
    while ((await Promise.race([ticking, flow.clock.someoneWaits(confirmMs)])) !== 'ended') {
      flow.clock.advance(confirmMs);
    }
    if (!died) flow.clock.advance(minuteMs);
  }
  assert.ok(died);
  return { connection: ids[0] ?? '' };
}
