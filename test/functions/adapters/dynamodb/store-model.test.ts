import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createMemoryStore } from '../../../../dev/memory/memory-store.ts';
import { createDynamoStore } from '../../../../functions/adapters/dynamodb/store.ts';
import { type Connection, connectionStatuses } from '../../../../functions/core/connection.ts';
import type { Store, Written } from '../../../../functions/core/ports.ts';
import { aConnection, aGrant, dutiesDueAt, next, noon } from '../../../contract/items.ts';
import { createTable, type Dynalite, startDynalite } from '../../../support/dynalite.ts';

/** What a run does to one of three connections, at the newest revision that it has seen or at one before. */
interface Step {
  readonly act: 'create' | 'replace';
  readonly n: number;
  readonly staleBy: number;
  readonly change: Partial<Connection>;
}

const changes: fc.Arbitrary<Partial<Connection>> = fc.record(
  {
    status: fc.constantFrom(...connectionStatuses),
    cause: fc.option(fc.string(), { nil: undefined }),
    nextRefreshAt: fc.option(fc.integer({ min: noon - 3, max: noon + 3 }), { nil: undefined }),
    disconnectedAt: fc.option(fc.constant(noon), { nil: undefined }),
    duties: fc.array(fc.integer({ min: noon - 3, max: noon + 3 }), { maxLength: 2 }).map((due) => dutiesDueAt(...due)),
    grant: fc.option(
      fc.nat(5).map((refreshes) => aGrant('grant', { refreshes, lease: undefined, failures: refreshes })),
      { nil: undefined },
    ),
  },
  { requiredKeys: [] },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('create' as const, 'replace' as const, 'replace' as const),
    n: fc.nat(2),
    staleBy: fc.constantFrom(0, 0, 0, 1, 2),
    change: changes,
  }),
  { maxLength: 12 },
);

describe('the memory store and the DynamoDB store', () => {
  let engine: Dynalite;
  let tables = 0;
  before(async () => {
    engine = await startDynalite();
  });
  after(() => engine.close());

  it('agree on every outcome and on all that can be read, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (run) => {
        const tableName = `model-${tables++}`;
        await createTable(engine.client, tableName);
        const dynamo = await played(createDynamoStore({ client: engine.client, tableName, shards: 1 }), run);
        const memory = await played(createMemoryStore({ shards: 1 }), run);
        assert.deepEqual(memory, dynamo);
      }),
      { numRuns: 40 },
    );
  });
});

/** All that a caller can see of a run: each outcome, and what lies there in the end. */
async function played(store: Store, run: readonly Step[]) {
  const histories = new Map<number, Connection[]>();
  const outcomes: Written[] = [];
  for (const [index, step] of run.entries()) {
    const history = histories.get(step.n) ?? [];
    const seen = history.at(-1 - step.staleBy) ?? history[0] ?? aConnection(step.n);
    const written =
      step.act === 'create'
        ? aConnection(step.n, {}, step.change)
        : next(seen, { ...step.change, writeId: `w-${index}` });
    const outcome =
      step.act === 'create' ? await store.connections.create(written) : await store.connections.replace(seen, written);
    outcomes.push(outcome);
    if (outcome === 'written') histories.set(step.n, [...history, written]);
  }
  const byId = <T extends { connectionId?: string; id?: string }>(items: readonly T[]) =>
    items.toSorted((a, b) => (String(a.connectionId ?? a.id) < String(b.connectionId ?? b.id) ? -1 : 1));
  return {
    outcomes,
    stored: await Promise.all([0, 1, 2].map((n) => store.connections.read(aConnection(n).id))),
    // Of what is due at one instant the order is each store's own.
    due: byId((await store.dueConnections(0, noon, 10)).items),
    duties: byId((await store.dueDuties(0, noon, 10)).items),
    all: (await store.listConnections({ app: 'crm' }, 10)).items,
    counts: await store.countConnections('crm', 2),
    active: (await store.listConnections({ app: 'crm', status: 'active' }, 10)).items,
  };
}
