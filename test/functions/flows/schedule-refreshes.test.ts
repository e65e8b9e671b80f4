import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../../dev/memory/memory-store.ts';
import type { Ports, QueuedRefresh } from '../../../functions/core/ports.ts';
import { scheduleRefreshes } from '../../../functions/flows/schedule-refreshes.ts';
import { aConnection, noon, orgId } from '../../contract/items.ts';
import { memoryPorts } from '../../support/memory-ports.ts';

const ample = () => 60_000;

async function schedule(
  due: readonly { n: number; org: number; agoMs: number }[],
  shards = 1,
  tableIdentity: Ports['tableIdentity'] = { state: async () => ({ kind: 'own' }) },
) {
  const store = createMemoryStore({ shards });
  const queued: QueuedRefresh[] = [];
  const measured = new Map<string, [number, string | undefined]>();
  const { clock, log } = memoryPorts();
  const ports = {
    clock,
    log,
    store,
    tableIdentity,
    refreshQueue: { send: async (requests: readonly QueuedRefresh[]) => void queued.push(...requests) },
    metrics: { add: (name: string, value: number, unit?: string) => void measured.set(name, [value, unit]) },
  };
  assert.equal(clock.now(), noon);
  for (const { n, org, agoMs } of due) {
    await store.connections.create(aConnection(n, { org }, { nextRefreshAt: noon - agoMs }));
  }
  return { count: await scheduleRefreshes(ports, ample), queued, measured };
}

test('what is due is queued with its generation, grouped by org', async () => {
  const { count, queued } = await schedule([
    { n: 1, org: 1, agoMs: 5 },
    { n: 2, org: 2, agoMs: 0 },
    { n: 3, org: 2, agoMs: -1 },
  ]);
  assert.equal(count, 2);
  assert.deepEqual(
    queued.map(({ group, orgId: org }) => [group, org]),
    [
      [orgId(1), orgId(1)],
      [orgId(2), orgId(2)],
    ],
  );
  assert.deepEqual(queued[0]?.request, {
    version: 1,
    connectionId: aConnection(1, { org: 1 }).id,
    generation: { grantId: 'grant-1', refreshes: 0 },
    reason: 'due',
  });
});

test('an org of which very many are due is split over a few groups, beside another that keeps its own', async () => {
  const many = Array.from({ length: 90 }, (_, n) => ({ n, org: 1, agoMs: 10 }));
  const { queued } = await schedule([...many, { n: 91, org: 2, agoMs: 0 }]);
  const groups = new Set(queued.map(({ group }) => group));
  assert.equal(groups.size, 5);
  assert.ok(groups.has(orgId(2)) && !groups.has(orgId(1)));
});

test('how long the longest overdue has waited is measured, over all shards', async () => {
  const due = [30_000, 90_000, 1_000].map((agoMs, n) => ({ n, org: n, agoMs }));
  const { measured } = await schedule(due, 16);
  assert.deepEqual(measured.get('OldestOverdueMs'), [90_000, 'Milliseconds']);
  assert.deepEqual(measured.get('RefreshesQueued'), [3, undefined]);
  assert.deepEqual((await schedule([])).measured.get('OldestOverdueMs'), [0, 'Milliseconds']);
});

test('nothing is queued where the table is a copy of another', async () => {
  const copy: Ports['tableIdentity'] = {
    state: async () => ({ kind: 'restored', tableId: 'copy', tableName: 'grants', storedId: 'other' }),
  };
  const due = [{ n: 1, org: 1, agoMs: 5 }];
  assert.deepEqual((await schedule(due, 1, copy)).queued, []);
  assert.equal((await schedule(due, 1, copy)).count, 0);
  assert.equal((await schedule(due)).count, 1);
});
