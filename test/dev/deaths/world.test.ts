import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Authorization } from '../../../dev/deaths/authorizing.ts';
import { scenarios } from '../../../dev/deaths/deaths.ts';
import type { Person } from '../../../dev/deaths/population.ts';
import { truthOf } from '../../../dev/deaths/truth.ts';
import { dayMs, hourMs, minuteMs, World } from '../../../dev/deaths/world.ts';
import { outcomeOf } from '../../../functions/core/ledger.ts';

async function aWorld(rotation = false): Promise<{ world: World; person: Person; id: string }> {
  const world = new World({ seed: 1, sizes: [1], switches: { rotation } });
  const [[person] = []] = world.orgs;
  assert.ok(person);
  const id = await world.authorizing.authorize(person);
  assert.ok(id);
  return { world, person, id };
}

describe('a world of deaths', () => {
  it('refreshes by the real schedule: a connection in use in ninety minutes, an idle one in a day', async () => {
    const { world, id } = await aWorld();
    world.inUse.add(id);
    await world.read(id);
    await world.pass(4 * hourMs);
    assert.equal((await world.connection(id)).grant?.refreshes, 2);
    world.inUse.clear();
    await world.pass(3 * dayMs);
    // In use it would have been forty-eight.
    assert.ok(((await world.connection(id)).grant?.refreshes ?? 48) <= 8);
  });

  it('stands still where it is told to', async () => {
    const { world, id } = await aWorld();
    world.stopped = true;
    await world.pass(5 * dayMs);
    assert.equal((await world.connection(id)).grant?.refreshes, 0);
  });

  const outcomes: [Authorization, string, number][] = [
    ['answer_lost', 'orphaned', 2],
    ['not_reached', 'orphaned', 1],
    ['refused', 'refused', 1],
    ['stored', 'stored', 2],
  ];
  for (const [what, outcome, live] of outcomes) {
    it(`enters an authorization that is ${what} into the ledger as ${outcome}, with ${live} live grants at Salesforce`, async () => {
      const { world, person, id } = await aWorld();
      await world.pass(minuteMs);
      await world.authorizing.authorize(person, what);
      const ledger = await world.ports.store.ledgers.read(id);
      const [, second] = ledger?.entries ?? [];
      assert.ok(second);
      assert.equal(outcomeOf(second, world.clock.now()), outcome);
      assert.equal(world.simulator.books.liveGrants().length, live);
    });
  }

  it('diagnoses what died when its alert is due, once', async () => {
    const { world, person, id } = await aWorld();
    for (const { id: grantId } of world.simulator.books.liveGrants()) world.simulator.revokeGrant(grantId);
    await world.pass(2 * dayMs);
    assert.equal(world.died.length, 1);
    assert.equal(world.died[0]?.connection.id, id);
    const told = world.alerts.find(({ type }) => type === 'reauthorization_required');
    assert.equal(told?.cause, world.died[0]?.diagnosis.cause);
    assert.deepEqual(told?.evidence.slice(1), world.died[0]?.diagnosis.evidence);
    const doings = { byUser: new Map([[person.userId, 'by this test']]), policy: '' };
    assert.equal(await truthOf(world, (world.died[0] as (typeof world.died)[0]).connection, doings), 'by this test');
  });
});

describe('a scenario', () => {
  for (const [cause, die] of Object.entries(scenarios)) {
    it(`of ${cause} brings that death, whatever comes besides`, async () => {
      const truths: string[] = [];
      for (let seed = 1; seed <= 3; seed += 1) {
        const { world, doings } = await die(seed);
        for (const { connection } of world.died) truths.push(await truthOf(world, connection, doings));
      }
      assert.ok(truths.includes(cause), truths.join());
    });
  }
});
