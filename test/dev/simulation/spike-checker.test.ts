/** The checks of spikes and fleets can fail: in a sabotaged world each notices what it is there for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSchedule } from '../../../dev/simulation/schedule.ts';
import { spikeSeeds } from '../../../dev/simulation/spike-scenes.ts';
import { Summary } from '../../../dev/simulation/summary.ts';
import type { World } from '../../../dev/simulation/world.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Watch } from '../../../functions/core/watch.ts';

const promise = '7 one incident, one alert';
const schedules = 60;
const seeds = Array.from({ length: schedules }, (_, index) => spikeSeeds.remainder + index * spikeSeeds.oneIn);

async function noticed(sabotage: (world: World) => void, detail: RegExp): Promise<void> {
  for (const seed of seeds) {
    const { broken } = await runSchedule(seed, false, sabotage);
    if (broken.some((one) => one.promise === promise && detail.test(one.detail))) return;
  }
  assert.fail(`${schedules} schedules did not notice ${detail}`);
}

/** Each write of a watch is changed on its way to the store. */
function watchesWrittenAs(change: (watch: Watch) => Watch): (world: World) => void {
  return ({ store }) => {
    const { watches } = store;
    const [create, replace] = [watches.create.bind(watches), watches.replace.bind(watches)];
    Object.assign(watches, {
      create: (item: Watch) => create(change(item)),
      replace: (before: Watch, after: Watch) => replace(before, change(after)),
    });
  };
}

test('orgs that die in many ways break no promise, and each kind of incident and alert is seen', async () => {
  const summary = new Summary();
  for (const seed of seeds) summary.add(await runSchedule(seed));
  assert.equal(summary.broken, 0, summary.text());
  const expected = [
    'alert_absorbed',
    'alert_fleet_incident',
    'alert_fleet_incident_resolved',
    'alert_invalid_grant_spike',
    'alert_invalid_grant_spike_resolved',
    'alert_reauthorization_required',
    'fleet_revocation_opened',
    'plot_outage',
    'spike_opened',
  ];
  assert.deepEqual(
    expected.filter((one) => !summary.told.has(one)),
    [],
  );
});

test('an incident that is never stored is noticed as lost', async () => {
  await noticed(({ store }) => {
    const read = store.watches.read.bind(store.watches);
    const forgetful = async (id: string) => {
      const watch = await read(id);
      return watch && { ...watch, incident: undefined, duties: {} };
    };
    Object.assign(store.watches, { read: forgetful, create: async () => 'conflict', replace: async () => 'conflict' });
  }, /died together, and no incident tells of it/);
});

test('a watch that forgets its incident is noticed as two incidents', async () => {
  await noticed(({ store }) => {
    const read = store.watches.read.bind(store.watches);
    const forgetful = async (id: string) => {
      const watch = await read(id);
      return watch && { ...watch, incident: undefined };
    };
    Object.assign(store.watches, { read: forgetful });
  }, /opens incident .* while .* is open|lets go of/);
});

test('an incident without its alert is noticed', async () => {
  const silent = (watch: Watch): Watch => ({
    ...watch,
    duties: Object.fromEntries(Object.entries(watch.duties).filter(([, { kind }]) => kind !== 'alert')),
  });
  await noticed(watchesWrittenAs(silent), /never told|which nobody was told/);
});

test('connections that never say since when they fail are noticed', async () => {
  await noticed(({ store }) => {
    const { connections } = store;
    const replace = connections.replace.bind(connections);
    const silent = (before: Connection, after: Connection) => replace(before, { ...after, failingSince: undefined });
    Object.assign(connections, { replace: silent });
  }, /fail|died/);
});
