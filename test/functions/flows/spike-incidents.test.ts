import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Alert } from '../../../functions/core/alert.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { createRefreshHandler } from '../../../functions/handlers/refresh.ts';
import { dyingAfterWatch } from '../../support/dying.ts';
import { configWith, dueNow, type OrgWorld, orgWorld } from '../../support/org-world.ts';
import { busy, refused, type Turn, timedOut } from '../../support/token-server.ts';
import { lambdaContext } from '../runtime/lambda-event.ts';

/** So many that will be refused, and sixteen that were refreshed just now and work. */
async function partlyDying(failing: number): Promise<OrgWorld> {
  const world = orgWorld();
  await world.seed(1, failing, {});
  await world.seed(1, 16, { refreshedAt: world.ports.clock.now() });
  world.revoke(1, failing);
  return world;
}

describe('an org of which some die', () => {
  it('is no incident below the share: 3 of 16 + 3 tried', async () => {
    const world = await partlyDying(3);
    await world.makeDue(1, 3);
    await world.minutes(5);
    assert.deepEqual(world.types(), Array(3).fill('reauthorization_required'));
    assert.equal((await world.org(1))?.incident, undefined);
  });

  it('is one at the share: 4 of 20 tried', async () => {
    const world = await partlyDying(4);
    await world.makeDue(1, 4);
    await world.minutes(5);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    assert.deepEqual(world.alerts[0]?.counts, { failed: 4, tried: 20, connections: 20, expected: 5 });
  });

  it('is told again when its failures double, under an id of its own', async () => {
    const world = await partlyDying(4);
    await world.makeDue(1, 4);
    await world.minutes(4);
    for (const user of [5, 6, 7, 8, 9]) await dieNow(world, user);
    await world.minutes(3);
    assert.deepEqual(world.types(), ['invalid_grant_spike'], 'nine are not twice the five that were foretold');
    await dieNow(world, 10);
    await world.minutes(3);
    assert.deepEqual(world.types(), ['invalid_grant_spike', 'invalid_grant_spike']);
    const [first, second] = world.alerts;
    assert.equal(second?.id, `${first?.id}.x2`);
    assert.equal(second?.counts.failed, 10);
    assert.match(second?.summary ?? '', /twice/);
    await world.minutes(20);
    assert.equal(world.alerts.at(-1)?.id, `${first?.id}.resolved`);
    assert.equal(world.alerts.length, 3);
  });
});

async function dieNow(world: OrgWorld, user: number): Promise<void> {
  world.ports.server.grants[user - 1]!.alive = false;
  await dueNow(world, user);
}

describe('an incident', () => {
  it('is opened once by forty Lambdas that see it at once', async () => {
    const world = orgWorld();
    await world.seed(1, 40);
    world.revoke(1);
    await world.makeDue(1);
    const requests = await Promise.all(Array.from({ length: 40 }, (_, user) => world.requestFor(1, user + 1)));
    const { ports } = world;
    await ports.clock.run(
      Promise.all(requests.map((request) => createRefreshHandler(ports)(request, lambdaContext()))),
    );
    const writes = (ports.store.calls.get('watches.create') ?? 0) + (ports.store.calls.get('watches.replace') ?? 0);
    assert.ok(writes <= 100, `${writes} tries to write the watch, most of them in vain`);
    await world.minutes(5);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    assert.equal(world.counted.get('SpikesOpened'), 1);
    for (let user = 1; user <= 40; user += 1) {
      assert.equal((await world.connection(1, user)).absorbedBy, world.alerts[0]?.id);
    }
  });

  it('whose process dies between opening and publishing is swept, with the id that it was opened under', async () => {
    const world = orgWorld();
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1);
    let openedAs: string | undefined;
    const mortal = createRefreshHandler(
      dyingAfterWatch(world.ports, ({ incident }) => {
        openedAs = incident?.id;
        return incident !== undefined;
      }),
    );
    for (const user of [1, 2]) await world.refresh(1, user);
    await world.refresh(1, 3, mortal);
    assert.ok(openedAs);
    assert.deepEqual(world.types(), []);
    await world.minutes(3);
    assert.deepEqual(
      world.alerts.map(({ type, id }) => [type, id]),
      [['invalid_grant_spike', openedAs]],
    );
  });

  it('whose alert may have gone out goes out again, under the same id', async () => {
    const sent: Alert[] = [];
    const publish = async (alert: Alert) => {
      sent.push(alert);
      if (sent.length === 1) throw new Error('The answer of the topic was lost.');
    };
    const world = orgWorld({ alerts: { publish } });
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(6);
    assert.equal(sent.length, 2);
    assert.equal(sent[0]?.id, sent[1]?.id);
  });

  it('is found by maintain where every process died before it could count', async () => {
    const world = orgWorld();
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1);
    const { store } = world.ports;
    let broken = true;
    for (const name of ['watches.read', 'watches.create', 'watches.replace']) {
      store.disturbWhile(name, 'unavailable', () => broken);
    }
    for (const user of [1, 2, 3]) await world.refresh(1, user);
    assert.equal(await world.org(1), undefined);
    broken = false;
    await world.minutes(5);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
  });

  it('keeps the alerts of its connections waiting while they are not counted, and no longer than a quarter of an hour', async () => {
    const world = orgWorld();
    await world.seed(1, 1);
    world.revoke(1);
    await world.makeDue(1);
    let broken = true;
    world.ports.store.disturbWhile('watches.create', 'unavailable', () => broken);
    await world.minutes(14);
    assert.deepEqual(world.types(), []);
    await world.minutes(4);
    assert.deepEqual(world.types(), ['reauthorization_required']);
    broken = false;
  });

  it('ends after a quarter of an hour without a new failure, and says who is left', async () => {
    const world = orgWorld();
    await world.seed(1, 3);
    world.revoke(1);
    await world.makeDue(1);
    await world.minutes(13);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    await world.minutes(6);
    assert.deepEqual(world.types(), ['invalid_grant_spike', 'invalid_grant_spike_resolved']);
    const [spike, resolved] = world.alerts;
    assert.equal(resolved?.id, `${spike?.id}.resolved`);
    assert.equal(resolved?.severity, 'warning');
    assert.deepEqual(resolved?.counts, { failed: 3, recovered: 0, left: 3 });
    assert.equal((await world.org(1))?.incident, undefined);
    await world.minutes(30);
    assert.equal(world.alerts.length, 2, 'nothing keeps alerting');
    assert.deepEqual((await world.org(1))?.duties, {}, 'nor is anything looked at any more');
  });
});

