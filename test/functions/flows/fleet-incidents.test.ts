import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../functions/core/config.ts';
import { type OrgWorld, orgIdOf, orgWorld } from '../../support/org-world.ts';
import { type Turn, timedOut } from '../../support/token-server.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

async function fleetOf(orgs: number, size: number): Promise<OrgWorld> {
  const world = orgWorld();
  for (const org of numbers(1, orgs)) await world.seed(org, size);
  return world;
}

describe('orgs of one app that die together', () => {
  it('five of them are one incident, and no connection is told singly', async () => {
    const world = await fleetOf(5, 2);
    for (const org of numbers(1, 5)) {
      world.revoke(org);
      await world.makeDue(org);
    }
    await world.minutes(6);
    assert.deepEqual(world.types(), ['fleet_incident']);
    const [fleet] = world.alerts;
    assert.deepEqual([fleet?.cause, fleet?.org_id, fleet?.severity], ['app_wide_revocation', '', 'critical']);
    assert.deepEqual(fleet?.counts, { failed: 5, tried: 5, orgs: 5, expected: 5 });
    for (const org of numbers(1, 5)) {
      const { absorbedBy, grant } = await world.connection(org, 1);
      assert.equal(absorbedBy, fleet?.id);
      assert.deepEqual(grant?.death?.fleet, { failed: 5, tried: 5 });
    }
    assert.equal(world.counted.get('FleetIncidentsOpened'), 1);
  });

  it('four of them are none', async () => {
    const world = await fleetOf(4, 1);
    for (const org of numbers(1, 4)) {
      world.revoke(org);
      await world.makeDue(org);
    }
    await world.minutes(6);
    assert.deepEqual(world.types(), Array(4).fill('reauthorization_required'));
    assert.equal((await world.fleet())?.incident, undefined);
  });

  it('five of thirty that work are none: each has a reason of its own', async () => {
    const world = await fleetOf(30, 1);
    for (const org of numbers(1, 30)) await world.makeDue(org);
    for (const org of numbers(1, 5)) world.revoke(org);
    await world.minutes(6);
    assert.deepEqual(world.types(), Array(5).fill('reauthorization_required'));
  });

  it('each of which is a spike: the fifth opens the fleet’s, and no further one of an org is sent', async () => {
    const world = await fleetOf(9, 3);
    for (const org of numbers(1, 9)) world.revoke(org);
    for (const org of numbers(1, 4)) await world.makeDue(org);
    await world.minutes(1);
    assert.deepEqual(world.types(), Array(4).fill('invalid_grant_spike'));
    for (const org of numbers(5, 9)) await world.makeDue(org);
    await world.minutes(6);
    assert.deepEqual(world.types(), [...Array(4).fill('invalid_grant_spike'), 'fleet_incident']);
    const fleet = world.alerts.at(-1);
    const ninth = await world.org(9);
    assert.equal(ninth?.incident?.absorbedBy, fleet?.id, 'it is on record');
    await world.minutes(25);
    const ended = world.types().slice(5).toSorted();
    assert.deepEqual(ended, ['fleet_incident_resolved', ...Array(4).fill('invalid_grant_spike_resolved')]);
    assert.equal((await world.org(9))?.incident, undefined, 'what nobody was told of ends silently');
  });

  it('that are spikes in one second: who sees enough of them while another counts leaves its own alert to the fleet', async () => {
    const world = await fleetOf(12, 3);
    for (const org of numbers(1, 12)) {
      world.revoke(org);
      await world.makeDue(org);
    }
    await world.minutes(6);
    const spikes = world.types().filter((type) => type === 'invalid_grant_spike');
    assert.ok(spikes.length < 5, `${spikes.length} spikes of single orgs`);
    assert.deepEqual(
      world.types().filter((type) => type !== 'invalid_grant_spike'),
      ['fleet_incident'],
    );
  });

  it('is known in minutes where each org has one connection, refreshed in another part of the cycle', async () => {
    const world = await fleetOf(24, 1);
    for (const org of numbers(1, 24)) world.revoke(org);
    for (const org of numbers(1, 2)) await world.makeDue(org);
    await world.minutes(8);
    assert.ok(world.types().includes('fleet_incident'), world.types().join());
    assert.ok(world.alerts.length <= 3, `${world.alerts.length} alerts`);
  });

  it('that are healed end it, with as many as still fail', async () => {
    const world = await fleetOf(5, 1);
    for (const org of numbers(1, 5)) {
      world.revoke(org);
      await world.makeDue(org);
    }
    await world.minutes(22);
    const resolved = world.alerts.at(-1);
    assert.deepEqual(world.types(), ['fleet_incident', 'fleet_incident_resolved']);
    assert.equal(resolved?.id, `${world.alerts[0]?.id}.resolved`);
    assert.deepEqual(resolved?.counts, { failed: 5, recovered: 0, left: 5 });
    for (const org of numbers(1, 5)) world.mend(org);
    await world.minutes(50);
    assert.deepEqual(world.types().slice(2), ['connection_recovered'], 'one summary for all orgs');
    assert.deepEqual(world.alerts.at(-1)?.counts, { recovered: 5, left: 0 });
  });

  it('by the thresholds of the configuration', async () => {
    const config = parseConfig(
      { apps: { crm: { clientId: 'crm-client' } }, thresholds: { fleet: { minimumOrgs: 3 } } },
      'test',
    );
    const world = orgWorld({ config });
    for (const org of numbers(1, 3)) {
      await world.seed(org, 1);
      world.revoke(org);
      await world.makeDue(org);
    }
    await world.minutes(5);
    assert.deepEqual(world.types(), ['fleet_incident']);
  });
});

