import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { idOf, orgWorld } from '../../support/org-world.ts';

describe('an org whose connections all die', () => {
  it('of three is one spike, and no alert of a single connection', async () => {
    const world = orgWorld();
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1, 1);
    await world.minutes(6);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    const [spike] = world.alerts;
    assert.deepEqual(spike?.counts, { failed: 3, tried: 3, connections: 3, expected: 3 });
    assert.deepEqual(spike?.connection_ids.toSorted(), [idOf(1, 1), idOf(1, 2), idOf(1, 3)]);
    for (const user of [1, 2, 3]) {
      const { status, absorbedBy, cause, duties } = await world.connection(1, user);
      assert.deepEqual([status, absorbedBy], ['reauthorization_required', spike?.id]);
      assert.equal(cause, 'org_wide_revocation');
      assert.deepEqual(duties, {});
    }
    assert.equal(world.counted.get('AlertsAbsorbed'), 3);
    assert.equal(world.counted.get('SpikesOpened'), 1);
    assert.equal(world.counted.get('Dead_org_wide_revocation'), 3);
  });

  it('of two is told by its connections, each with its cause, and is no spike', async () => {
    const world = orgWorld();
    await world.seed(1, 2);
    world.revoke(1);
    await world.makeDue(1, 1);
    await world.minutes(6);
    assert.deepEqual(world.types(), ['reauthorization_required', 'reauthorization_required']);
    assert.deepEqual((await world.org(1))?.incident, undefined);
    assert.deepEqual((await world.connection(1, 1)).grant?.death?.org, { failed: 2, tried: 2 });
  });

  it('of two hundred is one alert within minutes, and foretells the others', async () => {
    const world = orgWorld();
    await world.seed(1, 200);
    world.revoke(1);
    await world.makeDue(1, 1);
    const began = world.ports.clock.now();
    await world.minutes(14);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    const [spike] = world.alerts;
    assert.ok(Date.parse(spike?.opened_at ?? '') - began <= 3 * 60_000, spike?.opened_at);
    assert.ok((spike?.counts.expected ?? 0) >= 150, `${spike?.counts.expected} of 200`);
    const dead = await Promise.all(Array.from({ length: 200 }, (_, user) => world.connection(1, user + 1)));
    assert.ok(
      dead.every(({ failingSince }) => failingSince !== undefined),
      'waves reach all of them',
    );
  });
});
