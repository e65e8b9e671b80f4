import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configWith, dueNow, orgWorld } from '../../support/org-world.ts';

describe('a recovery', () => {
  it('by itself is counted at the end of the incident, and told by nothing else', async () => {
    const world = orgWorld({ config: configWith({ holdMinutes: 90 }) });
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(5);
    world.mend(1);
    await world.minutes(60);
    assert.deepEqual(world.types(), ['invalid_grant_spike'], 'all of them work again, an hour later');
    assert.equal((await world.connection(1, 1)).status, 'active');
    await world.minutes(40);
    const resolved = world.alerts.at(-1);
    assert.equal(resolved?.type, 'invalid_grant_spike_resolved');
    assert.deepEqual(resolved?.counts, { failed: 3, recovered: 3, left: 0 });
    assert.equal(resolved?.severity, 'info');
    assert.equal(world.alerts.length, 2);
  });

  it('by itself after the incident is one summary of the org, however many come back', async () => {
    const world = orgWorld();
    await world.seed(1, 5);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(30);
    world.mend(1);
    await world.minutes(45);
    assert.deepEqual(world.types(), ['invalid_grant_spike', 'invalid_grant_spike_resolved', 'connection_recovered']);
    const summary = world.alerts.at(-1);
    assert.ok(summary?.id.startsWith(`${world.alerts[0]?.id}.recovered.`));
    assert.deepEqual(summary?.counts, { recovered: 5, left: 0 });
    assert.equal(summary?.org_id, (await world.connection(1, 1)).orgId);
  });

  it('before its two minutes are over is told to nobody', async () => {
    const world = orgWorld();
    await world.seed(1, 1);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(1);
    assert.equal((await world.connection(1, 1)).status, 'reauthorization_required');
    world.mend(1);
    await dueNow(world, 1);
    await world.minutes(5);
    assert.equal((await world.connection(1, 1)).status, 'active');
    assert.deepEqual(world.types(), []);
  });

  it('of what was told singly is told singly', async () => {
    const world = orgWorld();
    await world.seed(1, 1);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(5);
    world.mend(1);
    await world.minutes(65);
    assert.deepEqual(world.types(), ['reauthorization_required', 'connection_recovered']);
  });
});
