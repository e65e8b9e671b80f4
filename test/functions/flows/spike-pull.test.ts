import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRefreshHandler } from '../../../functions/handlers/refresh.ts';
import { dyingAfterWatch } from '../../support/dying.ts';
import { orgWorld } from '../../support/org-world.ts';

describe('the pull of an org’s others', () => {
  it('tries ten more of an org that lives, once, and leaves the others to their time', async () => {
    const world = orgWorld();
    await world.seed(1, 100);
    world.revoke(1, 1);
    await world.makeDue(1, 1);
    const before = world.ports.server.count('refresh');
    await world.minutes(10);
    // Twice the dead one, and ten of the others.
    assert.equal(world.ports.server.count('refresh') - before, 12);
    assert.equal(world.counted.get('PulledForward'), 10);
    assert.deepEqual(world.types(), ['reauthorization_required']);
  });

  it('is taken over where the process died in its first wave', async () => {
    const world = orgWorld();
    await world.seed(1, 30);
    world.revoke(1);
    await world.makeDue(1, 1);
    await world.refresh(1, 1, createRefreshHandler(dyingAfterWatch(world.ports, ({ pull }) => pull?.waves === 0)));
    assert.equal(world.counted.get('PulledForward'), undefined);
    await world.minutes(4);
    assert.ok((world.counted.get('PulledForward') ?? 0) >= 10);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
  });

  it('asks no more than a wave in a minute', async () => {
    const world = orgWorld();
    await world.seed(1, 120);
    world.revoke(1);
    await world.makeDue(1, 1);
    let last = 0;
    for (let minute = 0; minute < 6; minute += 1) {
      await world.minutes(1);
      const pulled = world.counted.get('PulledForward') ?? 0;
      assert.ok(pulled - last <= 30, `${pulled - last} in one minute`);
      last = pulled;
    }
    assert.ok(last >= 60, `${last} in all`);
  });
});