describe('an outage of Salesforce', () => {
  function silent(world: OrgWorld): { down: boolean } {
    const outage = { down: true };
    const turn: Turn = (process) => (outage.down ? timedOut : process());
    world.ports.server.next('refresh', ...Array<Turn>(2_000).fill(turn));
    return outage;
  }

  it('is an incident of its own, and kills nothing', async () => {
    const world = await fleetOf(6, 2);
    silent(world);
    for (const org of numbers(1, 6)) await world.makeDue(org);
    await world.minutes(10);
    assert.deepEqual(world.types(), ['fleet_incident']);
    const [outage] = world.alerts;
    assert.deepEqual([outage?.cause, outage?.severity], ['salesforce_unavailable', 'warning']);
    assert.match(outage?.remedy ?? '', /nothing is to be authorized again/);
    assert.equal((await world.fleet('fleet_revocation'))?.incident, undefined);
    for (const org of numbers(1, 6)) {
      const { status, failingSince, duties } = await world.connection(org, 1);
      assert.deepEqual([status, failingSince, duties], ['active', undefined, {}]);
    }
  });

  it('of four orgs is none', async () => {
    const world = await fleetOf(4, 2);
    silent(world);
    for (const org of numbers(1, 4)) await world.makeDue(org);
    await world.minutes(10);
    assert.deepEqual(world.types(), []);
  });

  it('ends when Salesforce answers again, and not in the silence of the backoff', async () => {
    const world = await fleetOf(5, 1);
    const outage = silent(world);
    for (const org of numbers(1, 5)) await world.makeDue(org);
    await world.minutes(60);
    assert.deepEqual(world.types(), ['fleet_incident']);
    outage.down = false;
    await world.minutes(100);
    assert.deepEqual(world.types(), ['fleet_incident', 'fleet_incident_resolved']);
    const ended = world.alerts.at(-1);
    // Whoever is deepest in its backoff may not have been tried yet.
    assert.ok((ended?.counts.recovered ?? 0) >= 1, JSON.stringify(ended?.counts));
    assert.deepEqual([ended?.counts.failed, ended?.severity], [5, 'info']);
  });

  it('hinders no spike', async () => {
    const world = await fleetOf(6, 3);
    const outage = silent(world);
    for (const org of numbers(1, 6)) await world.makeDue(org);
    await world.minutes(10);
    outage.down = false;
    world.revoke(6);
    await world.makeDue(6);
    await world.minutes(5);
    assert.ok(world.types().includes('invalid_grant_spike'), world.types().join());
    assert.equal(world.alerts.find(({ type }) => type === 'invalid_grant_spike')?.org_id, orgIdOf(6));
  });
});