describe('what counts', () => {
  const everyRefresh = (world: OrgWorld, turn: Turn, times = 200) =>
    world.ports.server.next('refresh', ...Array<Turn>(times).fill(turn));

  for (const [name, turn] of [
    ['busy', busy],
    ['no answer', () => timedOut],
  ] as const) {
    it(`${name} never does, however often it comes`, async () => {
      const world = orgWorld();
      await world.seed(1, 6);
      everyRefresh(world, turn);
      await world.makeDue(1);
      await world.minutes(12);
      assert.deepEqual(world.types(), []);
      assert.equal((await world.org(1))?.failedAt, undefined);
      assert.equal((await world.connection(1, 1)).failingSince, undefined);
    });
  }

  it('an administrator’s block does, and its single alerts are absorbed', async () => {
    const world = orgWorld();
    await world.seed(1, 4);
    everyRefresh(world, refused('invalid_grant', 'ip restricted'));
    await world.makeDue(1);
    await world.minutes(6);
    assert.deepEqual(world.types(), ['invalid_grant_spike']);
    assert.equal(world.alerts[0]?.cause, 'ip_restricted');
    const { status, absorbedBy } = await world.connection(1, 4);
    assert.deepEqual([status, absorbedBy], ['admin_action_required', world.alerts[0]?.id]);
  });

  it('by the app’s own thresholds', async () => {
    for (const [minimumConnections, expected] of [
      [2, ['invalid_grant_spike']],
      [3, ['reauthorization_required', 'reauthorization_required']],
    ] as const) {
      const world = orgWorld({ config: configWith({ minimumConnections }) });
      await world.seed(1, 2);
      world.revoke(1);
      await world.makeDue(1);
      await world.minutes(5);
      assert.deepEqual(world.types(), expected);
    }
  });

  it('an undisturbed refresh costs one read and two writes, and looks at no watch', async () => {
    const world = orgWorld();
    await world.seed(1, 2);
    await world.makeDue(1);
    // The keys of the org, and the app's circuit, are read once for each process.
    const handler = createRefreshHandler(world.ports);
    await world.refresh(1, 1, handler);
    world.ports.store.resetCalls();
    await world.refresh(1, 2, handler);
    assert.deepEqual(Object.fromEntries(world.ports.store.calls), { 'connections.read': 1, 'connections.replace': 2 });
  });

  it('a store that cannot be asked leaves all of it to maintain, and no report suffers', async () => {
    const world = orgWorld();
    await world.seed(1, 1);
    world.revoke(1);
    world.ports.store.disturbWhile('watches.read', 'unavailable', () => true);
    await world.makeDue(1);
    const report = await world.refresh(1, 1);
    assert.deepEqual((report as { outcome: string }).outcome, 'reauthorization_required');
    await assert.rejects(world.ports.store.watches.read('x'), StoreUnavailableError);
  });
});
