/** The store contract on ledgers of grants. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UnreadableItemError } from '../../functions/core/errors.ts';
import { attemptsIdOf, type Ledger } from '../../functions/core/ledger.ts';
import { aConnection, aFullLedger, aLedger, aLedgerEntry, aSession, next, noon } from './items.ts';
import type { MakeStore } from './store-contract.ts';

const { id } = aConnection(1);
const attemptsId = attemptsIdOf('crm', { tenant: 'acme', integration: 'sync' });

export function ledgerContract(makeStore: MakeStore): void {
  describe('ledgers', () => {
    it('are read back as they were written, full ones too', async () => {
      const { ledgers } = await makeStore();
      assert.equal(await ledgers.create(aFullLedger(id)), 'written');
      assert.deepEqual(await ledgers.read(id), aFullLedger(id));
      assert.equal(await ledgers.read(aConnection(2).id), undefined);
    });

    it('of a connection and of an integration whose user is not known are apart', async () => {
      const store = await makeStore();
      await store.connections.create(aConnection(1));
      await store.ledgers.create(aLedger(id));
      await store.ledgers.create(aLedger(attemptsId, { entries: [aLedgerEntry(7)] }));
      assert.deepEqual((await store.ledgers.read(attemptsId))?.entries, [aLedgerEntry(7)]);
      assert.deepEqual((await store.ledgers.read(id))?.entries, [aLedgerEntry(1)]);
      assert.deepEqual(await store.connections.read(id), aConnection(1));
      assert.equal(await store.ledgers.read(attemptsIdOf('crm', { tenant: 'acme', integration: 'other' })), undefined);
    });

    it('are begun once, and changed at the revision that was read only', async () => {
      const { ledgers } = await makeStore();
      const first = aLedger(attemptsId);
      await ledgers.create(first);
      assert.equal(await ledgers.create(aLedger(attemptsId, { writeId: 'rival' })), 'conflict');
      const second = next(first, { entries: [...first.entries, aLedgerEntry(2)] });
      assert.equal(await ledgers.replace(first, second), 'written');
      assert.equal(await ledgers.replace(first, next(first, { entries: [] })), 'conflict');
      assert.deepEqual(await ledgers.read(attemptsId), second);
    });

    it('lose what a change takes out: entries, and a comparison that is left out or undefined', async () => {
      const { ledgers } = await makeStore();
      const compared = aFullLedger(id);
      await ledgers.create(compared);
      const { comparison: _gone, ...rest } = next(compared, { entries: [] });
      const emptied: Ledger = rest;
      assert.equal(await ledgers.replace(compared, emptied), 'written');
      assert.deepEqual(await ledgers.read(id), emptied);

      const again = next(emptied, { comparison: { at: noon } });
      await ledgers.replace(emptied, again);
      await ledgers.replace(again, next(again, { comparison: undefined }));
      assert.equal(Object.hasOwn((await ledgers.read(id))!, 'comparison'), false);
    });

    it('keep what another release noted in an entry', async () => {
      const { ledgers } = await makeStore();
      const entry = { ...aLedgerEntry(1), ofAnotherRelease: 'kept' };
      await ledgers.create(aLedger(id, { entries: [entry] }));
      const read = (await ledgers.read(id))!;
      await ledgers.replace(read, next(read, { entries: [...read.entries, aLedgerEntry(2)] }));
      assert.deepEqual((await ledgers.read(id))?.entries, [entry, aLedgerEntry(2)]);
    });

    it('that are damaged are refused, and the place is named', async () => {
      const { ledgers } = await makeStore();
      const damaged = [
        aLedgerEntry(1, { begunAt: 'canary' as unknown as number }),
        aLedgerEntry(2, { outcome: 'canary' as 'stored' }),
      ];
      await ledgers.create(aLedger(id, { entries: damaged }));
      await assert.rejects(ledgers.read(id), (error: unknown) => {
        assert.ok(error instanceof UnreadableItemError);
        assert.match(error.message, /entries\.0\.begunAt, entries\.1\.outcome/);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
    });

    it('are no holders of duties', async () => {
      const store = await makeStore({ shards: 1 });
      await store.ledgers.create(aFullLedger(id));
      await store.sessions.create(aSession(1));
      assert.deepEqual((await store.dueDuties(0, noon + 1_000_000, 10)).items, []);
    });
  });
}
