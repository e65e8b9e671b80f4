import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../functions/core/connection.ts';
import { StoreUnavailableError } from '../../../functions/core/errors.ts';
import { change, type Decision } from '../../../functions/flows/change.ts';
import { aConnection, next } from '../../contract/items.ts';
import { createScriptedStore, type Disturbance } from '../../support/scripted-store.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';

const seed = aConnection(1);

async function prepared(...disturbances: Disturbance[]) {
  const store = createScriptedStore();
  await store.inner.connections.create(seed);
  store.disturb('connections.replace', ...disturbances);
  return store;
}

/** A decision that counts itself, and what it saw. */
function counting() {
  const seen: (number | undefined)[] = [];
  const decide = (current: Connection | undefined): Decision<Connection, number> => {
    seen.push(current?.revision);
    return { write: { ...(current ?? seed), username: `seen ${seen.length}` }, result: seen.length };
  };
  return { seen, decide };
}

test('one read, one decision, one write', async () => {
  const store = await prepared();
  const { decide } = counting();
  const { result, item } = await change(store.connections, seed.id, decide, { writeId: 'w' });
  assert.equal(result, 1);
  assert.deepEqual([item?.revision, item?.writeId, item?.username], [2, 'w', 'seen 1']);
  assert.deepEqual(await store.inner.connections.read(seed.id), item);
  assert.deepEqual(Object.fromEntries(store.calls), { 'connections.read': 1, 'connections.replace': 1 });
});

test('what was just seen is not read again', async () => {
  const store = await prepared();
  await change(store.connections, seed.id, counting().decide, { writeId: 'w', seen: seed });
  assert.deepEqual(Object.fromEntries(store.calls), { 'connections.replace': 1 });
});

test('a decision to keep writes nothing', async () => {
  const store = await prepared();
  const kept = await change(store.connections, seed.id, () => ({ keep: true, result: 'kept' }), { writeId: 'w' });
  assert.deepEqual(kept, { result: 'kept', item: seed });
  assert.equal(store.calls.get('connections.replace'), undefined);
});

test('what is not there is created at revision 1', async () => {
  const store = createScriptedStore();
  const { item } = await change(store.connections, seed.id, counting().decide, { writeId: 'w' });
  assert.equal(item?.revision, 1);
  assert.deepEqual(Object.fromEntries(store.calls), { 'connections.read': 1, 'connections.create': 1 });
});

test('the own write is recognised where the SDK’s retry found a conflict', async () => {
  const store = await prepared('retried');
  const { seen, decide } = counting();
  const { result, item } = await change(store.connections, seed.id, decide, { writeId: 'w' });
  assert.deepEqual([result, item?.writeId, item?.revision], [1, 'w', 2]);
  assert.deepEqual(seen, [1]);
  assert.equal((await store.inner.connections.read(seed.id))?.revision, 2);
});

test('the own creation is recognised too', async () => {
  const store = createScriptedStore();
  store.disturb('connections.create', 'retried');
  const { seen, decide } = counting();
  const { result } = await change(store.connections, seed.id, decide, { writeId: 'w' });
  assert.equal(result, 1);
  assert.deepEqual(seen, [undefined]);
});

test('a write of another in between is seen, and decided on', async () => {
  const store = await prepared(async () => {
    await store.inner.connections.replace(seed, next(seed, { cause: 'theirs', writeId: 'other' }));
  });
  const { seen, decide } = counting();
  const { result, item } = await change(store.connections, seed.id, decide, { writeId: 'w' });
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual([result, item?.revision, item?.cause, item?.username], [2, 3, 'theirs', 'seen 2']);
});

test('a write of another that bears our id is not taken for ours before we have written', async () => {
  const store = await prepared();
  const { item } = await change(store.connections, seed.id, counting().decide, { writeId: seed.writeId });
  assert.equal(item?.revision, 2);
});

test('conflicts are bounded, and the error says what to do', async () => {
  const store = await prepared(...Array<Disturbance>(50).fill('refused'));
  const { seen, decide } = counting();
  const work = change(store.connections, seed.id, decide, { writeId: 'w' });
  await assert.rejects(
    work,
    (error) => error instanceof StoreUnavailableError && /10 times.*try again/.test(error.message),
  );
  assert.equal(seen.length, 10);
});

test('without persist, the first failure of the store is the caller’s', async () => {
  for (const disturbance of ['unavailable', 'answer_lost'] as const) {
    const store = await prepared(disturbance);
    const { seen, decide } = counting();
    await assert.rejects(change(store.connections, seed.id, decide, { writeId: 'w' }), StoreUnavailableError);
    assert.equal(seen.length, 1);
  }
});

test('with persist, a write is tried until the store takes it, and applied once', async () => {
  const clock = createSteppedClock();
  const store = await prepared('unavailable', 'unavailable', 'answer_lost');
  store.disturb('connections.read', 'unavailable');
  const persist = { clock, until: clock.now() + 10_000 };
  const { seen, decide } = counting();
  const { item } = await clock.run(change(store.connections, seed.id, decide, { writeId: 'w', persist }));
  assert.deepEqual([item?.revision, item?.writeId], [2, 'w']);
  assert.equal((await store.inner.connections.read(seed.id))?.revision, 2);
  assert.equal(seen.length, 3);
});

test('with persist, the tries end with their instant', async () => {
  const clock = createSteppedClock();
  const store = await prepared();
  store.disturbWhile('connections.replace', 'unavailable', () => true);
  const until = clock.now() + 10_000;
  const work = change(store.connections, seed.id, counting().decide, {
    writeId: 'w',
    seen: seed,
    persist: { clock, until },
  });
  await assert.rejects(clock.run(work), StoreUnavailableError);
  assert.ok(clock.now() < until && clock.now() >= until - 500, 'the tries did not last until their instant');
  assert.ok((store.calls.get('connections.replace') ?? 0) <= 40);
});

test('with persist, conflicts end a write no sooner than its instant', async () => {
  const clock = createSteppedClock();
  const store = await prepared(...Array<Disturbance>(25).fill('refused'));
  const persist = { clock, until: clock.now() + 10_000 };
  const { item } = await clock.run(change(store.connections, seed.id, counting().decide, { writeId: 'w', persist }));
  assert.equal(item?.writeId, 'w');
  store.disturbWhile('connections.replace', 'refused', () => true);
  const work = change(store.connections, seed.id, counting().decide, { writeId: 'x', persist });
  await assert.rejects(clock.run(work), StoreUnavailableError);
  assert.ok(clock.now() < persist.until);
});

test('persist does not hide what is no outage', async () => {
  const clock = createSteppedClock();
  const store = await prepared(() => {
    throw new TypeError('a bug');
  });
  const persist = { clock, until: clock.now() + 10_000 };
  await assert.rejects(
    clock.run(change(store.connections, seed.id, counting().decide, { writeId: 'w', persist })),
    TypeError,
  );
});
