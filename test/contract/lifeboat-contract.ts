/** What every implementation of the port `Lifeboat` must do: its memory twin and the adapter on any engine of S3. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import { InvalidCursorError, type Lifeboat } from '../../functions/core/ports.ts';
import { codeEntry, connectionA, connectionB, dutyEntry, refreshEntry } from './lifeboat-entries.ts';

/** Started before the suite and stopped after it. */
export interface LifeboatEngine {
  start(): Promise<void>;
  /** An empty lifeboat, in a bucket of its own. */
  makeLifeboat(): Promise<Lifeboat>;
  stop(): Promise<void>;
}

/** @param name of the implementation, in the titles */
export function lifeboatContract(name: string, engine: LifeboatEngine): void {
  describe(`the lifeboat contract on ${name}`, () => {
    before(() => engine.start());
    after(() => engine.stop());
    keeping(engine);
    paging(engine);
  });
}

function keeping(engine: LifeboatEngine): void {
  const ofBefore = codeEntry('attempt-1');
  const { authorization } = ofBefore;
  const recorded = { fingerprint: '0123456789abcdef', ledgerId: 'crm/acme/contacts' };
  const claiming = { ...authorization, ...recorded, link: { ...authorization.link, claim: true } };
  const entries: readonly (readonly [string, LifeboatEntry])[] = [
    ['refresh', refreshEntry('attempt-1')],
    ['code', codeEntry('attempt-1', { authorization: claiming })],
    ['code (of the release before)', ofBefore],
    ['duty', dutyEntry('attempt-1')],
  ];
  for (const [kind, entry] of entries) {
    it(`gives a ${kind} entry back as it was put`, async () => {
      const lifeboat = await engine.makeLifeboat();
      await lifeboat.put(entry);
      assert.deepEqual(await lifeboat.ofConnection(connectionA), [entry]);
      assert.deepEqual(await lifeboat.list(10), { items: [entry] });
    });
  }

  it('holds nothing at first, which is no error', async () => {
    const lifeboat = await engine.makeLifeboat();
    assert.deepEqual(await lifeboat.ofConnection(connectionA), []);
    assert.deepEqual(await lifeboat.list(1000), { items: [] });
  });

  it('takes an entry twice and holds it once', async () => {
    const lifeboat = await engine.makeLifeboat();
    await lifeboat.put(refreshEntry('attempt-1'));
    await lifeboat.put(refreshEntry('attempt-1'));
    assert.deepEqual(await lifeboat.list(10), { items: [refreshEntry('attempt-1')] });
  });

  it('keeps each attempt of a connection apart, and each connection', async () => {
    const lifeboat = await engine.makeLifeboat();
    const ofA = [refreshEntry('attempt-1'), refreshEntry('attempt-2', { at: 2_000 })];
    const ofB = refreshEntry('attempt-1', { connectionId: connectionB });
    for (const entry of [...ofA, ofB]) await lifeboat.put(entry);
    assert.deepEqual(sorted(await lifeboat.ofConnection(connectionA)), sorted(ofA));
    assert.deepEqual(await lifeboat.ofConnection(connectionB), [ofB]);
  });

  it('does not take a connection for another whose id begins alike', async () => {
    const lifeboat = await engine.makeLifeboat();
    await lifeboat.put(refreshEntry('attempt-1', { connectionId: `${connectionA}B` }));
    assert.deepEqual(await lifeboat.ofConnection(connectionA), []);
  });

  it('keeps ids of any characters in their place', async () => {
    const lifeboat = await engine.makeLifeboat();
    const strange = refreshEntry('../a%2Fb c?#ü+', { connectionId: 'x/../c&=' });
    await lifeboat.put(strange);
    assert.deepEqual(await lifeboat.ofConnection('x/../c&='), [strange]);
    assert.deepEqual(await lifeboat.ofConnection('x'), []);
    await lifeboat.remove(strange);
    assert.deepEqual(await lifeboat.list(10), { items: [] });
  });

  it('removes that entry alone, also when asked again', async () => {
    const lifeboat = await engine.makeLifeboat();
    await lifeboat.put(refreshEntry('attempt-1'));
    await lifeboat.put(refreshEntry('attempt-2'));
    await lifeboat.remove({ connectionId: connectionA, attemptId: 'attempt-1' });
    await lifeboat.remove({ connectionId: connectionA, attemptId: 'attempt-1' });
    assert.deepEqual(await lifeboat.ofConnection(connectionA), [refreshEntry('attempt-2')]);
  });

  it('answers at most 100 entries of a connection', async () => {
    const lifeboat = await engine.makeLifeboat();
    const entries = Array.from({ length: 101 }, (_, number) => refreshEntry(`attempt-${number}`));
    await Promise.all(entries.map((entry) => lifeboat.put(entry)));
    assert.equal((await lifeboat.ofConnection(connectionA)).length, 100);
  });
}

function paging(engine: LifeboatEngine): void {
  /** In whatever order a locale has them, none may be left out: ids are of mixed case. */
  const entries = ['a', 'B', 'c', 'D', '_', '-', '0'].flatMap((attemptId) =>
    [connectionA, connectionB].map((connectionId) => refreshEntry(attemptId, { connectionId })),
  );

  for (const limit of [1, 3, 7, 14]) {
    it(`lists everything once in pages of at most ${limit}, while what was seen is removed`, async () => {
      const lifeboat = await engine.makeLifeboat();
      for (const entry of entries) await lifeboat.put(entry);
      const seen: LifeboatEntry[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages === 0 || cursor !== undefined; pages += 1) {
        assert.ok(pages <= entries.length, 'the list does not end');
        const page = await lifeboat.list(limit, cursor);
        assert.ok(page.items.length <= limit);
        seen.push(...page.items);
        for (const entry of page.items) await lifeboat.remove(entry);
        cursor = page.cursor;
      }
      assert.deepEqual(sorted(seen), sorted(entries));
      assert.deepEqual(await lifeboat.list(1000), { items: [] });
    });
  }

  for (const limit of [0, 1001, 1.5]) {
    it(`refuses a limit of ${limit}`, async () => {
      const lifeboat = await engine.makeLifeboat();
      await assert.rejects(lifeboat.list(limit), /limit must be an integer from 1 to 1000; got/);
    });
  }

  for (const cursor of ['', 'nonsense', 'x'.repeat(3000)]) {
    it(`refuses a cursor that it did not give out: ${cursor.slice(0, 10)}…`, async () => {
      const lifeboat = await engine.makeLifeboat();
      await assert.rejects(lifeboat.list(10, cursor), InvalidCursorError);
    });
  }
}

function sorted(entries: readonly LifeboatEntry[]): LifeboatEntry[] {
  const keyOf = ({ connectionId, attemptId }: LifeboatEntry) => `${connectionId} ${attemptId}`;
  return entries.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
