import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { doDuties } from '../../../functions/flows/do-duties.ts';
import { incidentAlertDoer } from '../../../functions/flows/incident-alert-duty.ts';
import { backlogAtLeast, overdueMs, watchBacklog } from '../../../functions/flows/watch-backlog.ts';
import { aConnection, next } from '../../contract/items.ts';
import { type MemoryPorts, memoryPorts } from '../../support/memory-ports.ts';

let ports: MemoryPorts;

beforeEach(() => {
  ports = memoryPorts();
});

async function dueSince(count: number, agoMs: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const nextRefreshAt = ports.clock.now() - agoMs;
    await ports.store.inner.connections.create(aConnection(n, { org: n % 3 }, { nextRefreshAt }));
  }
}

const incident = () => ports.store.inner.incidents.read('refresh_backlog');

async function publish(): Promise<void> {
  const open = await incident();
  if (open) await doDuties(ports, ports.store.incidents, open, { alert: incidentAlertDoer(ports) });
}

test('when all is well nothing is written', async () => {
  await dueSince(30, overdueMs - 1);
  await watchBacklog(ports);
  assert.deepEqual([...ports.store.calls].sort(), [
    ['dueConnections', 16],
    ['incidents.read', 1],
  ]);
  assert.equal(await incident(), undefined);
});

test('a few that are overdue are no backlog, one more is', async () => {
  await dueSince(backlogAtLeast - 1, overdueMs);
  await watchBacklog(ports);
  assert.equal(await incident(), undefined);
  await ports.store.inner.connections.create(aConnection(99, {}, { nextRefreshAt: ports.clock.now() - overdueMs }));
  await watchBacklog(ports);
  assert.equal((await incident())?.openedAt, ports.clock.now());
});

test('one backlog is one alert, however long it lasts, and says how old and how large it is', async () => {
  await dueSince(40, overdueMs + 300_000);
  for (let minute = 0; minute < 30; minute += 1) {
    await watchBacklog(ports);
    await publish();
    ports.clock.advance(60_000);
  }
  assert.equal(ports.published.length, 1);
  const [alert] = ports.published;
  assert.deepEqual(
    [alert?.type, alert?.counts, alert?.connection_ids.length],
    ['refresh_backlog', { connections: 40, orgs: 3 }, 5],
  );
  assert.match(alert?.evidence.join(' ') ?? '', /At least 40 connections of 3 orgs.*20 minutes ago/);
});

test('it resolves silently, and the next one is told of', async () => {
  await dueSince(20, overdueMs);
  await watchBacklog(ports);
  await publish();
  const worked = async (nextRefreshAt: number | undefined) => {
    for (let n = 0; n < 20; n += 1) {
      const connection = (await ports.store.inner.connections.read(aConnection(n, { org: n % 3 }).id))!;
      await ports.store.inner.connections.replace(connection, next(connection, { nextRefreshAt }));
    }
  };
  await worked(undefined);
  for (let minute = 0; minute < 20; minute += 1) {
    await watchBacklog(ports);
    ports.clock.advance(60_000);
  }
  assert.equal((await incident())?.openedAt, undefined);
  assert.equal(ports.published.length, 1);
  await worked(ports.clock.now() - overdueMs);
  await watchBacklog(ports);
  await publish();
  assert.equal(new Set(ports.published.map(({ id }) => id)).size, 2);
});

test('two that watch at once open one incident', async () => {
  await dueSince(20, overdueMs);
  await Promise.all([watchBacklog(ports), watchBacklog(ports)]);
  assert.equal(Object.keys((await incident())?.duties ?? {}).length, 1);
});
